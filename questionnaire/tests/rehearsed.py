"""The outcome of a rehearsal, as its director leaves it."""

from typing import Any


def outcome(**broken: str) -> dict[str, Any]:
    """Return an outcome with all figures; `broken` names promises with a detail of what broke them."""
    keys = ["applications_lost", "letters_lost", "letters_doubled", "two_decisions", "pages_slow"]
    findings = [
        {
            "key": key,
            "looked_at": 12,
            "broken": int(key in broken),
            "details": [["%(who)s: %(number)d receipts", {"who": broken[key], "number": 2}]] if key in broken else [],
        }
        for key in keys
    ]
    return {
        "findings": findings,
        "figures": {
            "event": {"slug": "visit", "titles": {"en": "Study visit", "fr": "Visite d’étude"}, "places": 6},
            "zone": "Europe/Paris",
            "applicants": 12,
            "seed": 1,
            "faults": ["smtp", "worker"],
            "relaxed": ["country: 0–3"],
            "habits": {"on_time": 8, "twice": 4},
            "told": {"submitted": 12},
            "states": {"confirmed": 6, "declined": 6},
            "letters": {"acceptance": 6, "decline": 6},
            "copies": 13,
            "extra_copies": 1,
            "kills": 1,
            "flushes": 0,
            "smtp_faults": {"dot cut": 1},
            "pages": [{"page": "GET /", "number": 9, "median": 5, "p95": 20, "slowest": 90}],
            "by_day": [["2021-11-02", 3, 4], ["2021-11-03", 0, 0], ["2021-11-04", 9, 9]],
            "decisions": [0.1, 0.2, 16.0],
            "places": [["2021-11-29T09:00:00+00:00", 6, 0], ["2021-11-30T09:00:00+00:00", 6, 5]],
        },
        "seconds": 42,
    }
