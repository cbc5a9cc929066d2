"""The quick table of a list in admin: cell by cell what Django's own would show."""

import pytest
from django.contrib.admin.templatetags.admin_list import results
from django.test.html import parse_html

from events.tests.admin_pages import client_of
from questionnaire.states import Outcome
from questionnaire.templatetags.quick_results import rows
from questionnaire.tests.factories import AFTER_CLOSE, ApplicationFactory, ReviewFactory
from questionnaire.tests.team import APPLICATIONS, PAYLOAD, make_team
from questionnaire.workflow import decision

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("query", ["", "?country=DE&o=1"])  # with filters, which the links keep
def test_each_row_is_as_django_would_show_it(query: str) -> None:
    team = make_team()
    full = ApplicationFactory(event=team.event, country="DE", mean_score="7.25", organisation=PAYLOAD, first_name="Zoé")
    ApplicationFactory(event=team.event, country="DE", organisation="", family_name="", language="fr")
    ReviewFactory(application=full, reviewer=team.reviewer)
    decision.propose([full], Outcome.ACCEPT, by=team.second, at=AFTER_CLOSE)
    shown = client_of(team.organiser).get(APPLICATIONS + query).context["cl"]
    quick = ["".join(row) for row in rows(shown)]
    assert len(quick) == 2
    assert [parse_html(row) for row in quick] == [parse_html("".join(row)) for row in results(shown)]
