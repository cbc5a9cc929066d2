"""The command that measures."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from questionnaire.management.commands import benchmark


def test_a_package_that_only_tests_need_is_named_when_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_name: str) -> None:
        raise ModuleNotFoundError(name="hypothesis.strategies")

    monkeypatch.setattr(benchmark, "import_module", fail)
    with pytest.raises(CommandError, match=r"^This needs hypothesis: pip install -r requirements-dev.txt$"):
        call_command("benchmark", "fuzz")


def test_what_benchmarks_share_is_none_itself() -> None:
    assert {"fuzz", "questionnaire", "random_questionnaires"} <= set(benchmark.runnable())
    assert not [name for name in benchmark.runnable() if name.startswith("_")]
