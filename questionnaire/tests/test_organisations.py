"""Which spellings of an organisation count as one."""

import pytest

from questionnaire.workflow.organisations import organisation_key


@pytest.mark.parametrize(
    ("one", "other"),
    [("SPIP du Rhône", "spip  du rhone"), ("Neustart (Graz)", "NEUSTART, Graz"), ("Ｐｒｏｂａｔｉｏｎ", "probation")],
)
def test_spellings_of_one_organisation(one: str, other: str) -> None:
    assert organisation_key(one) == organisation_key(other)


def test_other_organisations_stay_apart() -> None:
    assert organisation_key("SPIP 69") != organisation_key("SPIP 75")
