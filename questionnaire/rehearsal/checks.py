"""Holds each promise against what happened. Shares no rule with the workflow: each check says itself what is right."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_noop as _

from questionnaire.models import LetterKind, LetterStatus, Question, Quota, Upload
from questionnaire.rehearsal.evidence import ACCEPTING, DECIDING, HOLDING, Evidence, Finding, folded, plain, plain_set
from questionnaire.rehearsal.ledger import Record, Told, Typed
from questionnaire.rehearsal.team_checks import decided_alone, scores_lost

Kind = Question.Kind
SLOW = 1.0  # seconds
SLOW_SHARE = 0.01  # of the pages that may be slower
TIME_TO_ASK = dt.timedelta(days=2)  # before the event begins: later, nobody can be asked by letter any more
TRIED_FOR = dt.timedelta(days=4)
"""How long a letter is tried at least: one that arrives within this time of its hour was not given up."""

RECEIPTS = {
    Told.SUBMITTED: LetterKind.RECEIPT,
    Told.WITHDRAWN: LetterKind.WITHDRAWAL_RECEIPT,
    Told.CONFIRMED: LetterKind.CONFIRMATION_RECEIPT,
    Told.TURNED_DOWN: LetterKind.TURNED_DOWN_RECEIPT,
}


def applications_lost(evidence: Evidence) -> Finding:
    """What was submitted, and acknowledged on the screen, is stored as it was typed, once for each address."""
    found = Finding("applications_lost")
    for record in evidence.ledger.records:
        if record.submitted is None:
            continue
        rows = evidence.standing(record.email)
        found.look(len(rows) == 1, _("%(who)s: %(number)d applications"), who=record.email, number=len(rows))
        for row in rows[:1]:
            wrong = _wrong_answers(evidence, record.submitted, evidence.answers[row.pk])
            found.look(not wrong, _("%(who)s: %(what)s"), who=record.email, what=", ".join(wrong))
    return found


def drafts_lost(evidence: Evidence) -> Finding:
    """What was typed and saved, and never submitted, is still in the draft."""
    found = Finding("drafts_lost")
    for record in evidence.ledger.records:
        if record.submitted is not None or not record.saved:
            continue
        rows = [row for row in evidence.applications[folded(record.email)] if row.state == "draft"]
        stored = rows[-1].draft.values if rows else {}
        wrong = [
            name
            for name, values in record.saved.items()
            if name not in record.files and plain_set(values) != plain_set(stored.get(name, ()))
        ]
        found.look(bool(rows), _("%(who)s: there is no draft"), who=record.email)
        if rows:
            found.look(not wrong, _("%(who)s: %(what)s"), who=record.email, what=", ".join(wrong))
    return found


def _wrong_answers(evidence: Evidence, typed: Typed, stored: Mapping[str, Any]) -> list[str]:
    wrong = []
    for question in evidence.questions:
        answer = stored.get(question.key)
        if answer is None:
            # A question that other answers made superfluous leaves none.
            missing = not question.conditions.all() and _was_typed(question, typed)
            wrong += [question.key] if missing else []
        elif not _is_as_typed(question, typed, answer.value):
            wrong.append(question.key)
    return wrong


def _was_typed(question: Question, typed: Typed) -> bool:
    names = [f"{question.key}-{row.key}" for row in question.rows.all()] or [question.key]
    return any(plain_set(typed.get(name, ())) for name in names)


def _is_as_typed(question: Question, typed: Typed, value: Any) -> bool:
    given = [plain(one) for one in typed.get(question.key, ())]
    last = given[-1] if given else ""
    match question.kind:
        case Kind.FILE:
            return Upload.objects.filter(public_id=value, size__gt=0).exists()
        case Kind.MATRIX:
            rows = {row.key: typed.get(f"{question.key}-{row.key}") or [""] for row in question.rows.all()}
            return bool(value == {key: plain(values[-1]) for key, values in rows.items() if plain(values[-1])})
        case Kind.MULTIPLE_CHOICE:
            return set(value) == set(given) - {""}
        case Kind.YES_NO:
            return bool(value == (last == "yes"))
        case Kind.ACKNOWLEDGEMENT:
            return value is True and bool(last)
        case _:
            return str(value) == last


def letters_lost(evidence: Evidence) -> Finding:
    """Every letter that was written has arrived, unless it was taken back; every act has its receipt."""
    found = Finding("letters_lost")
    for letter in evidence.letters:
        if letter.status == LetterStatus.CANCELLED or letter.release_at > evidence.ended_at:
            continue
        text = _("%(who)s: “%(letter)s” is %(status)s and has not arrived")
        arrived = letter.message_id in evidence.first_copies
        found.look(arrived, text, who=letter.recipient, letter=letter.kind, status=letter.status)
    for record in evidence.ledger.records:
        kinds = evidence.kinds_at[folded(record.email)]
        for told, kind in RECEIPTS.items():
            if record.was_told(told):
                text = _("%(who)s was told “%(told)s” and has no letter “%(letter)s”")
                found.look(kind in kinds, text, who=record.email, told=told, letter=kind)
    return found


def decisions_missing(evidence: Evidence) -> Finding:
    """Everyone whose application stood at the decision hour has an answer, by the promised day."""
    found = Finding("decisions_missing")
    end = evidence.event.promise_ends_at
    in_time = defaultdict(set)
    for mail in evidence.first_copies.values():
        if mail.at < end:
            in_time[folded(mail.recipient)].add(evidence.kind_of.get(mail.message_id, ""))
    for record in evidence.ledger.records:
        if _stands(evidence, record):
            answered = bool(in_time[folded(record.email)] & DECIDING)
            found.look(answered, _("%(who)s: no answer before %(when)s"), who=record.email, when=_moment(end))
    return found


def _stands(evidence: Evidence, record: Record) -> bool:
    return evidence.told_before(record, evidence.event.decisions_at) in {Told.SUBMITTED, Told.TOO_LATE} and (
        record.submitted is not None
    )


def letters_doubled(evidence: Evidence) -> Finding:
    """No letter arrives twice, but for one copy for each sender that a fault tore away in the middle of a letter."""
    found = Finding("letters_doubled")
    faults = evidence.ledger.faults
    allowed = faults.kills * evidence.senders + faults.smtp["dot cut"]
    extras = {key: number - 1 for key, number in Counter(mail.message_id for mail in evidence.copies).items()}
    found.looked_at = len(extras)
    if sum(extras.values()) > allowed:
        text = _("%(number)d copies too many, where the faults explain %(allowed)d")
        found.fail(text, number=sum(extras.values()), allowed=allowed)
    receipts = Counter((folded(row.recipient), row.kind) for row in evidence.letters)
    for record in evidence.ledger.records:
        told = sum(deed.told == Told.SUBMITTED for deed in record.deeds)
        number = receipts[folded(record.email), LetterKind.RECEIPT]
        found.look(number <= max(1, told), _("%(who)s: %(number)d receipts"), who=record.email, number=number)
    return found


def copies_differ(evidence: Evidence) -> Finding:
    """Each copy of a letter has the same bytes and the same recipient."""
    found = Finding("copies_differ")
    copies = defaultdict(set)
    for mail in evidence.copies:
        copies[mail.message_id].add((mail.digest, folded(mail.recipient)))
    for message_id, forms in copies.items():
        fine = len(forms) == 1 and message_id != ""
        found.look(fine, _("%(letter)s: %(number)d forms"), letter=message_id, number=len(forms))
    return found


def two_decisions(evidence: Evidence) -> Finding:
    """Nobody gets two different decisions; only the waiting list may be followed by an acceptance."""
    found = Finding("two_decisions")
    for address, kinds in evidence.kinds_at.items():
        decisions = [kind for kind in kinds if kind in DECIDING | ACCEPTING]
        if decisions:
            promoted = len(decisions) == 2 and decisions[0] == LetterKind.WAITING_LIST and decisions[1] in ACCEPTING
            fine = len(decisions) == 1 or promoted
            found.look(fine, _("%(who)s: %(what)s"), who=address, what=", ".join(decisions))
    return found


def letters_early(evidence: Evidence) -> Finding:
    """No letter leaves before its hour, and no page tells before it."""
    found = Finding("letters_early")
    hour_of = {letter.message_id: letter.release_at for letter in evidence.letters}
    for mail in evidence.copies:
        hour = hour_of.get(mail.message_id, mail.at)
        if evidence.kind_of.get(mail.message_id) in DECIDING:
            hour = max(hour, evidence.event.decisions_at)
        text = _("%(who)s: %(when)s, before %(hour)s")
        found.look(mail.at >= hour, text, who=mail.recipient, when=_moment(mail.at), hour=_moment(hour))
    found.looked_at += sum(bool(record.page_before) for record in evidence.ledger.records)
    for email in evidence.ledger.learned_early:
        found.fail(_("%(who)s: the own page changed before the hour"), who=email)
    return found


def letters_late(evidence: Evidence) -> Finding:
    """Each letter arrives within the time for which it is tried."""
    found = Finding("letters_late")
    for letter in evidence.letters:
        if (mail := evidence.first_copies.get(letter.message_id)) is not None:
            late = mail.at - letter.release_at
            text = _("%(who)s: “%(letter)s” came %(number)d days late")
            found.look(late <= TRIED_FOR, text, who=letter.recipient, letter=letter.kind, number=late.days)
    return found


def answers_untimely(evidence: Evidence) -> Finding:
    """Each answer counts until the person's own deadline, and none from it on."""
    found = Finding("answers_untimely")
    for change in evidence.transitions:
        if change.to_state in {"confirmed", "turned_down"} and change.by_id is None:
            until = evidence.deadline(change.application, change.at)
            values = {"who": change.application.email, "when": _moment(change.at), "until": _moment(until)}
            found.look(change.at < until, _("%(who)s answered at %(when)s, after %(until)s"), **values)
    for record in evidence.ledger.records:
        refused = [deed.at for deed in record.deeds if deed.told == Told.REFUSED]
        for at, row in ((at, row) for at in refused for row in evidence.standing(record.email)):
            until = evidence.deadline(row, at)
            fine = at >= until or evidence.state(row.pk, at) not in HOLDING
            values = {"who": record.email, "when": _moment(at), "until": _moment(until)}
            found.look(fine, _("%(who)s was refused at %(when)s, before %(until)s"), **values)
    return found


