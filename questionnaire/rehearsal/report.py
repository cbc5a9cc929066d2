"""The report of a rehearsal, made from its outcome: in words for a terminal, and as one HTML file with its pictures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.functional import Promise as LazyText
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from questionnaire.models import Fault, LetterKind
from questionnaire.rehearsal import charts
from questionnaire.states import State

STYLE = "css/rehearsal.css"

PROMISES: dict[str, tuple[str | LazyText, str | LazyText]] = {
    "applications_lost": (
        _("No application is lost"),
        _("What was submitted and acknowledged on the screen is stored as it was typed, once for each address."),
    ),
    "drafts_lost": (
        _("No draft is lost"),
        _("What was typed and saved, and never submitted, is still there."),
    ),
    "letters_lost": (
        _("No letter is lost"),
        _("Each letter that was written has arrived, and each act has its receipt."),
    ),
    "letters_doubled": (
        _("No letter arrives twice"),
        _("At most one copy more for each sender killed, or cut off, in the middle of a letter."),
    ),
    "copies_differ": (_("Every copy is the same"), _("Two copies of a letter have the same bytes.")),
    "two_decisions": (
        _("Nobody gets two different decisions"),
        _("Only a place on the waiting list may be followed by an acceptance."),
    ),
    "letters_early": (
        _("Nobody learns anything before the hour"),
        _("No letter leaves before its hour, and no applicant’s own page changes before the decision hour."),
    ),
    "letters_late": (_("No letter is given up"), _("Each arrives within the four days for which it is tried.")),
    "scores_lost": (_("No score is lost"), _("What reviewers gave on their pages is stored as they gave it.")),
    "decided_alone": (
        _("Nobody decides alone"),
        _("Each decision and the release were signed by somebody else than who proposed or ordered them."),
    ),
    "decisions_missing": (
        _("Everyone has an answer by the promised day"),
        _("Whoever’s application stood at the decision hour got a decision in time."),
    ),
    "answers_untimely": (
        _("Each answer counts until its deadline, and none after it"),
        _("Also for those who were offered a place later, whose deadline is their own, to the second."),
    ),
    "places_overfilled": (
        _("No place is given twice"),
        _("At no moment do more people hold a place than there are places."),
    ),
    "places_unfilled": (
        _("No place stays empty while somebody waits"),
        _("At the end, nobody on the waiting list could have taken a free place and kept the quotas."),
    ),
    "quotas_kept": (_("The quotas are kept"), _("The group that was accepted keeps every firm quota.")),
    "stumbles": (_("Nobody gets stuck"), _("Everyone could go on from every page that they came to.")),
    "pages_failing": (_("No page fails"), _("No request was answered with an error of the server.")),
    "pages_slow": (_("Pages are quick"), _("At most one request in a hundred takes longer than a second.")),
}

ACTS: dict[str, str | LazyText] = {
    "stage": _("setting the stage"),
    "announcement": _("the announcement"),
    "applying": _("people apply"),
    "reviewing": _("reviewers score"),
    "selecting": _("the selection"),
    "release": _("the decisions leave"),
    "answering": _("people answer"),
    "afterwards": _("the event and after"),
    "checking": _("checking every promise"),
}


def act_in_words(act: str) -> str:
    """Return the name of an act for people; of an unknown one, nothing."""
    return str(ACTS.get(act, ""))


HABITS: dict[str, str | LazyText] = {
    "on_time": _("apply in one go"),
    "in_pieces": _("come back to a draft"),
    "last_second": _("submit in the last minute"),
    "too_late": _("submit too late"),
    "twice": _("press twice and apply again"),
    "changes": _("change answers"),
    "withdraws": _("withdraw"),
    "gives_up": _("never finish"),
    "colleague": _("did not apply, and come in a colleague’s place"),
}


@dataclass(frozen=True)
class Promise:
    """One promise in the reader's language, with what became of it."""

    key: str
    title: str
    meaning: str
    looked_at: int
    broken: int
    details: list[str]

    @property
    def verdict(self) -> str:
        """Return what became of it, in a word."""
        if self.broken:
            return gettext("broken")
        return gettext("kept") if self.looked_at else gettext("no case")


