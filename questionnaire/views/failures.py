"""A form that came without its proof of origin: refused, but what was typed is handed back."""

from http import HTTPStatus
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache

from questionnaire.views import throttle


def is_from_here(request: HttpRequest) -> bool:
    """Return whether the browser says that the form stood on a page of this site."""
    source = request.META.get("HTTP_ORIGIN") or request.META.get("HTTP_REFERER", "")
    return bool(source) and urlsplit(source).netloc == request.get_host()


@never_cache
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django passes it
    """Answer 403, and where the form was ours, offer what was typed again with a fresh proof.

    The usual cause is a browser whose cookies were cleared in the middle. Nothing is stored: the person
    sees where it goes and presses the button, or does not.
    """
    context = {"typed": throttle.posted(request) if is_from_here(request) else []}
    with translation.override(translation.get_language_from_request(request, check_path=True)):
        return render(request, "questionnaire/csrf_failure.html", context, status=HTTPStatus.FORBIDDEN)
