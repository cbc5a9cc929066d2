"""The settings of ravisit, read from the environment (see docs/operators.md).

Nothing set: a laptop, with SQLite, an in-process cache and letters as files. A `BASE_URL` that is not
on this machine means production, which refuses to start on anything unsafe.
"""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()


def persistent_secret(path: Path) -> str:
    """Return the secret kept in `path`, made on the first call: a laptop's sessions outlive a restart."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x") as file:
            file.write(secrets.token_urlsafe(64))
        path.chmod(0o600)
    except FileExistsError:
        pass
    return path.read_text()


BASE_URL = env.str("BASE_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}").rstrip("/")
BASE_HOST = urlsplit(BASE_URL).hostname or ""
ON_A_LAPTOP = BASE_HOST in {"127.0.0.1", "localhost", "::1"}

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if ON_A_LAPTOP else [])
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="ravisit <ravisit@localhost>" if ON_A_LAPTOP else "")
EMAIL_URL = env.str("EMAIL_URL", default="")
REDIS_URL = env.str("REDIS_URL", default="")
DATABASE_URL = env.str("DATABASE_URL", default="")
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", default="")
BOUNCE_IMAP_URL = env.str("BOUNCE_IMAP_URL", default="")
LETTERS_PER_MINUTE = env.int("LETTERS_PER_MINUTE", default=0)
LETTERS_PER_MINUTE_PER_DOMAIN = env.int("LETTERS_PER_MINUTE_PER_DOMAIN", default=0)
# By what lies here a restored database is noticed: keep it apart from the database and from its backups.
OUTBOX_MARKS = env.str("OUTBOX_MARKS", default=str(VAR_DIR / "outbox"))
HEARTBEAT_URL = env.str("HEARTBEAT_URL", default="")
REQUIRE_2FA = env.bool("REQUIRE_2FA", default=not ON_A_LAPTOP)
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)


def unsafe_in_production() -> list[str]:
    """Name each setting that must not go into production as it is, with what to do about it."""
    rules = {
        "SECRET_KEY: set 50 random characters or more": len(SECRET_KEY) < 50,
        "DEBUG: leave it off": DEBUG,
        "ALLOWED_HOSTS: name the hosts, without *": not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS,
        "BASE_URL: use https": not BASE_URL.startswith("https://"),
        "DATABASE_URL: name a PostgreSQL database": not DATABASE_URL.startswith("postgres"),
        "REDIS_URL: name a Redis server": not REDIS_URL,
        "EMAIL_URL: name a mail server": not EMAIL_URL,
        "DEFAULT_FROM_EMAIL: name the sender": not DEFAULT_FROM_EMAIL,
    }
    return [advice for advice, broken in rules.items() if broken]


if HEARTBEAT_URL and not (urlsplit(HEARTBEAT_URL).scheme in {"http", "https"} and urlsplit(HEARTBEAT_URL).hostname):
    raise ImproperlyConfigured("HEARTBEAT_URL: the address that a monitor waits for, such as https://hc-ping.com/….")

if ON_A_LAPTOP:
    SECRET_KEY = SECRET_KEY or persistent_secret(VAR_DIR / "secret-key")
elif problems := unsafe_in_production():
    raise ImproperlyConfigured("Not safe for production. " + "; ".join(problems) + ".")

DATABASE_URL = DATABASE_URL or f"sqlite:///{VAR_DIR / 'ravisit.sqlite3'}"
EMAIL_URL = EMAIL_URL or f"filemail:///{VAR_DIR / 'mail'}"

INSTALLED_APPS = [
    "modeltranslation",
    "ravisit.apps.RavisitConfig",
    "ravisit.apps.RavisitAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    "crispy_forms",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "events",
    "questionnaire",
]

MIDDLEWARE = [
    "ravisit.page_cache.PageCacheMiddleware",
    "ravisit.middleware.RefuseNullCharactersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "ravisit.urls"
WSGI_APPLICATION = "ravisit.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["ecl"]
CRISPY_TEMPLATE_PACK = "ecl"
CRISPY_FAIL_SILENTLY = False

DATABASES = {"default": env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"] |= {"ENGINE": "ravisit.postgresql", "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    # PostgreSQL plans a statement once for each connection, not each time that it comes.
    DATABASES["default"].setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=2)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES: dict[str, dict[str, object]] = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# What a shared cache raises that cannot be reached. Without one, its client is not even loaded, for its memory.
SHARED_CACHE_ERRORS: tuple[type[Exception], ...] = ()
# Nobody waits longer for a Redis that has stopped answering: pages and letters go on without it.
REDIS_TIMEOUTS = {"socket_connect_timeout": 2, "socket_timeout": 2}  # seconds
if REDIS_URL:
    from redis.exceptions import RedisError

    SHARED_CACHE_ERRORS = (RedisError, OSError)
    CACHES["default"] = {
        "BACKEND": "ravisit.redis_cache.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": REDIS_TIMEOUTS,
    }
# Seconds for which a process may trust the version of the public content that it last saw. An in-process
# cache does not hear of what other processes save, so it asks the database more often.
CONTENT_VERSION_TTL = 60 if REDIS_URL else 5
# Seconds for which it does not even ask the shared cache, which would take as long as all the rest of a kept page.
CONTENT_VERSION_TRUST = 1 if REDIS_URL else 0

CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
else:
    CELERY_BROKER_URL = "filesystem://localhost//"  # kombu warns of an address without a host
    _QUEUE_DIR = VAR_DIR / "broker"
    (_QUEUE_DIR / "queue").mkdir(parents=True, exist_ok=True)  # kombu expects to find it
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_QUEUE_DIR / "queue"),
        "data_folder_out": str(_QUEUE_DIR / "queue"),
        "control_folder": str(_QUEUE_DIR / "control"),
    }

# Seconds, each shorter than the next (asserted by a system check): an answer that comes late must never
# meet a second worker that was given the same letter.
SMTP_FINAL_REPLY_TIMEOUT = 600
CELERY_TASK_TIME_LIMIT = 720
LETTER_LEASE = 900
BROKER_VISIBILITY_TIMEOUT = 3600
if REDIS_URL:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": BROKER_VISIBILITY_TIMEOUT, **REDIS_TIMEOUTS}

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_COOLOFF_MESSAGE = _("Too many failed attempts to log in. Please wait a quarter of an hour, then try again.")
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "questionnaire.views.throttle.client_address"
AXES_VERBOSE = False

SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "ravisit.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "questionnaire.views.failures.csrf_failure"
if BASE_URL.startswith("https://"):
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
UPLOAD_REQUEST_LIMIT = 25 * 1024 * 1024  # bytes, with files
FILE_UPLOAD_HANDLERS = [
    "questionnaire.forms.upload_limit.LimitedRequest",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Seconds that a person takes at least for a form which sends a letter to the address typed into it.
MINIMUM_FILL_SECONDS = 2

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "ravisit" / "locale"]
MODELTRANSLATION_DEFAULT_LANGUAGE = "en"
MODELTRANSLATION_FALLBACK_LANGUAGES = ("en",)
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = ["ravisit.formats"]

# Stored with each consent; raise it with every change of the privacy notice.
PRIVACY_NOTICE_VERSION = "3"

SITE_NAME = env.str("SITE_NAME", default="ravisit")

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static", VAR_DIR / "assets"]
WHITENOISE_USE_FINDERS = ON_A_LAPTOP
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR_DIR / "uploads")},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if ON_A_LAPTOP
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
}
