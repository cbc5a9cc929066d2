"""The list of applications: who sees what, in which order, and at which cost."""

from typing import Any

import pytest

from events.models import Event, Membership
from events.tests.admin_pages import client_of
from events.tests.factories import MembershipFactory
from questionnaire.models import Application
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    WHILE_OPEN,
    ApplicationFactory,
    AssignmentFactory,
    QuestionFactory,
    ReviewFactory,
    SectionFactory,
)
from questionnaire.tests.team import APPLICATIONS, PAYLOAD, Team, make_team
from questionnaire.workflow import decision, organising, review

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    """Return an event and its team."""
    return make_team()


def html(response: Any) -> str:
    """Return the page behind a successful answer."""
    assert response.status_code == 200
    return str(response.content.decode())


def names(response: Any) -> list[str]:
    """Return the family names in the list, in its order."""
    html(response)
    return [row.family_name for row in response.context["cl"].result_list]


def test_organisers_see_each_column(team: Team) -> None:
    section = SectionFactory(event=team.event)
    QuestionFactory(section=section, fills="target_group", kind="single_choice", options=["psychology"])
    application = ApplicationFactory(
        event=team.event,
        first_name="Zoé",
        family_name="Müller",
        country="DE",
        organisation="Prison Service",
        target_group="psychology",
        language="fr",
        mean_score="7.25",
        review_count=2,
    )
    decision.propose([application], Outcome.ACCEPT, by=team.second, at=AFTER_CLOSE)
    page = html(client_of(team.organiser).get(APPLICATIONS))
    for shown in ("Müller Zoé", "Germany", "Prison Service", "Option psychology", "French", "7.25"):
        assert shown in page
    assert "decision proposed" in page
    assert ">accept<" in page
    assert "10 Nov 2021" in page


def test_countries_are_named_in_the_readers_language(team: Team) -> None:
    ApplicationFactory(event=team.event, country="DE")
    client = client_of(team.organiser)
    client.cookies["django_language"] = "fr"
    assert "Allemagne" in html(client.get(APPLICATIONS))


def test_a_draft_is_nobodys_business(team: Team) -> None:
    draft = ApplicationFactory(event=team.event, state=State.DRAFT)
    client = client_of(team.organiser)
    assert names(client.get(APPLICATIONS)) == []
    assert client.get(f"{APPLICATIONS}{draft.pk}/change/").status_code == 302


def test_a_stranger_sees_nothing_of_the_event(team: Team) -> None:
    application = ApplicationFactory(event=team.event, family_name="Secret")
    client = client_of(team.stranger)
    assert "Secret" not in html(client.get(APPLICATIONS))
    assert names(client.get(f"{APPLICATIONS}?event={team.event.pk}")) == []
    assert names(client.get(f"{APPLICATIONS}?q=Secret")) == []
    assert client.get(f"{APPLICATIONS}{application.pk}/change/").status_code == 302


def test_who_is_in_no_team_is_kept_out(team: Team) -> None:
    person = MembershipFactory().user
    Membership.objects.filter(user=person).delete()
    assert client_of(person).get(APPLICATIONS).status_code == 403


def test_the_operator_sees_every_event(team: Team) -> None:
    ApplicationFactory(event=team.event, family_name="Anybody")
    assert names(client_of(team.operator).get(f"{APPLICATIONS}?event={team.event.pk}")) == ["Anybody"]


def test_reviewers_see_neither_decisions_nor_scores(team: Team) -> None:
    application = ApplicationFactory(event=team.event, mean_score="6.54", review_count=3, email="hidden@example.org")
    AssignmentFactory(application=application, reviewer=team.reviewer)
    decision.propose([application], Outcome.ACCEPT, by=team.second, at=AFTER_CLOSE)
    page = html(client_of(team.reviewer).get(APPLICATIONS))
    assert application.family_name in page
    for hidden in ("6.54", "accept", "proposed", "hidden@example.org", "?state", "?outcome"):
        assert hidden not in page


