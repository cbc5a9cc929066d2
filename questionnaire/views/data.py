"""Your data: read it, print it, take it away, have it erased."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from questionnaire.models import Application
from questionnaire.views import access
from questionnaire.workflow import retention


@never_cache
@require_safe
@access.for_applicants
def overview(request: HttpRequest, application: Application) -> HttpResponse:
    """Show everything that is known of the person, ready to be printed or saved as PDF."""
    access.require_content(application)
    has_changes = application.submitted_revision != application.draft.revision
    context = {
        "event": application.event,
        "application": application,
        "data": _everything(application),
        "draft_groups": retention.typed_answers(application) if has_changes else [],
        "state": retention.public_state(application),
        "history": retention.public_history(application),
    }
    return render(request, "questionnaire/data.html", context)


@never_cache
@require_safe
@access.for_applicants
def download(_request: HttpRequest, application: Application) -> HttpResponse:
    """Give all of it as one JSON file."""
    access.require_content(application)
    response = JsonResponse(_everything(application), json_dumps_params={"ensure_ascii": False, "indent": 2})
    response.headers["Content-Disposition"] = f'attachment; filename="{application.event.slug}.json"'
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@access.for_applicants
def erase(request: HttpRequest, application: Application) -> HttpResponse:
    """Ask whether to erase everything; do so on POST."""
    access.require_content(application)
    if request.method == "POST":
        retention.erase(application, now=timezone.now())
        access.leave(request)
        return render(request, "questionnaire/erased.html", {"event": application.event})
    context = {"event": application.event, "application": application, "state": retention.public_state(application)}
    return render(request, "questionnaire/erase.html", context)


def _everything(application: Application) -> dict[str, object]:
    return retention.everything(application, now=timezone.now(), with_letters=access.is_proved(application))
