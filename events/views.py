"""What the public reads, and the pages for when something goes wrong."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from events import calendar, pages
from events.models import Event
from events.pages import PublicPage, public
from events.schedule import schedule


@public
def index(request: HttpRequest) -> PublicPage:
    """Show the published events, open ones first."""
    now = timezone.now()
    events = list(Event.objects.published().open_first(now))
    context = {"offers": [pages.Offer(event, now) for event in events]}
    return PublicPage.from_template(request, "events/index.html", context, pages.next_change(events, now))


@public
def event_page(request: HttpRequest, slug: str) -> PublicPage:
    """Show an event."""
    offer = pages.Offer(_published(slug), timezone.now())
    return pages.page_of_event(request, "events/event.html", offer, pages.event_context)


@public
def agenda_page(request: HttpRequest, slug: str) -> PublicPage:
    """Show an event's agenda."""
    offer = pages.Offer(_published(slug), timezone.now())
    return pages.page_of_event(request, "events/agenda.html", offer, pages.agenda_context)


@require_safe
def calendar_file(_request: HttpRequest, slug: str) -> HttpResponse:
    """Give an event's agenda as a calendar file."""
    event = _published(slug)
    content = calendar.calendar(event, list(event.sessions.all()), timezone.now())
    disposition = f'attachment; filename="{calendar.file_name(event)}"'
    return HttpResponse(content, calendar.CONTENT_TYPE, headers={"Content-Disposition": disposition})


@require_safe
def schedule_file(_request: HttpRequest, slug: str) -> HttpResponse:
    """Give an event's agenda to conference apps, which run on other sites too."""
    event = _published(slug)
    content = schedule(event, list(event.sessions.all()))
    return JsonResponse(content, headers={"Access-Control-Allow-Origin": "*"})


@public
def statement(request: HttpRequest, name: str) -> PublicPage:
    """Show the privacy or the accessibility statement; each is written whole in each language."""
    events = Event.objects.published().filter(shredded_at=None)
    return PublicPage.from_template(request, f"events/{name}_{translation.get_language()}.html", {"events": events})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django names it
    """Answer a request that cannot be understood."""
    return _failure(request, HTTPStatus.BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django names it
    """Answer someone who may not see this."""
    return _failure(request, HTTPStatus.FORBIDDEN)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django names it
    """Answer a request for what is not there, or not to be seen."""
    return _failure(request, HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer after a fault of ours, without touching the database."""
    return _failure(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def _published(slug: str) -> Event:
    return get_object_or_404(Event.objects.published(), slug=slug)


def _failure(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    # The fault may have come before the language was found out.
    with translation.override(translation.get_language_from_request(request, check_path=True)):
        return render(request, f"{status.value}.html", status=status)
