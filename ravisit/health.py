"""Whether this process lives, and whether it can serve: for load balancers and operators."""

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
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


def database_answers() -> bool:
    """Return whether the database answers a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


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
    checks = {"database": database_answers(), "cache": cache_answers()}
    found = {name: "ok" if works else "no answer" for name, works in checks.items()}
    if checks["database"]:
        silence = heartbeat.silence(timezone.now())
        found["letters"] = f"{silence.summary} silent" if silence else "ok"
    return JsonResponse(found, status=200 if all(checks.values()) else 503)
