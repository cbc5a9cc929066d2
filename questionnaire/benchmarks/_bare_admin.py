"""The limit for lists: Django's own changelist, with its stock settings, on bare tables of as many rows.

The tables stand in the database of the site that is measured, copied from its applications by `make_tables`.
"""

import os

import environ
from django.conf import settings
from django.contrib import admin
from django.core.wsgi import get_wsgi_application
from django.db import models
from django.urls import path

COUNTS = (1_000, 10_000, 100_000)
COLUMNS = (
    "family_name",
    "country",
    "organisation",
    "target_group",
    "language",
    "state",
    "outcome",
    "mean_score",
    "review_count",
    "submitted_at",
)

settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": environ.Env.db_url_config(os.environ["DATABASE_URL"]) | {"CONN_MAX_AGE": 60}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    STATIC_URL="/static/",
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "questionnaire.benchmarks",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
)
application = get_wsgi_application()


class Row(models.Model):
    """What the list of applications shows of one."""

    family_name = models.CharField(max_length=120)
    country = models.CharField(max_length=2)
    organisation = models.CharField(max_length=200)
    target_group = models.CharField(max_length=40)
    language = models.CharField(max_length=2)
    state = models.CharField(max_length=12)
    outcome = models.CharField(max_length=12)
    mean_score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    review_count = models.PositiveSmallIntegerField()
    submitted_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.family_name


class RowAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The stock list, of as many rows on a page."""

    list_display = COLUMNS
    list_per_page = 50


for count in COUNTS:
    meta = type("Meta", (), {"app_label": "benchmarks", "managed": False, "db_table": f"benchmark_{count}"})
    model = type(f"Row{count}", (Row,), {"__module__": __name__, "Meta": meta})
    admin.site.register(model, RowAdmin)

urlpatterns = [path("admin/", admin.site.urls)]