def places_overfilled(evidence: Evidence) -> Finding:
    """At no moment do more people hold a place than there are places."""
    found = Finding("places_overfilled")
    holders: set[int] = set()
    # As they were written: who waits for the event's lock may have looked at the clock before the one who holds it.
    written = sorted(evidence.transitions, key=lambda change: change.pk)
    for position, change in enumerate(written):
        holders.discard(change.application_id)
        if change.to_state in HOLDING:
            holders.add(change.application_id)
        following = written[position + 1 : position + 2]
        if not following or following[0].at != change.at:  # moved in one transaction, seen at once
            text = _("%(when)s: %(number)d hold a place")
            fine = len(holders) <= evidence.event.places
            found.look(fine, text, when=_moment(change.at), number=len(holders))
    return found


def quotas_kept(evidence: Evidence) -> Finding:
    """The group that was accepted keeps every firm quota."""
    found = Finding("quotas_kept")
    accepted = _accepted_at_release(evidence)
    for quota in evidence.quotas:
        if quota.firm and accepted:
            for name, number in _counted(evidence, quota, accepted).items():
                low = quota.minimum if quota.values else 0
                fine = low <= number <= (len(accepted) if quota.maximum is None else quota.maximum)
                what = f"{quota.question.key} {name}"
                found.look(fine, _("%(what)s: %(number)d people"), what=what, number=number)
    return found


