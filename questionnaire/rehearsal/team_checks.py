"""Holds what the team does against what is stored: scores and signatures. Shares no rule with the workflow."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from questionnaire.rehearsal.evidence import Evidence, Finding

UNSIGNED = frozenset({"submitted", "proposed"})
DECIDED = frozenset({"accepted", "waiting_list", "declined"})


def scores_lost(evidence: Evidence) -> Finding:
    """What reviewers gave on their pages is stored as they gave it; with a conflict of interest, nothing is."""
    found = Finding("scores_lost")
    for (application, reviewer), given in evidence.ledger.opinions.items():
        stored = evidence.scores.get((application, reviewer), {})
        text = _("application %(number)d, reviewer %(who)s: %(given)s was given, %(stored)s is stored")
        fine = stored == (given or {})
        found.look(fine, text, number=application, who=reviewer, given=str(given), stored=str(stored))
    return found


def decided_alone(evidence: Evidence) -> Finding:
    """Nobody alone decides: whoever signed a decision did not propose it, nor order the release that they signed."""
    found = Finding("decided_alone")
    proposed_by: dict[int, int | None] = {}
    for row in evidence.transitions:
        if row.to_state == "proposed":
            proposed_by[row.application_id] = row.by_id
        elif row.to_state == "signed_off":
            alone = row.by_id is None or row.by_id == proposed_by.get(row.application_id)
            found.look(not alone, _("%(who)s: proposed and signed by one person"), who=row.application.email)
        elif row.from_state in UNSIGNED and row.to_state in DECIDED:
            found.fail(_("%(who)s: never signed"), who=row.application.email)
    if (release := evidence.release) is not None and release.released_at:
        two = release.signed_by_id is not None and release.signed_by_id != release.ordered_by_id
        found.look(two, _("the release was ordered and signed by one person"))
    return found
