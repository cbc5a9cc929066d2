"""What participants say afterwards: once each, without the person, shown from three answers on."""

import datetime as dt

import pytest

from questionnaire.models import Application, Feedback
from questionnaire.states import State
from questionnaire.tests.factories import ApplicationFactory
from questionnaire.workflow import feedback

pytestmark = pytest.mark.django_db

SAID = {"programme": 5, "speakers": 4, "usefulness": None, "interpretation": 3, "organisation": 5, "liked": "PAIRS"}


@pytest.fixture
def ada() -> Application:
    """Return somebody who took part."""
    return ApplicationFactory(state=State.CONFIRMED)


def give(application: Application, **said: int | str | None) -> None:
    """Let somebody say what they think, right after the event."""
    feedback.give(application, {**SAID, **said}, language="en", now=application.event.ends_at)


def test_it_is_given_once(ada: Application) -> None:
    give(ada)
    with pytest.raises(feedback.CannotGive):
        give(ada)
    assert Feedback.objects.count() == 1


def test_nothing_leads_from_what_was_said_to_the_person(ada: Application) -> None:
    give(ada)
    columns = {field.name for field in Feedback._meta.get_fields()}
    assert columns == {"id", "event", "language", *Feedback.RATINGS, *Feedback.TEXTS}
    assert not any(isinstance(value, dt.datetime) for value in Feedback.objects.values_list().get())


@pytest.mark.parametrize("state", [State.ACCEPTED, State.WITHDRAWN, State.DECLINED])
def test_only_who_took_part_is_asked(ada: Application, state: State) -> None:
    Application.objects.update(state=state)
    with pytest.raises(feedback.CannotGive):
        give(ada)


def test_nobody_is_asked_before_the_end(ada: Application) -> None:
    assert not feedback.can_give(ada, ada.event.ends_at - dt.timedelta(seconds=1))


def test_figures_are_shown_from_three_answers_on(ada: Application) -> None:
    for number, other in enumerate([ada, *ApplicationFactory.create_batch(2, event=ada.event, state=State.CONFIRMED)]):
        assert not feedback.summary(ada.event).is_shown
        assert feedback.table(ada.event)[1] == []
        give(other, programme=number + 3, liked=f"text {number}")
    shown = feedback.summary(ada.event)
    assert (shown.answers, shown.invited) == (3, 3)
    programme = next(rating for rating in shown.ratings if rating.key == "programme")
    assert (programme.numbers, programme.mean) == ((0, 0, 1, 1, 1), 4.0)
    usefulness = next(rating for rating in shown.ratings if rating.key == "usefulness")
    assert (usefulness.given, usefulness.mean) == (0, None)
    assert set(shown.texts[0][1]) == {"text 0", "text 1", "text 2"}
    assert len(feedback.table(ada.event)[1]) == 3
