"""A limit on requests that can cause a letter: twenty a minute from one address of the network."""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

REQUESTS_PER_MINUTE = 20
MINUTE = 60  # seconds
TOO_MANY_REQUESTS = 429
NOT_TO_RETURN = frozenset({"csrfmiddlewaretoken", "password"})


def client_address(request: HttpRequest) -> str:
    """Return the network address of the client, taken from `X-Forwarded-For` only behind trusted proxies.

    Each proxy appends the address that it saw, so with `TRUSTED_PROXIES` = n the n-th entry from the
    right was written by the outermost proxy of ours; anything further left is the client's own claim.
    """
    header = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    seen = [part.strip() for part in header.split(",") if part.strip()]
    if settings.TRUSTED_PROXIES and len(seen) >= settings.TRUSTED_PROXIES:
        return seen[-int(settings.TRUSTED_PROXIES)]
    return str(request.META.get("REMOTE_ADDR", ""))


def over_limit(request: HttpRequest) -> bool:
    """Count this request, and return whether its client has had more than its share within the minute.

    While the shared cache is away nobody is held back: what people type does not depend on it.
    """
    try:
        return _count(f"throttle:{client_address(request)}") > REQUESTS_PER_MINUTE
    except settings.SHARED_CACHE_ERRORS:
        return False


def _count(key: str) -> int:
    if cache.add(key, 1, timeout=MINUTE):  # asked first: most requests are their client's only one of the minute
        return 1
    try:
        return cache.incr(key)
    except ValueError:  # the minute ended just now
        return 1


def posted(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what a form of ours posted, name by name, without what must not stand in a page."""
    return [
        (name, str(value)) for name, values in request.POST.lists() for value in values if name not in NOT_TO_RETURN
    ]


def refusal(request: HttpRequest) -> HttpResponse:
    """Ask to wait a minute, and hand back what was typed, to be sent again."""
    response = render(request, "questionnaire/too_many.html", {"typed": posted(request)}, status=TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(MINUTE)
    return response