def _accepted_at_release(evidence: Evidence) -> list[int]:
    changes = [change for change in evidence.transitions if change.to_state == "accepted"]
    return [change.application_id for change in changes if change.from_state == "signed_off"]


def _counted(evidence: Evidence, quota: Quota, people: list[int]) -> Counter[str]:
    """Return how many of the people have each value that the quota bounds."""
    wanted = set(quota.values.split())
    counts: Counter[str] = Counter({quota.values: 0} if wanted else {})
    for person in people:
        answer = evidence.answers[person].get(quota.question.key)
        given = _keys(answer.value) if answer is not None else set()
        if wanted:
            counts[quota.values] += bool(given & wanted)
        else:
            counts.update(given)
    return counts


def _keys(value: Any) -> set[str]:
    match value:
        case bool():
            return {"yes" if value else "no"}
        case list():
            return set(value)
        case dict():
            return {f"{row}:{step}" for row, step in value.items()}
        case _:
            return {str(value)}


def places_unfilled(evidence: Evidence) -> Finding:
    """While there was time to ask, no place stayed free that somebody on the waiting list could have had.

    Looked at where the group keeps its minima: else a place may be held for somebody who brings them back.
    """
    found = Finding("places_unfilled")
    moment = evidence.event.begins_at - TIME_TO_ASK
    state = {change.application_id: change.to_state for change in evidence.transitions if change.at <= moment}
    holders = [person for person, where in state.items() if where in HOLDING]
    waiting = [person for person, where in state.items() if where == "waiting_list"]
    free = min(evidence.event.places, len(_accepted_at_release(evidence))) - len(holders)
    if evidence.event.promotions_held or not _minima_hold(evidence, holders):
        return found
    found.looked_at = evidence.event.places
    could = [person for person in waiting if _maxima_hold(evidence, [*holders, person])]
    if free > 0 and could:
        text = _("%(free)d free places, and %(number)d people who could have had one")
        found.fail(text, free=free, number=len(could))
    return found


