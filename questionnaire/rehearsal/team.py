"""What the people who run the event do in the administration, each with a login and a browser of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.contrib.auth.models import User
from django.urls import reverse

from events.models import Event
from questionnaire.demo import Opinion
from questionnaire.models import Application
from questionnaire.rehearsal.applicant import Stumble
from questionnaire.rehearsal.browser import Browser, Page, Visit
from questionnaire.rehearsal.html_forms import Form

LANGUAGES = ("en", "fr")
"""Every second person works in French."""


class Member:
    """Somebody of the team, logged in. Raises `Stumble` where a page is not what they can go on with."""

    def __init__(self, site: str, user: User, password: str, note: Callable[[Visit], None]) -> None:
        self.browser = Browser(site, f"10.255.0.{user.pk % 256}", LANGUAGES[user.pk % len(LANGUAGES)], note)
        page = self.browser.get(reverse("admin:login"))
        page = self._send(page, page.form("username", "password"), {"username": user.username, "password": password})
        if page.form("username", "password") is not None:
            raise Stumble(f"{user.username} cannot log in")

    def review(self, application: Application, opinion: Opinion) -> None:
        """Declare whether there is a conflict of interest; without one, give the scores and go on to the next."""
        page = self._open("application_change", application.pk)
        if opinion.conflict:
            self._send(page, page.form("conflict"), button=("conflict", "yes"))
            return
        explained = page.form("because")
        typed = {"because": opinion.no_conflict_because} if explained else {}
        page = self._send(page, explained or page.form("conflict"), typed, ("conflict", "no"))
        scores = {key: str(value) for key, value in opinion.scores.items()}
        self._send(page, page.form("note", *scores), {**scores, "note": opinion.note}, ("go", "next"))

    def suggest(self, event: Event) -> bool:
        """Have a selection suggested on the board; return whether there is one that keeps all quotas."""
        page = self._open("selectionrun_board", event.pk)
        return self._send(page, page.form("places", "everyone")).form("reserves") is not None

    def propose(self, event: Event, *, reserves: int) -> None:
        """Propose the selection of the board; whoever comes after the reserves is declined."""
        page = self._open("selectionrun_board", event.pk)
        self._send(page, page.form("reserves"), {"reserves": str(reserves), "others": "decline"})

    def sign_decisions(self, event: Event) -> None:
        """Sign all decisions as a whole."""
        page = self._open("selectionrun_signature", event.pk)
        self._send(page, page.form("seen"))

    def let_by(self, event: Event, checks: Sequence[str], *, reason: str) -> None:
        """Let by, for everyone, what the preflight finds of these."""
        for check in checks:
            page = self._open("release_preflight", event.pk, query=f"?show={check}")
            if (form := page.form("whom")) is not None:
                self._send(page, form, {"whom": "everyone", "reason": reason})

    def order_release(self, event: Event) -> None:
        """Order the release, once the preflight has nothing more to say."""
        page = self._open("release_event", event.pk, query="?confirm")
        self._send(page, page.form("do", to=reverse("admin:questionnaire_release_event", args=[event.pk])))

    def sign_release(self, event: Event) -> None:
        """Sign a colleague's order."""
        page = self._open("release_event", event.pk)
        self._send(page, page.form("do"), button=("do", "sign"))

    def _open(self, name: str, number: int, query: str = "") -> Page:
        page = self.browser.get(reverse(f"admin:questionnaire_{name}", args=[number]) + query)
        if page.status != 200:
            raise Stumble(f"{page.path} answered {page.status}")
        return page

    def _send(
        self,
        page: Page,
        form: Form | None,
        typed: Mapping[str, str] | None = None,
        button: tuple[str, str] | None = None,
    ) -> Page:
        """Fill in a form and press a button of it."""
        if form is None or (button is not None and button not in form.buttons):
            raise Stumble(f"{page.path} lacks what somebody of the team came for")
        form.fill({name: [value] for name, value in (typed or {}).items()})
        answer = self.browser.press(page, form, button)
        if answer.status != 200:
            raise Stumble(f"{answer.path} answered {answer.status}")
        return answer
