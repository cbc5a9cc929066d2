"""What the selection found, in words and in the active language: bounds, reasons, conflicts, what would help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q
from django.utils.formats import number_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.models import Event
from questionnaire.models import Application, Question
from questionnaire.models.labels import QUESTION_MARK, group_label
from questionnaire.workflow import selection
from questionnaire.workflow.review import round_half_up

NAMES_IN_A_SENTENCE = 5


@dataclass(frozen=True)
class Words:
    """The words for one event's selection: its questions, the names of people, what a mark is worth in points.

    `names` holds people, and with them organisations (by their first applicant), by public id. With `by_lot` equal
    scores are decided by lot.
    """

    questions: Mapping[str, Question]
    points: Fraction
    names: Mapping[str, str] = field(default_factory=dict)
    organisations: Mapping[str, str] = field(default_factory=dict)
    by_lot: bool = False

    @classmethod
    def of(cls, event: Event, points: Fraction, ids: Iterable[str] = (), *, by_lot: bool = False) -> Words:
        """Return the words for an event in four queries at most; `ids` are the people who may be named."""
        is_counted = Q(quotas__isnull=False) | Q(targets__isnull=False)
        questions = Question.objects.filter(is_counted, event=event).distinct()
        rows = Application.objects.filter(event=event, public_id__in=set(ids))
        names, organisations = {}, {}
        for row in rows.only("public_id", "first_name", "family_name", "organisation"):
            names[row.public_id] = str(row)
            organisations[row.public_id] = row.organisation
        by_key = {question.key: question for question in questions.prefetch_related("options", "rows")}
        return cls(by_key, points, names, organisations, by_lot)

    def score(self, marks: Fraction) -> str:
        """Return a score, or what is missing of one, on the scale from 0 to 10 with two decimal places."""
        exact = marks * self.points
        rounded = round_half_up(Decimal(exact.numerator) / Decimal(exact.denominator))
        return str(number_format(rounded, decimal_pos=2))

    def people(self, ids: Iterable[str]) -> str:
        """Return the names of people as a list in words, cut where it gets long."""
        everyone = [self.names.get(person, person) for person in ids]
        shown = everyone[:NAMES_IN_A_SENTENCE]
        if rest := len(everyone) - len(shown):
            shown.append(ngettext("%(number)d more", "%(number)d more", rest) % {"number": rest})
        return str(get_text_list(shown, _("and")))

    def group(self, attribute: str, value: str) -> str:
        """Return what people call those whom a quota counts."""
        question = self.questions.get(attribute)
        if question is None:
            return f"{attribute} {value}".strip()
        return group_label(question, value)

    def limited(self, bound: selection.Bound) -> str:
        """Return what a bound is on."""
        if bound.kind == "capacity":
            return _("Places")
        if bound.kind == "quota":
            return self.group(bound.attribute, bound.value)
        named = self.organisations.get(bound.value)
        return _("Organisation: %(name)s") % {"name": named} if named else _("One organisation")

    def bound(self, bound: selection.Bound) -> str:
        """Return one side of a limit."""
        text = _("%(group)s: at least %(number)d") if bound.side == "min" else _("%(group)s: at most %(number)d")
        if bound.kind == "capacity":
            text = _("%(group)s: %(number)d")
        return text % {"group": self.limited(bound), "number": bound.limit}

    def change(self, change: selection.Change) -> str:
        """Return a change of a bound."""
        changed = self.bound(replace(change.bound, limit=change.to))
        return _("%(bound)s instead of %(former)d") % {"bound": changed, "former": change.bound.limit}

    def finding(self, finding: selection.Finding) -> str:
        """Return a conflict that counting alone shows."""
        return str(_FINDINGS[finding.code]) % {
            "group": self.group(finding.attribute, finding.value).rstrip(QUESTION_MARK) if finding.attribute else "",
            "needed": finding.needed,
            "available": finding.available,
        }

    def diagnosis(self, diagnosis: selection.Diagnosis) -> Conflict:
        """Return why no selection holds, and what would help."""
        return Conflict(
            findings=tuple(self.finding(finding) for finding in diagnosis.findings),
            bounds=tuple(self.bound(bound) for bound in diagnosis.bounds),
            relaxations=tuple(
                tuple(self.change(change) for change in relaxation.changes) for relaxation in diagnosis.relaxations
            ),
            pins_matter=diagnosis.pins_matter,
        )

    def reason(self, why: selection.Explanation) -> str:
        """Return why somebody is in or out, to be read after that word."""
        values = {"points": self.score(why.points_missing) if why.points_missing is not None else ""}
        draw = why.code == "selected" and not why.points_missing
        code = "drawn" if draw else why.code
        reasons = _REASONS | _BY_LOT if self.by_lot else _REASONS
        sentences = [str(reasons[code]) % values]
        if why.code in ("selected", "needed"):
            kept = [self.bound(full.bound) for full in why.full_quotas]
            if kept:
                sentences.append(_("Counts for: %(bounds)s.") % {"bounds": " · ".join(kept)})
        elif why.code not in ("pinned_in", "pinned_out"):
            sentences += self._what_would_do(why)
        return " ".join(sentences)

    def at_a_glance(self, full: Iterable[selection.Bound]) -> str:
        """Return what the counts alone say of somebody: which limits are full for them."""
        return " ".join(
            _("Full: %(group)s (%(limit)d).") % {"group": self.limited(bound), "limit": bound.limit} for bound in full
        )

    def _what_would_do(self, why: selection.Explanation) -> list[str]:
        sentences = [
            _("Full: %(group)s (%(limit)d).") % {"group": self.limited(full.bound), "limit": full.bound.limit}
            if full.opens_at is None
            else _("Full: %(group)s (%(limit)d); would be in with %(opens)d.")
            % {"group": self.limited(full.bound), "limit": full.bound.limit, "opens": full.opens_at}
            for full in why.full_quotas
        ]
        if why.first_capacity is not None:
            sentences.append(_("Would be in with %(places)d places in all.") % {"places": why.first_capacity})
        return sentences

    def cost(self, why: selection.Explanation) -> str:
        """Return what it would cost to place somebody on the other side, and who would move along."""
        if why.points_missing is None:
            return ""
        values = {
            "points": self.score(why.points_missing),
            "leaving": self.people(why.displaced),
            "entering": self.people(why.entering),
        }
        if why.displaced and why.entering:
            return _("%(points)s points; %(leaving)s would leave, %(entering)s would enter.") % values
        if why.displaced:
            return _("%(points)s points; %(leaving)s would leave.") % values
        if why.entering:
            return _("%(points)s points; %(entering)s would enter.") % values
        return _("%(points)s points.") % values

    def error(self, error: selection.SelectionError) -> str:
        """Return why there is no answer; `Infeasible` has its own: `diagnosis`."""
        match error:
            case selection.ScoreMissing():
                return ngettext(
                    "%(number)d application has no finished review: %(names)s.",
                    "%(number)d applications have no finished review: %(names)s.",
                    len(error.ids),
                ) % {"number": len(error.ids), "names": self.people(error.ids)}
            case selection.PinConflict() if error.quota is not None:
                return _("The people placed by hand cannot all stay so: %(bound)s. Concerned: %(names)s.") % {
                    "bound": self.bound(error.quota),
                    "names": self.people(error.ids),
                }
            case selection.InvalidProblem() if error.quota is not None:
                return _(
                    "The quotas contradict each other. %(group)s: at least %(minimum)d and at most %(maximum)d. "
                    "Change one of the two."
                ) % {
                    "group": self.group(error.quota.attribute, error.quota.value),
                    "minimum": error.quota.min,
                    "maximum": error.quota.max,
                }
            case selection.InvalidProblem():
                return _("The quotas contradict each other: one of them admits nobody.")
            case selection.NodeLimit():
                return _("The quotas are too intricate for a proven answer. Take one of them out and try again.")
            case _:
                return _("The selection could not be solved. Nothing was changed.")


@dataclass(frozen=True)
class Conflict:
    """Why no selection holds, in words: what adds up wrongly, the smallest conflict, and up to three ways out."""

    findings: tuple[str, ...]
    bounds: tuple[str, ...]
    relaxations: tuple[tuple[str, ...], ...]
    pins_matter: bool


def concerned(error: selection.SelectionError) -> frozenset[str]:
    """Return the public ids that an error names, of people and of organisations."""
    match error:
        case selection.Infeasible():
            changed = (change.bound for option in error.diagnosis.relaxations for change in option.changes)
            return frozenset(bound.value for bound in (*error.diagnosis.bounds, *changed))
        case selection.ScoreMissing():
            return frozenset(error.ids)
        case selection.PinConflict():
            return frozenset({*error.ids, error.quota.value if error.quota else ""})
        case _:
            return frozenset()


def named_in(why: selection.Explanation) -> frozenset[str]:
    """Return the public ids that the words of an explanation name."""
    return frozenset({*why.displaced, *why.entering, *(full.bound.value for full in why.full_quotas)})


_FINDINGS = {
    "too_few_candidates": gettext_lazy("There are %(available)d candidates for %(needed)d places."),
    "min_above_pool": gettext_lazy("%(group)s: at least %(needed)d wanted, and only %(available)d applied."),
    "min_above_pool_per_org": gettext_lazy(
        "%(group)s: at least %(needed)d wanted, and the most per organisation lets in only %(available)d."
    ),
    "minima_above_capacity": gettext_lazy(
        "%(group)s: the minima add up to %(needed)d, and there are %(available)d places."
    ),
    "maxima_below_capacity": gettext_lazy(
        "%(group)s: the maxima let in %(available)d in all, and there are %(needed)d places."
    ),
    "per_org_below_capacity": gettext_lazy(
        "The most per organisation lets in %(available)d in all, and there are %(needed)d places."
    ),
}
_REASONS = {
    "pinned_in": gettext_lazy("Placed by hand."),
    "pinned_out": gettext_lazy("Placed by hand."),
    "needed": gettext_lazy("Without this person the quotas could not all be kept."),
    "selected": gettext_lazy("The best selection without this person scores %(points)s points less."),
    "drawn": gettext_lazy("By the time of submission: another selection has the same score."),
    "impossible": gettext_lazy("No selection with this person keeps every quota."),
    "tie": gettext_lazy("By the time of submission: the scores are equal."),
    "target": gettext_lazy("For the wished shares: the score is within the tolerance."),
    "quota": gettext_lazy("By a quota: the best selection with this person scores %(points)s points less."),
    "score": gettext_lazy("By the score: the best selection with this person scores %(points)s points less."),
}
_BY_LOT = {
    "drawn": gettext_lazy("By lot: another selection has the same score."),
    "tie": gettext_lazy("By lot: the scores are equal."),
}