def _minima_hold(evidence: Evidence, people: list[int]) -> bool:
    return all(
        not quota.values or _counted(evidence, quota, people)[quota.values] >= quota.minimum
        for quota in evidence.quotas
    )


def _maxima_hold(evidence: Evidence, people: list[int]) -> bool:
    return all(
        quota.maximum is None or max(_counted(evidence, quota, people).values(), default=0) <= quota.maximum
        for quota in evidence.quotas
    )


def _moment(moment: dt.datetime) -> str:
    """Return a moment for a detail, in UTC, as every language reads it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def stumbles(evidence: Evidence) -> Finding:
    """Nobody meets a page on which they cannot go on."""
    found = Finding("stumbles", looked_at=len(evidence.ledger.records))
    for stumble in evidence.ledger.stumbles:
        found.fail(_("%(what)s"), what=stumble)
    return found


def pages_failing(evidence: Evidence) -> Finding:
    """No page answers with an error of the server."""
    found = Finding("pages_failing")
    for visit in evidence.ledger.visits:
        what = f"{visit.method} {visit.path}"
        found.look(visit.status < 500, _("%(what)s: answered %(status)d"), what=what, status=visit.status)
    return found


def pages_slow(evidence: Evidence) -> Finding:
    """At most one page in a hundred takes longer than a second."""
    found = Finding("pages_slow", looked_at=len(evidence.ledger.visits))
    slow = [visit for visit in evidence.ledger.visits if visit.seconds > SLOW]
    if len(slow) > SLOW_SHARE * len(evidence.ledger.visits):
        for visit in slow:
            what = f"{visit.method} {visit.path}"
            found.fail(_("%(what)s: %(seconds)s s"), what=what, seconds=round(visit.seconds, 1))
    return found


CHECKS: tuple[Callable[[Evidence], Finding], ...] = (
    applications_lost,
    drafts_lost,
    letters_lost,
    letters_doubled,
    copies_differ,
    two_decisions,
    letters_early,
    letters_late,
    scores_lost,
    decided_alone,
    decisions_missing,
    answers_untimely,
    places_overfilled,
    places_unfilled,
    quotas_kept,
    stumbles,
    pages_failing,
    pages_slow,
)


def check(evidence: Evidence) -> list[Finding]:
    """Return what became of each promise."""
    return [look(evidence) for look in CHECKS]
