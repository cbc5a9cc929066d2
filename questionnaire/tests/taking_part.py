"""An event after its release: who was accepted and told, who waits."""

from collections.abc import Iterable

from events.models import Event
from events.tests.factories import EventFactory, UserFactory
from questionnaire.models import Application, Letter, LetterKind, LetterStatus, Release
from questionnaire.states import RELEASES_TO, Outcome, State
from questionnaire.tests.factories import DECISION_HOUR, LetterTemplateFactory
from questionnaire.tests.selecting import applicant, selectable
from questionnaire.workflow import letters, transitions
from questionnaire.workflow.preflight import LETTER_OF


def released_event(*, places: int = 3) -> Event:
    """Return an event with criteria, a question on the country and every letter, whose decisions are out."""
    event = selectable(EventFactory(), places=places)
    for kind in LetterKind:
        LetterTemplateFactory(event=event, kind=kind)
    Release.objects.create(
        event=event,
        ordered_by=UserFactory(),
        ordered_at=DECISION_HOUR,
        signed_by=UserFactory(),
        signed_at=DECISION_HOUR,
        released_at=DECISION_HOUR,
        letters=1,
    )
    return event


def accepted(event: Event, name: str, *scores: Iterable[int], told: bool = True, **columns: str) -> Application:
    """Return somebody who was accepted in the release; unless `told`, their letter has not left."""
    return _released(event, Outcome.ACCEPT, name, scores, told=told, columns=columns)


def waiting(event: Event, name: str, *scores: Iterable[int], **columns: str) -> Application:
    """Return somebody whom the release put on the waiting list."""
    return _released(event, Outcome.WAITING_LIST, name, scores, told=True, columns=columns)


def _released(
    event: Event,
    outcome: Outcome,
    name: str,
    scores: Iterable[Iterable[int]],
    *,
    told: bool,
    columns: dict[str, str],
) -> Application:
    number = event.applications.count()
    decided = applicant(event, name, *scores, minutes=number, state=State.SIGNED_OFF, outcome=outcome, **columns)
    [moved] = transitions.move([decided], RELEASES_TO[outcome], at=DECISION_HOUR)
    letter = letters.queue(LETTER_OF[outcome], moved, at=DECISION_HOUR)
    if told:
        Letter.objects.filter(pk=letter.pk).update(status=LetterStatus.SENT, sent_at=DECISION_HOUR, due_at=None)
    return moved


def states(event: Event) -> dict[str, str]:
    """Return where everybody stands, by first name."""
    return dict(event.applications.order_by("pk").values_list("first_name", "state"))


def kinds_to(application: Application) -> list[str]:
    """Return the kinds of letters that were written to somebody, in their order."""
    return list(application.letters.order_by("pk").values_list("kind", flat=True))