@pytest.mark.parametrize(
    "query", ["outcome=accept", "outcome__exact=accept", "state=proposed", "mean_score__gte=5", "email__startswith=a"]
)
def test_reviewers_cannot_ask_for_what_they_must_not_see(team: Team, query: str) -> None:
    assert client_of(team.reviewer).get(f"{APPLICATIONS}?{query}").status_code == 400


def test_reviewers_search_no_addresses(team: Team) -> None:
    found = ApplicationFactory(event=team.event, email="findme@example.org")
    AssignmentFactory(application=found, reviewer=team.reviewer)
    assert names(client_of(team.reviewer).get(f"{APPLICATIONS}?q=findme")) == []
    assert len(names(client_of(team.organiser).get(f"{APPLICATIONS}?q=findme"))) == 1


def test_reviewers_do_not_see_who_withdrew(team: Team) -> None:
    withdrawn = ApplicationFactory(event=team.event, state=State.WITHDRAWN)
    AssignmentFactory(application=withdrawn, reviewer=team.reviewer)
    assert names(client_of(team.reviewer).get(APPLICATIONS)) == []
    assert len(names(client_of(team.organiser).get(APPLICATIONS))) == 1


def test_reviewers_see_what_is_still_to_do(team: Team) -> None:
    todo, conflicting, done = (ApplicationFactory(event=team.event, family_name=name) for name in ("T", "C", "D"))
    for application in (todo, conflicting, done):
        AssignmentFactory(application=application, reviewer=team.reviewer)
    review.declare(conflicting, team.reviewer, conflict=True, at=AFTER_CLOSE)
    ReviewFactory(application=done, reviewer=team.reviewer, mean_score="8.00")
    client = client_of(team.reviewer)
    assert "8.00" in html(client.get(APPLICATIONS))
    assert names(client.get(f"{APPLICATIONS}?mine=todo")) == [todo.family_name]
    assert names(client.get(f"{APPLICATIONS}?mine=conflict")) == [conflicting.family_name]
    assert names(client.get(f"{APPLICATIONS}?mine=done")) == [done.family_name]


def test_another_reviewers_score_is_not_shown_as_ones_own(team: Team) -> None:
    application = AssignmentFactory(application__event=team.event, reviewer=team.reviewer).application
    ReviewFactory(application=application, mean_score="1.23")
    page = html(client_of(team.reviewer).get(APPLICATIONS))
    assert "1.23" not in page
    assert "to do" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=withdrawn", ["Gone"]),
        ("state=received", ["Declined", "Austrian"]),
        ("outcome=decline", ["Declined"]),
        ("outcome=none", ["Gone", "Austrian"]),
        ("country=AT", ["Austrian"]),
        ("language=fr", ["Declined"]),
        ("country=XX", []),
        ("state=nonsense", []),
        ("q=austri", ["Austrian"]),
        ("q=first+austri", ["Austrian"]),
    ],
)
def test_filters_and_search(team: Team, query: str, found: list[str]) -> None:
    ApplicationFactory(event=team.event, family_name="Austrian", first_name="First", country="AT")
    ApplicationFactory(event=team.event, family_name="Declined", outcome=Outcome.DECLINE, language="fr")
    ApplicationFactory(event=team.event, family_name="Gone", state=State.WITHDRAWN)
    assert names(client_of(team.organiser).get(f"{APPLICATIONS}?{query}")) == found


def test_one_event_at_a_time(team: Team) -> None:
    other = MembershipFactory(user=team.organiser, event__title_en="Next year").event
    ApplicationFactory(event=team.event, family_name="Here")
    ApplicationFactory(event=other, family_name="There")
    client = client_of(team.organiser)
    assert names(client.get(f"{APPLICATIONS}?event={team.event.pk}")) == ["Here"]
    assert names(client.get(f"{APPLICATIONS}?event={other.pk}")) == ["There"]
    assert "Next year" in html(client.get(APPLICATIONS))


