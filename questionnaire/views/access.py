"""Whose application a request may touch: the one in its session, or the draft that its own page names."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.crypto import salted_hmac

from events.models import Event
from events.prepared import PreparedQuery
from questionnaire.models import Application
from questionnaire.states import State
from questionnaire.views import new_link
from questionnaire.workflow.links import LIFETIME

P = ParamSpec("P")

SESSION_KEY = "application"
DRAFT_SALT = "questionnaire.draft"
DRAFT_INPUT = "draft"
DRAFT_LIFETIME = 24 * 3600  # seconds


def enter(request: HttpRequest, application: Application) -> None:
    """Let this browser act for the application from now on, under a new session key.

    It does so as long as the personal link that was sent meanwhile: applying may be open for longer than the two weeks
    of an ordinary session, and whoever began on the first day must still be able to submit on the last.
    """
    request.session.cycle_key()
    request.session.set_expiry(LIFETIME)
    request.session[SESSION_KEY] = application.public_id


def leave(request: HttpRequest) -> None:
    """Let this browser act for nobody any more."""
    request.session.pop(SESSION_KEY, None)


def public_id(request: HttpRequest) -> str:
    """Return the public id of the application that this browser may act for, or ""."""
    return str(request.session.get(SESSION_KEY, ""))


def current(request: HttpRequest) -> Application | None:
    """Return the application that this browser may act for, with its event and draft."""
    return _find(public_id(request))


def for_applicants(
    view: Callable[Concatenate[HttpRequest, Application, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Give a view the application that the browser may act for; without one, lead to a new personal link."""

    @wraps(view)
    def entered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        application = current(request)
        return view(request, application, *args, **kwargs) if application else new_link.lead_there(request)

    return entered


def current_for(request: HttpRequest, slug: str) -> tuple[Event, Application | None]:
    """Return a published event and the application to it that this browser may act for. Raises `Http404`.

    An event that is no longer published, as while its questionnaire is reworked, still takes in what was being typed.

    A page whose session is gone still names its unsubmitted draft, signed, so that what is typed on it
    finds its place; the browser then enters again.
    """
    application = current(request)
    if application is None or application.event.slug != slug:
        application = _find(_signed_public_id(request.POST.get(DRAFT_INPUT, "")))
        if application is None or application.event.slug != slug or application.state != State.DRAFT:
            return get_object_or_404(Event.objects.published(), slug=slug), None
        enter(request, application)
    if not application.event.published and request.method != "POST":
        raise Http404
    return application.event, application


def sign_draft(application: Application | None) -> str:
    """Return what a page carries so that it finds its draft again without a session."""
    return signing.dumps(application.public_id, salt=DRAFT_SALT) if application else ""


def draft_key(application: Application | None) -> str:
    """Return under which name a browser keeps what it could not save: it tells drafts apart and opens none."""
    return salted_hmac(DRAFT_SALT, application.public_id).hexdigest()[:16] if application else ""


def is_proved(application: Application) -> bool:
    """Return whether who acts here reads the mail of the address: only they may learn what became of it."""
    return application.email_proved_at is not None


def require_proved(application: Application) -> None:
    """Raise `Http404` unless who acts here came by a personal link."""
    if not is_proved(application):
        raise Http404


def may_see_content(application: Application) -> bool:
    """Return whether who acts here may see what the application holds.

    Whoever submitted without having opened a mailed link may have applied under an address that is not theirs;
    what was never submitted can only have been typed by themselves.
    """
    is_own_draft = application.state == State.DRAFT and application.submitted_revision is None
    return is_proved(application) or is_own_draft


def require_content(application: Application) -> None:
    """Raise `Http404` unless who acts here may see what the application holds."""
    if not may_see_content(application):
        raise Http404


def _signed_public_id(signature: str) -> str:
    try:
        return str(signing.loads(signature, salt=DRAFT_SALT, max_age=DRAFT_LIFETIME))
    except signing.BadSignature:
        return ""


_acted_for = PreparedQuery(
    lambda public_id: Application.objects.select_related("event", "draft").filter(public_id=public_id, erased_at=None)
)


def _find(public_id: str) -> Application | None:
    return _acted_for.first(public_id) if public_id else None


def keep_address_private(response: HttpResponse) -> HttpResponse:
    """Keep the address of a page, which holds a token, from leaving with the next request.

    The policy `no-referrer` would do it too, but under it browsers post a form with `Origin: null`, which no
    check of the origin can accept.
    """
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
