"""What one applicant does in the pages, step by step, as a person without scripts in the browser would."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from questionnaire import demo
from questionnaire.rehearsal.browser import Browser, Page
from questionnaire.rehearsal.html_forms import Form
from questionnaire.rehearsal.ledger import Habit, Ledger, Record, Told, Typed
from questionnaire.rehearsal.mailroom import Mail, Mailroom

MOST_TRIES = 4
FIRST_COLLEAGUE = 1_000_000
"""Colleagues are other people than those who apply."""
SUBMIT = "/application/submit/"
LATER = ("go", "later")


class Stumble(Exception):
    """A page is not what a person can go on with."""


@dataclass(frozen=True)
class World:
    """What all applicants share: the event as its page shows it, the site, the mailboxes, the record, the time."""

    slug: str
    site: str
    mailroom: Mailroom
    ledger: Ledger
    now: Callable[[], dt.datetime]


class Applicant:
    """Somebody with a browser and a mailbox; `typed` is all that they have in mind to type."""

    def __init__(self, world: World, record: Record, typed: Typed, rng: Random) -> None:
        self.world = world
        self.record = record
        self.typed = typed
        self.rng = rng
        number = record.number
        self._address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self.browser = self.new_browser()
        self.opened: set[str] = set()

    def new_browser(self) -> Browser:
        """Take another device."""
        return Browser(self.world.site, self._address, self.record.language, self.world.ledger.note_visit)

    @property
    def name(self) -> str:
        """Return who this is, for the report."""
        return f"{self.record.habit} {self.record.number}"

    @property
    def language(self) -> str:
        """Return the language in which the pages are read."""
        return self.record.language

    def go(self, path: str) -> Page:
        """Open a page below the language. Raises `Stumble` where it does not come."""
        page = self.browser.get(f"/{self.language}/{path}")
        self._expect(page.status == 200, page)
        return page

    def read_about(self) -> None:
        """Read the page of the event and the agenda."""
        self.go(f"events/{self.world.slug}/")
        if self.rng.random() < 0.3:
            self.go(f"events/{self.world.slug}/agenda/")

    def fill_in(self, pages: int | None = None, *, device: Browser | None = None) -> Page:
        """Fill in the questionnaire page by page, to the check page or so many pages far, then leave it for later."""
        browser = device or self.browser
        page = browser.get(f"/{self.language}/events/{self.world.slug}/questionnaire/")
        done = 0
        while (form := page.form("shown")) is not None:
            done += 1
            page = self.save(browser, page, form, LATER if done == pages else None)
            if done == pages:
                return page
        self._expect(page.status == 200, page)
        return page

    def save(self, browser: Browser, page: Page, form: Form, button: tuple[str, str] | None) -> Page:
        """Type into a page and save it, again where the page has more to ask; the ledger keeps what was taken."""
        for _try in range(MOST_TRIES):
            form.fill(self.typed)
            form.files |= {name: (f"{name}.pdf", demo.EMPTY_PDF) for name in form.file_names}
            posted: Typed = {name: [] for name in form.names}
            for name, value in form.posted():
                if name in posted:
                    posted[name].append(value)
            answer = browser.press(page, form, button)
            shown = answer.form("shown")
            # Whatever the page then says is wrong, it has kept what was typed.
            if answer.status in {200, 400} and browser is self.browser:
                self.record.saved |= posted
                self.record.files |= set(form.file_names)
                self.record.note(Told.SAVED, self.world.now())
            if shown is None or answer.path != page.path:
                return answer
            page, form = answer, shown
        raise Stumble(f"{page.path} asks again and again")

    def submit(self, page: Page, *, times: int = 1) -> None:
        """Press the button at the end of the check page. Raises `Stumble` where there is none."""
        form = page.form(to=SUBMIT)
        if form is None:
            raise Stumble(f"{page.path} has no button to submit")
        answer = self.browser.press(page, form)
        for _again in range(times - 1):
            answer = self.browser.press(page, form)
        if answer.path.endswith("/application/") and answer.status == 200:
            self.record.submitted = dict(self.record.saved)
            self.record.note(Told.SUBMITTED, self.world.now())
        elif answer.status == 409:
            self.record.note(Told.TOO_LATE, self.world.now())
        else:
            raise Stumble(f"{answer.path} answered {answer.status}")

    def unread(self) -> list[Mail]:
        """Return the letters with a personal link that was not followed yet, oldest first."""
        return [
            mail
            for mail in self.world.mailroom.inbox(self.record.email)
            if mail.link and mail.message_id not in self.opened
        ]

    def follow(self, mail: Mail) -> Page:
        """Open a personal link and press its button; before that, half of the mail programs look at it themselves."""
        self.opened.add(mail.message_id)
        if self.rng.random() < 0.5:
            self.browser.head(mail.link)
            self.browser.get(mail.link)
        page = self.browser.get(mail.link)
        form = page.form()
        if page.status != 200 or form is None:
            raise Stumble(f"a personal link answered {page.status}")
        page = self.browser.press(page, form)
        self._expect(page.status == 200 and "/link/" not in page.path, page)
        return page

    def withdraw(self) -> None:
        """Withdraw the application."""
        page = self.go("application/withdraw/")
        form = page.form("reason")
        if form is None:
            raise Stumble(f"{page.path} has nothing to withdraw")
        form.fill({"reason": ["Zu viel zu tun 😕"]})
        answer = self.browser.press(page, form)
        self._expect(answer.status == 200 and answer.path.endswith("/application/"), answer)
        self.record.note(Told.WITHDRAWN, self.world.now())

    def answer_place(self, answer: Told) -> None:
        """Confirm the place or turn it down, if the page still takes an answer; the ledger keeps what it said."""
        page = self.go("application/participation/")
        form = page.form("answer")
        if form is None:
            self.record.note(Told.REFUSED, self.world.now())
            return
        value = "confirm" if answer == Told.CONFIRMED else "turn_down"
        if value == "turn_down":
            form.fill({"reason": ["J’ai changé d’emploi."]})
        elif self.record.habit == Habit.COLLEAGUE:
            form.fill(self.typed)
        page = self.browser.press(page, form, ("answer", value))
        self._expect(page.status in {200, 409}, page)
        self.record.note(answer if page.status == 200 else Told.REFUSED, self.world.now())

    def send_colleague(self) -> None:
        """Ask that a colleague may come instead."""
        page = self.go("application/participation/colleague/")
        form = page.form("role")
        if form is None:
            raise Stumble(f"{page.path} asks for no colleague")
        colleague = demo.invent_person(0, FIRST_COLLEAGUE + self.record.number)
        typed = {name: getattr(colleague, name) for name in ("first_name", "family_name", "email", "language")}
        typed |= {"role": "Conseillère", "reason": "Je suis empêché·e ; ma collègue connaît le dossier."}
        form.fill({name: [value] for name, value in typed.items()})
        answer = self.browser.press(page, form)
        self._expect(answer.status == 200 and answer.path.endswith("/participation/"), answer)

    def _expect(self, fine: bool, page: Page) -> None:
        if not fine:
            raise Stumble(f"{page.path} answered {page.status}")