def test_organiser_of_one_event_and_reviewer_of_another(team: Team) -> None:
    mixed = MembershipFactory(event=team.event, role=Membership.Role.REVIEWER).user
    own = MembershipFactory(user=mixed).event
    ApplicationFactory(event=own, mean_score="9.11")
    AssignmentFactory(application__event=team.event, application__mean_score="3.33", reviewer=mixed)
    client = client_of(mixed)
    assert "9.11" in html(client.get(f"{APPLICATIONS}?event={own.pk}"))
    assert "3.33" not in html(client.get(f"{APPLICATIONS}?event={team.event.pk}"))
    assert client.get(f"{APPLICATIONS}?event={team.event.pk}&outcome=accept").status_code == 400


@pytest.mark.parametrize("descending", ["", "-"])
@pytest.mark.parametrize("column", range(1, 13))
def test_each_column_sorts(team: Team, column: int, descending: str) -> None:
    for number in range(3):
        ApplicationFactory(
            event=team.event,
            family_name=f"Name {number}",
            country=["AT", "BE", "CY"][number],
            organisation=f"Service {number}",
            target_group=f"group{number}",
            mean_score=number,
            adjusted_score=number - 2,
            spread=number,
            review_count=number,
        )
    found = names(client_of(team.organiser).get(f"{APPLICATIONS}?o={descending}{column}"))
    assert sorted(found) == ["Name 0", "Name 1", "Name 2"]
    if column in {1, 2, 3, 4, 8, 9, 10, 11}:
        assert found == sorted(found, reverse=bool(descending))


def test_the_unscored_stand_at_the_foot_of_the_best(team: Team) -> None:
    for name, mean in (("none", None), ("low", 1), ("high", 9)):
        ApplicationFactory(event=team.event, family_name=name, mean_score=mean)
    assert names(client_of(team.organiser).get(f"{APPLICATIONS}?o=-8")) == ["high", "low", "none"]


@pytest.mark.parametrize("role", ["organiser", "reviewer"])
def test_the_number_of_queries_does_not_grow(team: Team, role: str, django_assert_num_queries: Any) -> None:
    client = client_of(getattr(team, role))
    counts = {}
    for number in (1, 3, 100):
        while Application.objects.count() < number:
            application = ApplicationFactory(event=team.event)
            AssignmentFactory(application=application, reviewer=team.reviewer)
            ReviewFactory(application=application, mean_score=5)
            organising.add_tag(team.event, "seen", [application.pk])
        with django_assert_num_queries(17, exact=False) as asked:
            client.get(APPLICATIONS)
        counts[number] = len(asked)
    assert counts[1] == counts[3] == counts[100]


