"""The dashboard of an event: who sees it, what it says, and at which cost."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from events.models import Membership
from events.tests.admin_pages import client_of
from events.tests.factories import MembershipFactory
from questionnaire.admin.dashboard import bars, curve, gauge
from questionnaire.models import Answer, Application, Quota
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    AFTER_RELEASE,
    ApplicationFactory,
    QuestionFactory,
    ReviewFactory,
    SectionFactory,
)
from questionnaire.tests.team import APPLICATIONS, PAYLOAD, Team, make_team
from questionnaire.workflow.balance import Standing
from questionnaire.workflow.statistics import Period, Share

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    """Return an event and its team."""
    return make_team()


def ask(team: Team, client: Client, at: dt.datetime = AFTER_CLOSE) -> HttpResponse:
    """Open the dashboard."""
    with time_machine.travel(at, tick=False):
        return client.get(f"{APPLICATIONS}dashboard/{team.event.pk}/")


def shown(team: Team, at: dt.datetime = AFTER_CLOSE) -> str:
    """Return the dashboard as the organiser sees it, without line breaks and indents."""
    response = ask(team, client_of(team.organiser), at)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("person", "status"), [("organiser", 200), ("operator", 200), ("reviewer", 404), ("stranger", 404)]
)
def test_organisers_of_the_event_see_it(team: Team, person: str, status: int) -> None:
    assert ask(team, client_of(getattr(team, person))).status_code == status


def test_nobody_else_comes_near(team: Team) -> None:
    response = ask(team, Client())
    assert response.status_code == 302
    assert "login" in response.headers["Location"]
    assert client_of(team.organiser).get(f"{APPLICATIONS}dashboard/{'9' * 18}/").status_code == 404


def test_an_event_without_applications(team: Team) -> None:
    page = shown(team)
    for text in ("Nobody has begun an application yet.", "No quota is set", "Days to the promise"):
        assert text in page


def test_the_days_to_the_promise_and_a_broken_one(team: Team) -> None:
    ApplicationFactory(event=team.event)
    assert "<dd>7<span>Monday 29 November 2021" in shown(team)
    page = shown(team, AFTER_RELEASE + dt.timedelta(days=1))
    assert "the promise is broken" in page
    assert ">broken<" in page


def test_the_figures_lead_to_the_list_and_to_what_is_to_be_signed(team: Team) -> None:
    ApplicationFactory(event=team.event, country="DE", language="fr")
    ApplicationFactory(event=team.event, state=State.PROPOSED, outcome=Outcome.ACCEPT, country="")
    ApplicationFactory(event=team.event, state=State.WITHDRAWN, country="DE", language="fr")
    page = shown(team)
    assert f'/admin/questionnaire/selectionrun/{team.event.pk}/signature/">1<' in page
    for query, number in (("state=received", 2), ("state=submitted", 1), ("outcome=accept", 1)):
        assert f"?event={team.event.pk}&amp;{query}&quot;>{number}<".replace("&quot;", '"') in page
    for query in ("state=received&country=DE", "state=received&language=fr", "state=proposed"):
        link = f"{APPLICATIONS}?event={team.event.pk}&{query}"
        assert link.replace("&", "&amp;") in page
        assert client_of(team.organiser).get(link).context["cl"].result_count == 1  # type: ignore[attr-defined]
    assert '<th scope="row">no answer</th>' in page


def test_a_quota_is_met_or_not_in_words(team: Team) -> None:
    question = QuestionFactory(section=SectionFactory(event=team.event), kind="single_choice", options=["a", "b"])
    Quota.objects.create(event=team.event, question=question, values="a", minimum=1, maximum=2)
    Quota.objects.create(event=team.event, question=question, values="b", minimum=3)
    Quota.objects.create(event=team.event, question=question, maximum=0)
    application = ApplicationFactory(event=team.event, state=State.ACCEPTED)
    Answer.objects.create(application=application, question=question, value="a")
    page = shown(team)
    for text in ("</span> met", "1 to 2", "3 too few", "at least 3", "the pool has too few", "1 too many", "at most 0"):
        assert text in page


def test_reviewers_are_named_with_what_they_have_done(team: Team) -> None:
    team.reviewer.first_name, team.reviewer.last_name = "Anna", "Martin"
    team.reviewer.save()
    ReviewFactory(application=ApplicationFactory(event=team.event), reviewer=team.reviewer, mean_score=5)
    assert '<th scope="row">Anna Martin</th>' in shown(team)


def test_nothing_of_another_event_shows(team: Team) -> None:
    other = MembershipFactory(user=team.stranger).event
    ApplicationFactory(event=other, country="MT")
    MembershipFactory(event=other, role=Membership.Role.REVIEWER, user__username="elsewhere")
    page = shown(team)
    assert "Malta" not in page
    assert "elsewhere" not in page


def test_what_people_type_is_inert(team: Team) -> None:
    question = QuestionFactory(section=SectionFactory(event=team.event), label_en=PAYLOAD)
    Quota.objects.create(event=team.event, question=question, maximum=1)
    application = ApplicationFactory(event=team.event, state=State.ACCEPTED, target_group=PAYLOAD[:40])
    Answer.objects.create(application=application, question=question, value=PAYLOAD)
    page = shown(team)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_nothing_is_styled_in_place(team: Team) -> None:
    ApplicationFactory(event=team.event)
    page = shown(team)
    assert " style=" not in page
    assert "<style" not in page


def test_the_number_of_queries_does_not_grow(team: Team, django_assert_num_queries: Any) -> None:
    client = client_of(team.organiser)
    section = SectionFactory(event=team.event)
    counts = {}
    for number in (1, 3, 100):
        while Application.objects.count() < number:
            application = ApplicationFactory(event=team.event)
            ReviewFactory(application=application, mean_score=5)
            if number < 100:
                question = QuestionFactory(section=section)
                Quota.objects.create(event=team.event, question=question, maximum=1)
            Answer.objects.create(application=application, question=question, value="x")
        with django_assert_num_queries(24, exact=False) as asked:
            ask(team, client)
        counts[number] = len(asked)
    assert counts[1] == counts[3] == counts[100]


def test_the_index_and_the_list_lead_to_it(team: Team) -> None:
    client = client_of(team.organiser)
    address = f"{APPLICATIONS}dashboard/{team.event.pk}/"
    assert address in client.get("/admin/").content.decode()
    assert address in client.get(APPLICATIONS).content.decode()
    assert address not in client_of(team.reviewer).get(APPLICATIONS).content.decode()


def test_bars_are_as_long_as_their_numbers() -> None:
    made = bars("country", "t", "h", [Share("FR", "France", 200), Share("DE", "Germany", 50), Share("", "", 0)], "?e=1")
    assert [(bar.width, bar.percent, bar.url) for bar in made.bars] == [
        (1000, 80, "?e=1&country=FR"),
        (250, 20, "?e=1&country=DE"),
        (0, 0, ""),
    ]


def test_columns_stand_beside_each_other_and_on_the_ground() -> None:
    day = dt.date(2021, 11, 2)
    made = curve([Period(day, day, 4, 1), Period(day, day, 0, 2)])
    assert made is not None
    assert (made.highest, made.width, made.begun, made.submitted, made.by_weeks) == (4, 20, 4, 3, False)
    first, second = made.slots
    assert (first.begun_y, first.begun_height, first.submitted_y, first.submitted_height) == (0, 1000, 750, 250)
    assert (first.begun_x, first.submitted_x, second.begun_x) == (1, 5, 11)
    assert second.begun_height == 0


def test_nothing_to_draw_is_no_picture() -> None:
    day = dt.date(2021, 11, 2)
    assert curve([]) is None
    assert curve([Period(day, day, 0, 0)]) is None


def test_a_gauge_holds_whatever_is_largest() -> None:
    made = gauge(Standing("q", (), pool=5, selected=2, minimum=10, maximum=None, for_each_value=False))
    assert (made.pool, made.selected, made.minimum, made.maximum) == (500, 200, 1000, None)
