"""Whether this process lives, and whether it can serve: for load balancers and operators."""

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from questionnaire.workflow import heartbeat


@never_cache
@require_safe
def live(_request: HttpRequest) -> JsonResponse:
    """Answer 200: the process takes requests."""
    return JsonResponse({"status": "ok"})


def cache_answers() -> bool:
    """Return whether the cache takes a value."""
    try:
        cache.set("health", "ok", timeout=10)
    except settings.SHARED_CACHE_ERRORS:
        return False
    return True


@never_cache
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when database and cache answer, else 503, and say which does not.

    Whether letters leave stands beside it for the operator and makes no 503: this process can serve all the same.
    """
    found = {"cache": "ok" if cache_answers() else "no answer"}
    try:
        silence = heartbeat.silence(timezone.now())
    except DatabaseError:  # it cannot be reached, or its tables are still to be made
        found["database"] = "no answer"
    else:
        found |= {"database": "ok", "letters": f"{silence.summary} silent" if silence else "ok"}
    return JsonResponse(found, status=503 if "no answer" in found.values() else 200)
