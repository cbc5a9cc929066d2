"""What a rehearsal's report shows beside the promises: how many, how fast, and the curves of its charts."""

from __future__ import annotations

import datetime as dt
import re
import statistics
from collections import Counter, defaultdict
from typing import Any

from django.conf import settings

from questionnaire.rehearsal.evidence import DECIDING, HOLDING, Evidence
from questionnaire.rehearsal.ledger import Told
from questionnaire.rehearsal.play import Play

LANGUAGE = re.compile(r"^/(en|fr)/")
NUMBER = re.compile(r"/\d+/")
TOKEN = re.compile(r"/(link|reminders|files)/[^/]+/")


def collect(evidence: Evidence, play: Play) -> dict[str, Any]:
    """Return the figures as plain data; moments as ISO text in UTC."""
    event, ledger = evidence.event, evidence.ledger
    titles = {code: getattr(event, f"title_{code}") for code, _name in settings.LANGUAGES}
    states = Counter(row.state for rows in evidence.applications.values() for row in rows)
    return {
        "event": {"slug": event.slug, "titles": titles, "places": event.places},
        "zone": event.time_zone,
        "applicants": play.options.applicants,
        "seed": play.options.seed,
        "faults": sorted(play.options.faults),
        "relaxed": play.relaxed,
        "habits": dict(Counter(record.habit.value for record in ledger.records)),
        "told": dict(Counter(told.value for told in Told for record in ledger.records if record.was_told(told))),
        "states": dict(states),
        "letters": dict(Counter(letter.kind for letter in evidence.letters)),
        "copies": len(evidence.copies),
        "extra_copies": len(evidence.copies) - len(evidence.first_copies),
        "kills": ledger.faults.kills,
        "flushes": ledger.faults.flushes,
        "smtp_faults": dict(ledger.faults.smtp),
        "pages": _pages(evidence),
        "by_day": _by_day(evidence),
        "decisions": _minutes_after_the_hour(evidence),
        "places": _holders(evidence),
    }


def _pages(evidence: Evidence) -> list[dict[str, Any]]:
    """Return the speed of each page in milliseconds, the slowest first."""
    seconds = defaultdict(list)
    for visit in evidence.ledger.visits:
        path = TOKEN.sub(r"/\1/…/", NUMBER.sub("/n/", LANGUAGE.sub("/", visit.path.partition("?")[0])))
        seconds[f"{visit.method} {path.replace(evidence.event.slug, 'event')}"].append(visit.seconds * 1000)
    rows = [
        {
            "page": page,
            "number": len(taken),
            "median": round(statistics.median(taken)),
            "p95": round(sorted(taken)[int(len(taken) * 0.95)]),
            "slowest": round(max(taken)),
        }
        for page, taken in seconds.items()
    ]
    return sorted(rows, key=lambda row: -float(row["p95"]))


def _by_day(evidence: Evidence) -> list[list[Any]]:
    """Return for each day of the event's zone how many applications were submitted, and letters arrived."""
    zone = evidence.event.zone
    submitted = Counter(
        deed.at.astimezone(zone).date()
        for record in evidence.ledger.records
        for deed in record.deeds
        if deed.told == Told.SUBMITTED
    )
    arrived = Counter(mail.at.astimezone(zone).date() for mail in evidence.copies)
    days = sorted(submitted.keys() | arrived.keys())
    span = [days[0] + dt.timedelta(days=number) for number in range((days[-1] - days[0]).days + 1)] if days else []
    return [[day.isoformat(), submitted[day], arrived[day]] for day in span]


def _minutes_after_the_hour(evidence: Evidence) -> list[float]:
    """Return how many minutes after the decision hour each decision of the release arrived, in order."""
    hour = evidence.event.decisions_at
    minutes = [
        (evidence.first_copies[letter.message_id].at - hour).total_seconds() / 60
        for letter in evidence.letters
        if letter.kind in DECIDING and letter.release_at == hour and letter.message_id in evidence.first_copies
    ]
    return sorted(round(one, 1) for one in minutes)


def _holders(evidence: Evidence) -> list[list[Any]]:
    """Return how many people held a place after each change: moment, held, confirmed."""
    state: dict[int, str] = {}
    steps: dict[str, list[Any]] = {}
    for change in evidence.transitions:
        state[change.application_id] = change.to_state
        held = sum(one in HOLDING for one in state.values())
        if change.at >= evidence.event.decisions_at:
            confirmed = sum(one == "confirmed" for one in state.values())
            steps[change.at.isoformat()] = [change.at.isoformat(), held, confirmed]
    return list(steps.values())