def test_the_list_does_not_count_to_its_end(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("questionnaire.admin.application_list.LOOK_AHEAD", 10)
    ApplicationFactory.create_batch(70, event=team.event)
    client = client_of(team.organiser)
    assert "more than 60 applications" in html(client.get(APPLICATIONS))
    second = client.get(f"{APPLICATIONS}?p=2")
    assert "70 applications" in html(second)
    assert len(names(second)) == 20


@pytest.mark.parametrize("page", ["0", "999", "-1", "x", "9" * 40, "²"])
def test_a_page_that_does_not_exist(team: Team, page: str) -> None:
    ApplicationFactory.create_batch(51, event=team.event)
    response = client_of(team.organiser).get(APPLICATIONS, {"p": page}, follow=True)
    assert response.status_code == 200


@pytest.mark.parametrize("query", ["event=" + "9" * 40, "event=x", "e=1", "o=99.-99.x", "q=" + "x" * 5000])
def test_odd_addresses_are_answered(team: Team, query: str) -> None:
    response = client_of(team.organiser).get(f"{APPLICATIONS}?{query}", follow=True)
    assert response.status_code in {200, 400}


def test_a_nul_in_the_search(team: Team) -> None:
    assert client_of(team.organiser).get(f"{APPLICATIONS}?q=%00").status_code == 400


@pytest.mark.parametrize("object_id", ["0", "9" * 40, "x", "-1", "1%2F2"])
def test_an_id_that_does_not_exist(team: Team, object_id: str) -> None:
    response = client_of(team.organiser).get(f"{APPLICATIONS}{object_id}/change/")
    assert response.status_code in {302, 404}


def test_what_people_type_is_inert(team: Team) -> None:
    ApplicationFactory(event=team.event, family_name=PAYLOAD, organisation=PAYLOAD)
    page = html(client_of(team.organiser).get(APPLICATIONS))
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_an_empty_list_says_what_to_do(team: Team) -> None:
    client = client_of(team.organiser)
    assert "Nobody has applied yet" in html(client.get(APPLICATIONS))
    ApplicationFactory(event=team.event)
    assert "No application fits" in html(client.get(f"{APPLICATIONS}?q=nobody"))


@pytest.mark.parametrize("address", ["add/", "1/delete/", "1/history/"])
def test_applications_are_not_added_deleted_or_edited(team: Team, address: str) -> None:
    assert client_of(team.operator).get(APPLICATIONS + address).status_code in {302, 404}


def test_the_application_shows_when_it_came(team: Team) -> None:
    ApplicationFactory(event=team.event, submitted_at=WHILE_OPEN)
    assert "10 Nov 2021, 13.00" in html(client_of(team.organiser).get(APPLICATIONS))  # Paris, not UTC


def test_organisers_find_by_tag_and_by_disagreement_and_reviewers_cannot(team: Team) -> None:
    for name, spread in {"near": 1, "far": 3}.items():
        made = ApplicationFactory(event=team.event, family_name=name, spread=spread, adjusted_score="6.12")
    organising.add_tag(team.event, "Call back", [made.pk])
    client = client_of(team.organiser)
    assert names(client.get(f"{APPLICATIONS}?disagree=yes")) == ["far"]
    assert names(client.get(f"{APPLICATIONS}?tag=Call+back")) == ["far"]
    assert names(client.get(f"{APPLICATIONS}?tag=unknown")) == []
    shown = html(client.get(APPLICATIONS))
    assert "Call back" in shown
    assert "6.12" in shown
    as_reviewer = html(client_of(team.reviewer).get(APPLICATIONS))
    for secret in ("Call back", "6.12", "disagree"):
        assert secret not in as_reviewer
    for query in ("tag=Call+back", "disagree=yes", "tags__name=Call+back", "spread__gte=3", "adjusted_score__gte=1"):
        assert client_of(team.reviewer).get(f"{APPLICATIONS}?{query}").status_code == 400


def test_a_spread_that_is_far_is_written_as_the_language_writes_numbers(team: Team) -> None:
    ApplicationFactory(event=team.event, spread="3.80")
    client = client_of(team.organiser)
    client.cookies["django_language"] = "fr"
    assert "3,80 <strong" in html(client.get(APPLICATIONS))


@pytest.mark.parametrize(
    ("person", "anonymous", "words"),
    [
        ("organiser", False, "Name, organisation or e-mail address."),
        ("reviewer", False, "Name or organisation."),
        ("reviewer", True, ">Organisation.<"),
    ],
)
def test_the_search_says_what_it_looks_through_for_this_person(
    team: Team, person: str, anonymous: bool, words: str
) -> None:
    Event.objects.filter(pk=team.event.pk).update(anonymous_review=anonymous)
    assert words in html(client_of(getattr(team, person)).get(APPLICATIONS))


def test_a_choice_among_events_is_offered_where_there_are_several(team: Team) -> None:
    ApplicationFactory(event=team.event)
    client = client_of(team.organiser)
    assert "By event" not in html(client.get(APPLICATIONS))
    MembershipFactory(user=team.organiser)
    assert "By event" in html(client.get(APPLICATIONS))
