"""The limit for submitting: a Django view that validates a form of as many fields and inserts one row, no more.

It stands behind the middleware of a new Django project, since no form on the web can do without a session and a
check of its origin.
"""

import os
import secrets
from functools import cache

import environ
from django import forms
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_protect

FIELDS = "BENCHMARK_FIELDS"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

if not settings.configured:
    settings.configure(
        SECRET_KEY=secrets.token_urlsafe(50),
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
        MIDDLEWARE=MIDDLEWARE,
        DATABASES={"default": {**environ.Env.db_url_config(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": 60}},
    )
application = get_wsgi_application()


class BareRow(models.Model):
    """What is inserted."""

    content = models.JSONField()

    class Meta:
        app_label = "benchmark"

    def __str__(self) -> str:
        return str(self.pk)


@cache
def bare_form() -> type[forms.Form]:
    """Return a form with as many fields as `FIELDS` names."""
    names = os.environ[FIELDS].split()
    return type("BareForm", (forms.Form,), {name: forms.CharField(max_length=5000) for name in names})


@csrf_protect
def submit(request: HttpRequest) -> HttpResponse:
    """Validate, insert, lead on."""
    request.session.get("visitor")
    form = bare_form()(request.POST)
    if not form.is_valid():
        return HttpResponse(status=400)
    BareRow(content=form.cleaned_data).save()
    return HttpResponse(status=302, headers={"Location": "/"})


urlpatterns = [path("submit/", submit)]
