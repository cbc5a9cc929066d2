"""The system check of the time limits."""

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from questionnaire.checks import TIME_LIMITS


def complaints() -> list[str]:
    """Return what the check says."""
    return [error.msg for error in run_checks() if error.id == "questionnaire.E001"]


def test_the_settings_as_they_are_pass() -> None:
    assert complaints() == []


@pytest.mark.parametrize("shorter", TIME_LIMITS[:-1])
def test_two_limits_that_are_equal_are_refused(settings: Settings, shorter: str) -> None:
    longer = TIME_LIMITS[TIME_LIMITS.index(shorter) + 1]
    setattr(settings, shorter, getattr(settings, longer))
    assert complaints() == [f"{shorter} must be less than {longer}."]
