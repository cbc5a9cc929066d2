"""How people go about it: each habit is a script that says when it wants to go on, and does its next step then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

from questionnaire.rehearsal.applicant import Applicant
from questionnaire.rehearsal.html_forms import Form
from questionnaire.rehearsal.ledger import Habit, Told

Script = Iterator[dt.datetime]
"""Yields the moment at which it wants to go on."""

SHARES = {
    Habit.ON_TIME: 40,
    Habit.IN_PIECES: 22,
    Habit.LAST_SECOND: 9,
    Habit.TOO_LATE: 3,
    Habit.TWICE: 8,
    Habit.CHANGES: 7,
    Habit.WITHDRAWS: 5,
    Habit.GIVES_UP: 6,
}
LATEST = dt.timedelta(seconds=45)  # before the close: when those begin to submit who do it at the last moment
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Dates:
    """The dates of the event by which people live."""

    opens_at: dt.datetime
    closes_at: dt.datetime
    decisions_at: dt.datetime
    answer_by: dt.datetime


def deal(count: int, rng: Random) -> list[Habit]:
    """Return a habit for each of `count` people: every habit that there are people enough for occurs."""
    first = list(SHARES)[:count]
    others = rng.choices(list(SHARES), weights=list(SHARES.values()), k=count - len(first))
    return rng.sample([*first, *others], count)


def applying(applicant: Applicant, dates: Dates) -> Script:
    """Return what somebody does until applying closes, or a little longer."""
    return _APPLYING[applicant.record.habit](applicant, dates)


def _some_time(applicant: Applicant, dates: Dates, first: float = 0.0, last: float = 0.9) -> dt.datetime:
    """Return a moment of the time of applying; more people come at its end, as they do."""
    share = first + (last - first) * applicant.rng.betavariate(1.6, 1.1)
    return dates.opens_at + (dates.closes_at - dates.opens_at) * share


def _on_time(applicant: Applicant, dates: Dates) -> Script:
    yield _some_time(applicant, dates)
    applicant.read_about()
    applicant.submit(applicant.fill_in())
    yield applicant.world.now() + dt.timedelta(hours=applicant.rng.uniform(1, 20))
    _open_newest(applicant)


def _in_pieces(applicant: Applicant, dates: Dates) -> Script:
    """Begin, leave, come back days later by the personal link, on another device, in the other language too."""
    yield _some_time(applicant, dates, last=0.5)
    applicant.fill_in(pages=applicant.rng.randint(1, 3))
    yield _some_time(applicant, dates, first=0.6)
    applicant.browser.forget()
    if _open_newest(applicant) and applicant.rng.random() < 0.3:
        other = "fr" if applicant.language == "en" else "en"
        applicant.browser.get(f"/{other}/events/{applicant.world.slug}/questionnaire/")
    applicant.submit(applicant.fill_in())


def _last_second(applicant: Applicant, dates: Dates) -> Script:
    yield _some_time(applicant, dates, last=0.8)
    page = applicant.fill_in()
    yield dates.closes_at - LATEST * applicant.rng.random() ** 2
    applicant.submit(page)


def _too_late(applicant: Applicant, dates: Dates) -> Script:
    yield _some_time(applicant, dates, last=0.8)
    page = applicant.fill_in()
    yield dates.closes_at + dt.timedelta(seconds=applicant.rng.uniform(0.5, 600))
    applicant.submit(page)


def _twice(applicant: Applicant, dates: Dates) -> Script:
    """Press the button twice at the same moment; days later apply again, with the same address."""
    yield _some_time(applicant, dates, last=0.6)
    page = applicant.fill_in()
    with ThreadPoolExecutor(2) as pool:
        for press in [pool.submit(applicant.submit, page) for _click in range(2)]:
            press.result()
    yield _some_time(applicant, dates, first=0.7)
    device = applicant.new_browser()
    page = applicant.fill_in(device=device)
    form = page.form(to="/application/submit/")
    if form is not None:
        device.press(page, form)


def _changes(applicant: Applicant, dates: Dates) -> Script:
    yield _some_time(applicant, dates, last=0.6)
    applicant.submit(applicant.fill_in())
    yield _some_time(applicant, dates, first=0.65)
    applicant.browser.forget()
    _open_newest(applicant)
    page = applicant.go(f"events/{applicant.world.slug}/questionnaire/2/")
    form = page.form("shown")
    if form is not None and _reword(applicant, form):
        applicant.save(applicant.browser, page, form, None)
        applicant.submit(applicant.go("application/review/"))


def _reword(applicant: Applicant, form: Form) -> bool:
    """Change the end of every long answer that a form asks for; return whether there is one."""
    texts = ((name, values[0]) for name, values in applicant.typed.items() if name in form.names and values)
    long = {name: text for name, text in texts if len(text) > 60}
    applicant.typed |= {name: [f"{text[:-1]}!"] for name, text in long.items()}
    return bool(long)


def _withdraws(applicant: Applicant, dates: Dates) -> Script:
    yield _some_time(applicant, dates, last=0.6)
    applicant.submit(applicant.fill_in())
    yield _some_time(applicant, dates, first=0.7)
    if _open_newest(applicant):
        applicant.withdraw()


def _gives_up(applicant: Applicant, dates: Dates) -> Script:
    """Leave a draft behind; half of these stop the reminders."""
    yield _some_time(applicant, dates, last=0.6)
    applicant.fill_in(pages=applicant.rng.randint(1, 2))
    yield dates.closes_at - DAY * 2
    reminders = [mail for mail in applicant.world.mailroom.inbox(applicant.record.email) if mail.stop_link]
    if reminders and applicant.rng.random() < 0.5:
        page = applicant.browser.get(reminders[-1].stop_link)
        form = page.form()
        if form is not None:
            applicant.browser.press(page, form)


def _open_newest(applicant: Applicant) -> bool:
    """Follow the newest personal link; return whether a letter with one had come."""
    unread = applicant.unread()
    if unread:
        applicant.follow(unread[-1])
    applicant.opened |= {mail.message_id for mail in unread}
    return bool(unread)


_APPLYING: dict[Habit, Callable[[Applicant, Dates], Script]] = {
    Habit.ON_TIME: _on_time,
    Habit.IN_PIECES: _in_pieces,
    Habit.LAST_SECOND: _last_second,
    Habit.TOO_LATE: _too_late,
    Habit.TWICE: _twice,
    Habit.CHANGES: _changes,
    Habit.WITHDRAWS: _withdraws,
    Habit.GIVES_UP: _gives_up,
}


def reading(applicant: Applicant, dates: Dates) -> Script:
    """Return what somebody does whom a letter after the decisions has reached: read it, and answer for a place."""
    yield applicant.world.now() + dt.timedelta(minutes=applicant.rng.uniform(5, 600))
    for mail in applicant.unread():
        page = applicant.follow(mail)
        if page.form("answer") is not None and not applicant.record.was_told(Told.CONFIRMED):
            yield from _answer(applicant, page.moment("answer-by") or dates.answer_by)


def _answer(applicant: Applicant, deadline: dt.datetime) -> Script:
    """Answer at once, later, at the last moment, too late by a second or more, twice, or never; or send a colleague.

    The deadline is the person's own, as their page shows it: whoever is promoted has less time than the others.
    """
    now, rng = applicant.world.now(), applicant.rng
    left = max(deadline - now, dt.timedelta(0))
    ways = {"soon": 60, "last": 10, "late": 4, "no": 8, "turns": 4, "never": 8, "colleague": 6}
    match rng.choices(list(ways), weights=list(ways.values()))[0]:
        case "soon":
            yield now + left * 0.5 * rng.random()
            applicant.answer_place(Told.CONFIRMED)
        case "last":
            yield deadline - LATEST * rng.random()
            applicant.answer_place(Told.CONFIRMED)
        case "late":
            yield deadline + dt.timedelta(seconds=rng.choice([1, 1, rng.uniform(2, 3600)]))
            applicant.answer_place(Told.CONFIRMED)
        case "no":
            yield now + left * 0.6 * rng.random()
            applicant.answer_place(Told.TURNED_DOWN)
        case "turns":
            applicant.answer_place(Told.CONFIRMED)
            yield now + left * rng.uniform(0.3, 0.9)
            applicant.answer_place(Told.TURNED_DOWN)
        case "colleague":
            applicant.answer_place(Told.CONFIRMED)
            yield now + left * 0.5 * rng.random()
            if applicant.record.last_told == Told.CONFIRMED:
                applicant.send_colleague()