@dataclass(frozen=True)
class Report:
    """An outcome as people read it, in the active language."""

    outcome: Mapping[str, Any]

    @property
    def figures(self) -> Mapping[str, Any]:
        """Return the figures."""
        figures: Mapping[str, Any] = self.outcome["figures"]
        return figures

    @cached_property
    def promises(self) -> list[Promise]:
        """Return the promises, those that were broken first."""
        return sorted(map(_promise, self.outcome["findings"]), key=lambda promise: not promise.broken)

    @property
    def broken(self) -> int:
        """Return how many promises were broken."""
        return sum(promise.broken > 0 for promise in self.promises)

    @property
    def verdict(self) -> str:
        """Return the outcome in a sentence."""
        if not self.broken:
            return gettext("Every promise was kept.")
        return ngettext("%(number)d promise was broken.", "%(number)d promises were broken.", self.broken) % {
            "number": self.broken
        }

    def title(self, language: str) -> str:
        """Return the title of the event."""
        return str(self.figures["event"]["titles"].get(language, self.figures["event"]["slug"]))

    @property
    def faults(self) -> list[str]:
        """Return what was broken on purpose."""
        return [str(Fault(fault).label) for fault in self.figures["faults"]]

    @property
    def tiles(self) -> list[tuple[str, int]]:
        """Return the figures that stand on top."""
        figures = self.figures
        return [
            (gettext("Applicants"), figures["applicants"]),
            (gettext("Places"), figures["event"]["places"]),
            (gettext("Letters"), sum(figures["letters"].values())),
            (gettext("Requests"), sum(page["number"] for page in figures["pages"])),
            (gettext("Workers killed"), figures["kills"]),
            (gettext("Faults of the mail server"), sum(figures["smtp_faults"].values())),
            (gettext("Extra copies"), figures["extra_copies"]),
        ]

    @property
    def tables(self) -> list[tuple[str, list[tuple[str, int]]]]:
        """Return the tables of numbers: how people went about it, where they stand, which letters arrived."""
        figures = self.figures
        return [
            (gettext("How they applied"), _named(figures["habits"], HABITS)),
            (gettext("Where applications stand at the end"), _named(figures["states"], dict(State.choices))),
            (gettext("Letters by kind"), _named(figures["letters"], dict(LetterKind.choices))),
        ]

    @cached_property
    def charts(self) -> list[charts.Chart]:
        """Return the pictures."""
        return charts.draw(self.figures)

    @property
    def seconds(self) -> int:
        """Return how long the rehearsal took."""
        return int(self.outcome["seconds"])


def _promise(row: Mapping[str, Any]) -> Promise:
    title, meaning = PROMISES[row["key"]]
    details = [gettext(text) % values for text, values in row["details"]]
    return Promise(row["key"], str(title), str(meaning), row["looked_at"], row["broken"], details)


def _named(counts: Mapping[str, int], names: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return counts under the names that people know, in the order of the names."""
    known = [(str(name), counts[key]) for key, name in names.items() if key in counts]
    return known + [(key, number) for key, number in counts.items() if key not in names]


def lines(report: Report, language: str) -> Iterator[str]:
    """Yield the report for a terminal."""
    figures = report.figures
    yield report.title(language)
    yield gettext("%(applicants)d applicants, %(places)d places, seed %(seed)d") % {
        "applicants": figures["applicants"],
        "places": figures["event"]["places"],
        "seed": figures["seed"],
    }
    if report.faults:
        yield gettext("Broken on purpose: %(faults)s") % {"faults": ", ".join(report.faults)}
    for change in figures["relaxed"]:
        yield gettext("No selection kept all quotas, so one gave way: %(quota)s") % {"quota": change}
    yield ""
    for promise in report.promises:
        yield f"{'✗' if promise.broken else '✓'} {promise.verdict:<9} {promise.title} ({promise.looked_at})"
        yield from (f"      {detail}" for detail in promise.details)
        if promise.broken > len(promise.details):
            yield f"      … {promise.broken}"
    yield ""
    for name, number in report.tiles:
        yield f"{number:>7}  {name}"
    yield ""
    yield report.verdict


def html(report: Report, language: str, *, made_at: dt.datetime) -> str:
    """Return the report as one file that needs nothing else: no script, no other file."""
    found = finders.find(STYLE) or settings.STATIC_ROOT / STYLE
    style = Path(str(found)).read_text(encoding="utf-8")
    # A style sheet of ours, which nobody types into; escaped, its quotes and child selectors would break.
    context = {"report": report, "language": language, "style": mark_safe(style), "made_at": made_at}
    return render_to_string("questionnaire/rehearsal/file.html", {**context, "title": report.title(language)})
