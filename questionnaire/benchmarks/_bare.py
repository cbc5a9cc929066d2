"""The limit for pages: a Django view that returns a ready string, without middleware, under the same gunicorn."""

import secrets
from functools import cache

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path


@cache
def body(size: int) -> bytes:
    """Return a body of `size` bytes."""
    return b"x" * size


def ready_string(_request: HttpRequest, size: int) -> HttpResponse:
    """Answer with as many bytes as the address says."""
    return HttpResponse(body(size))


urlpatterns = [path("<int:size>/", ready_string)]

settings.configure(
    SECRET_KEY=secrets.token_urlsafe(50), ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, MIDDLEWARE=[]
)
application = get_wsgi_application()
