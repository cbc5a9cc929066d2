"""The browser without scripts, the clock and the schedule of a rehearsal's people."""

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from urllib.parse import parse_qsl

import pytest

from questionnaire.rehearsal import html_forms
from questionnaire.rehearsal.applicant import Stumble
from questionnaire.rehearsal.clock import VirtualClock
from questionnaire.rehearsal.habits import SHARES, deal
from questionnaire.rehearsal.ledger import Habit
from questionnaire.rehearsal.mailroom import Mailroom
from questionnaire.rehearsal.schedule import TOGETHER, Schedule

NOON = dt.datetime(2021, 11, 2, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)

PAGE = """
<button form="f" name="go" value="fr">Français</button>
<form id="f" method="post" action="/next/">
  <input type="hidden" name="csrfmiddlewaretoken" value="t">
  <input name="name" value="Zoë &amp; co">
  <textarea name="why">
two
lines</textarea>
  <input type="checkbox" name="agree" value="yes">
  <input type="checkbox" name="many" value="a" checked><input type="checkbox" name="many" value="b">
  <input type="radio" name="one" value="x"><input type="radio" name="one" value="y" checked>
  <select name="country"><option value="">–</option><option value="FR">France</option></select>
  <input name="off" value="1" disabled>
  <button>Save</button><button name="go" value="later">Later</button>
</form>
"""


class TestForms:
    """A form is posted as a browser posts it."""

    def form(self) -> html_forms.Form:
        """Return the form of the page."""
        [form] = html_forms.read(PAGE).forms
        return form

    def test_what_stands_there_is_posted_as_it_stands(self) -> None:
        """Ticked boxes, the text without the line break after its tag, and the first line of a list."""
        assert self.form().posted() == [
            ("csrfmiddlewaretoken", "t"),
            ("name", "Zoë & co"),
            ("why", "two\r\nlines"),
            ("many", "a"),
            ("one", "y"),
            ("country", ""),
        ]

    def test_typing_changes_what_the_form_has_a_place_for(self) -> None:
        """And nothing else: what a page does not ask, nobody can post."""
        form = self.form()
        typed = {"name": ["Åsa"], "agree": ["yes"], "many": ["b"], "one": ["x"], "country": ["FR"], "hidden": ["?"]}
        assert "hidden" not in form.fill(typed)
        kind, body = form.encode(("go", "later"))
        assert kind == "application/x-www-form-urlencoded"
        posted = dict(parse_qsl(body.decode(), keep_blank_values=True))
        assert posted == {
            "csrfmiddlewaretoken": "t",
            "name": "Åsa",
            "why": "two\r\nlines",
            "agree": "yes",
            "many": "b",
            "one": "x",
            "country": "FR",
            "go": "later",
        }

    def test_a_field_out_of_peoples_reach_is_left_as_it_is(self) -> None:
        [form] = html_forms.read('<form><input name="a"><input name="trap" tabindex="-1" value=""></form>').forms
        form.fill({"a": ["1"], "trap": ["2"]})
        assert form.names == {"a"}
        assert form.posted() == [("a", "1"), ("trap", "")]

    def test_a_button_elsewhere_belongs_to_its_form(self) -> None:
        """By the form that it names."""
        assert ("go", "fr") in self.form().buttons


def test_the_clock_is_one_for_all_processes_and_never_goes_back(tmp_path: Path) -> None:
    """Another process sees what this one set."""
    clock = VirtualClock.make(tmp_path / "clock", NOON)
    clock.set_forward(NOON + 50 * HOUR)
    clock.set_forward(NOON)
    script = (
        "import sys; from pathlib import Path; from questionnaire.rehearsal.clock import VirtualClock;"
        "print(VirtualClock(Path(sys.argv[1])).now().isoformat())"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "clock")]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path.cwd()).stdout
    assert abs(dt.datetime.fromisoformat(told.strip()) - (NOON + 50 * HOUR)) < dt.timedelta(minutes=1)


class TestSchedule:
    """Everyone acts at their moment."""

    def play(self, moments: list[dt.datetime], *landmarks: dt.datetime) -> list[dt.datetime]:
        """Return to which moments the clock was set for people with these wishes."""
        clock: list[dt.datetime] = []
        schedule = Schedule(clock.append, landmarks, stumbled=pytest.fail)

        def wishes(moment: dt.datetime) -> Iterator[dt.datetime]:
            yield moment

        for number, moment in enumerate(moments):
            schedule.add(str(number), wishes(moment))
        schedule.play()
        assert schedule.done == len(moments)
        return clock

    def test_those_of_one_hour_act_together(self) -> None:
        """So that the clock need not be set for each."""
        assert self.play([NOON, NOON + TOGETHER / 2, NOON + 2 * TOGETHER]) == [NOON, NOON + 2 * TOGETHER]

    def test_near_a_landmark_seconds_count(self) -> None:
        """Whoever comes at the last second comes at the last second."""
        close = NOON + HOUR
        second = dt.timedelta(seconds=1)
        moments = [close - 40 * second, close - 20 * second, close - second, close + second]
        assert self.play(moments, close) == moments

    def test_what_is_to_be_minded_can_come_later(self) -> None:
        """As the deadlines of those who are promoted do."""
        clock: list[dt.datetime] = []
        schedule = Schedule(clock.append, [], stumbled=pytest.fail)
        schedule.mind([NOON + HOUR])
        for number, seconds in enumerate((40, 20)):
            schedule.add(str(number), iter([NOON + HOUR - dt.timedelta(seconds=seconds)]))
        schedule.play()
        assert len(clock) == 2

    def test_whoever_stumbles_holds_up_nobody(self) -> None:
        """And is named."""
        stumbled: list[str] = []
        schedule = Schedule(lambda _moment: None, [], stumbled=stumbled.append)

        def falls() -> Iterator[dt.datetime]:
            yield NOON
            raise Stumble("a page without a way on")

        schedule.add("twice 7", falls())
        schedule.play()
        assert stumbled == ["twice 7: a page without a way on"]


def test_every_habit_occurs_where_there_are_people_enough() -> None:
    """However the dice fall."""
    assert set(deal(len(SHARES), Random(1))) == set(Habit) - {Habit.COLLEAGUE}
    assert len(deal(3, Random(1))) == 3


def test_the_mailroom_reads_letters_as_a_mail_program_does() -> None:
    """Each letter once in its box; every copy kept."""
    letter = (
        b"From: a@example.org\r\nTo: =?utf-8?b?Wm/Dqw==?= <zoe@example.org>\r\nSubject: =?utf-8?b?UsOpcG9uc2U=?=\r\n"
        b"Message-ID: <1@example.org>\r\nContent-Language: fr\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        b"https://example.org/fr/application/link/abc-_9/ et au revoir\r\n"
    )
    mailroom = Mailroom(lambda: NOON)
    mailroom.take("Zoe@example.org", letter)
    mailroom.take("Zoe@example.org", letter)
    [mail] = mailroom.inbox("zoe@example.org")
    assert (mail.subject, mail.language, mail.at) == ("Réponse", "fr", NOON)
    assert mail.link == "https://example.org/fr/application/link/abc-_9/"
    assert len(mailroom.copies) == 2
