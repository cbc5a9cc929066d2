"""The limit for submitting: a Django view that validates a form of as many fields and inserts one row."""

import os
import secrets

import environ
from django import forms
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

TABLE = "benchmark_bare"
CREATE = f"CREATE TABLE {TABLE} (id bigserial PRIMARY KEY, content text NOT NULL)"
CREATE_ON_SQLITE = f"CREATE TABLE {TABLE} (id integer PRIMARY KEY, content text NOT NULL)"
FIELDS = "BENCHMARK_FIELDS"


def form_of(names: list[str]) -> type[forms.Form]:
    """Return a form with a field for each name."""
    return type("BareForm", (forms.Form,), {name: forms.CharField(max_length=5000) for name in names})


def submit(request: HttpRequest) -> HttpResponse:
    """Validate, insert, lead on."""
    form = BARE_FORM(request.POST)
    if not form.is_valid():
        return HttpResponse(status=400)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} (content) VALUES (%s)", [str(form.cleaned_data)])
    return HttpResponse(status=302, headers={"Location": "/"})


BARE_FORM = form_of(os.environ.get(FIELDS, "").split())
urlpatterns = [path("submit/", submit)]

if not settings.configured:
    settings.configure(
        SECRET_KEY=secrets.token_urlsafe(50),
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        MIDDLEWARE=[],
        DATABASES={"default": {**environ.Env.db_url_config(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": 60}},
    )
application = get_wsgi_application()
