"""The play: from the announcement to the last letter, act by act, under the virtual clock."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Min

from events.models import Event
from questionnaire import demo
from questionnaire.models import OPEN_STATUSES, Application, Letter, LetterStatus, Quota, Replacement, Review
from questionnaire.rehearsal import habits
from questionnaire.rehearsal.applicant import Applicant, Stumble, World
from questionnaire.rehearsal.content import Team
from questionnaire.rehearsal.ledger import Habit, Ledger, Record, Told
from questionnaire.rehearsal.schedule import Schedule
from questionnaire.rehearsal.stage import Stage
from questionnaire.rehearsal.team import Member
from questionnaire.states import Outcome, State
from questionnaire.workflow import decision, preflight, replacing, runs, selection
from questionnaire.workflow import questionnaire as questionnaires

Progress = Callable[[str, float], None]
"""Told the name of the act and the share of the whole that is done."""

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
BEATS_AT_ONCE = 3  # at the decision hour, as where several beats run by mistake
MOST_KILLS = 5
LETTERS_PER_KILL = 20
MOST_WAYS_OUT = 5
PATIENCE = 2.0  # real seconds without progress after which another beat comes, as one does each minute
GIVE_UP = 60.0  # real seconds without progress after which letters count as stuck
LOOK_EVERY = 0.02  # real seconds
SHARE_OF_SMTP_FAULTS = 0.04
LOOKS_BEFORE_THE_HOUR = 40  # people whose own page is looked at before the hour
CHANGING = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
RESERVES = 0.4  # of the places
REVIEWS_ON_PAGES = 0.06  # of the applicants, as many from each reviewer; a review on its pages takes five requests
REFUSED_EACH = 4  # of so many requests to send a colleague, organisers refuse one


@dataclass(frozen=True)
class Options:
    """How many apply, the seed of all chance, and which faults are wanted (see `models.Fault`)."""

    applicants: int = 300
    seed: int = 1
    faults: frozenset[str] = frozenset()


@dataclass
class Play:
    """One rehearsal under way."""

    event: Event
    team: Team
    stage: Stage
    options: Options
    progress: Progress
    ledger: Ledger = field(default_factory=Ledger)
    dead_claims: set[UUID] = field(default_factory=set)
    relaxed: list[str] = field(default_factory=list)
    members: dict[int, Member] = field(default_factory=dict)
    reviewed_on_pages: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.rng = Random(f"rehearsal/{self.options.seed}")
        self.ledger.faults = self.stage.faults
        self.world = World(self.event.slug, self.stage.site, self.stage.mailroom, self.ledger, self.stage.clock.now)
        self.dates = habits.Dates(
            self.event.opens_at, self.event.closes_at, self.event.decisions_at, self.event.answer_by
        )
        closes, answer_by = self.event.closes_at, self.event.answer_by
        nearing = [closes - 3 * DAY, closes - DAY, closes - habits.LATEST, closes]
        deciding = [self.event.decisions_at, answer_by - habits.LATEST, answer_by]
        self.landmarks = sorted([self.event.opens_at, *nearing, *deciding])
        self.asked = questionnaires.load(self.event)
        self.applicants = self._invite()

    def run(self) -> Ledger:
        """Play all acts; return what is known to be true."""
        if "smtp" in self.options.faults:
            self.stage.disturb_mail(SHARE_OF_SMTP_FAULTS)
        self.announce()
        self.apply()
        self.review()
        self.decide()
        self.release()
        self.answer()
        self.end()
        return self.ledger

    def _invite(self) -> list[Applicant]:
        """Return the people: who they are, what they will type, and their habit."""
        dealt = habits.deal(self.options.applicants, self.rng)
        return [self._meet(demo.invent_person(self.options.seed, n), habit) for n, habit in enumerate(dealt, 1)]

    def _meet(self, person: demo.Person, habit: Habit) -> Applicant:
        """Return somebody with what they will type, with a record of their own."""
        number = len(self.ledger.records) + 1
        rng = Random(f"rehearsal/{self.options.seed}/{number}")
        record = Record(number, person.email, habit, person.language)
        self.ledger.records.append(record)
        return Applicant(self.world, record, demo.typed_answers(self.asked, person, rng), rng)

    def announce(self) -> None:
        """Before the opening the page can be read, and nothing can be sent in."""
        self.progress("announcement", 0.0)
        early = self.applicants[0]
        early.read_about()
        page = early.go(f"events/{self.event.slug}/questionnaire/")
        form = page.form("shown")
        if form is not None:
            form.fill(early.typed)
            answer = early.browser.press(page, form)
            if answer.status != 409:
                self.ledger.note_stumble(f"typing before the opening answered {answer.status}")
        early.browser.forget()

    def apply(self) -> None:
        """Everyone applies, each in their way; reminders leave meanwhile."""
        schedule = Schedule(self._pass_to, self.landmarks, stumbled=self.ledger.note_stumble)
        for applicant in self.applicants:
            schedule.add(applicant.name, habits.applying(applicant, self.dates))
        schedule.play(lambda: self.progress("applying", 0.02 + 0.58 * schedule.done / len(self.applicants)))

    def review(self) -> None:
        """Two reviewers or more score everything, each with a severity of their own."""
        self._pass_to(self.event.closes_at + DAY)
        received = list(self.event.applications.received().select_related("event").order_by("pk"))
        at = self.stage.clock.now()
        reviews = demo.make_reviews(self.event, received, seed=self.options.seed, at=at, enter=self._enter)
        for number, _review in enumerate(reviews):
            self.progress("reviewing", 0.6 + 0.06 * number / max(1, len(received) * len(self.team.reviewers)))

    def _enter(self, application: Application, reviewer: User, opinion: demo.Opinion, at: dt.datetime) -> Review:
        """Store an opinion: each reviewer's first ones on their pages, the others, to save time, without them."""
        if self.reviewed_on_pages[reviewer.pk] > REVIEWS_ON_PAGES * self.options.applicants:
            return demo.enter(application, reviewer, opinion, at)
        try:
            self._member(reviewer).review(application, opinion)
        except Stumble as error:
            self.ledger.note_stumble(str(error))
            return demo.enter(application, reviewer, opinion, at)
        self.reviewed_on_pages[reviewer.pk] += 1
        self.ledger.opinions[application.pk, reviewer.pk] = None if opinion.conflict else dict(opinion.scores)
        return Review.objects.get(application=application, reviewer=reviewer)

    def _member(self, user: User) -> Member:
        """Return somebody of the team, who logs in at the first time."""
        if user.pk not in self.members:
            self.members[user.pk] = Member(self.stage.site, user, self.team.password, self.ledger.note_visit)
        return self.members[user.pk]

    def decide(self) -> None:
        """Two organisers decide; nobody may notice."""
        self.progress("selecting", 0.66)
        self._look_at_own_pages()
        try:
            self._decide(*map(self._member, self.team.organisers[:2]))
        except Stumble as error:
            self.ledger.note_stumble(str(error))
        self._pass_to(self.event.decisions_at - MINUTE)
        self._look_at_own_pages()

    def _decide(self, first: Member, second: Member) -> None:
        """Solve the selection and propose it; sign it as a whole; order the release, and sign that, on the pages."""
        self._suggest(first)
        first.propose(self.event, reserves=max(1, round(self.event.places * RESERVES)))
        unscored = list(self.event.applications.filter(state=State.SUBMITTED))
        if unscored:  # every reviewer has a conflict of interest: they were no candidates
            decision.propose(unscored, Outcome.DECLINE, by=self.team.organisers[0], at=self.stage.clock.now())
        second.sign_decisions(self.event)
        first.let_by(self.event, sorted(preflight.MAY_BE_EXCEPTED), reason="A rehearsal.")
        first.order_release(self.event)
        second.sign_release(self.event)

    def _suggest(self, organiser: Member) -> None:
        """Solve; where no selection keeps all quotas, take the first way out that is offered, as organisers would."""
        for _attempt in range(MOST_WAYS_OUT):
            if organiser.suggest(self.event):
                return
            try:
                runs.suggest(self.event, by=None, at=self.stage.clock.now())
            except selection.Infeasible as error:
                for change in [change for way in error.diagnosis.relaxations[:1] for change in way.changes]:
                    self._give_way(change)
        raise Stumble("the board suggests no selection")

    def _give_way(self, change: selection.Change) -> None:
        bound = change.bound
        quotas = Quota.objects.filter(event=self.event, values__in=["", bound.value])
        if bound.kind == "organisation":
            quotas = quotas.filter(question__fills="organisation")
        else:
            quotas = quotas.filter(question__key=bound.attribute)
        for quota in quotas:
            if bound.side == "min":
                quota.minimum = change.to
            else:
                quota.maximum = change.to
            quota.save(update_fields=["minimum", "maximum"])
            self.relaxed.append(f"{quota}: {quota.minimum}–{'' if quota.maximum is None else quota.maximum}")

    def _look_at_own_pages(self) -> None:
        """Open some own pages: what they show must not change before the hour, whatever has been decided."""
        for applicant in self.applicants[:LOOKS_BEFORE_THE_HOUR]:
            if applicant.record.last_told != Told.SUBMITTED:
                continue
            page = applicant.browser.get(f"/{applicant.language}/application/")
            if not page.path.endswith("/application/"):  # the session is over: this browser has no own page any more
                continue
            before, applicant.record.page_before = applicant.record.page_before, CHANGING.sub("", page.html)
            if before and before != applicant.record.page_before:
                self.ledger.learned_early.append(applicant.record.email)

    def release(self) -> None:
        """At the hour the letters leave, through everything that was ordered to go wrong."""
        self.progress("release", 0.7)
        self.stage.clock.set_forward(self.event.decisions_at)
        for _beat in range(BEATS_AT_ONCE):
            self.stage.wake()
        if "broker" in self.options.faults:
            self.stage.flush_broker()
            self.stage.wake()
        expected = self.event.applications.received().count()
        kills = min(MOST_KILLS, 1 + expected // LETTERS_PER_KILL) if "worker" in self.options.faults else 0
        for _kill in range(kills):
            self._wait_for_copies(expected // (kills + 2))
            self.kill_workers()
        self._pass_to(self.event.decisions_at + HOUR)

    def kill_workers(self) -> None:
        """Kill the workers; the letters that they had claimed wait for the end of the lease."""
        self.stage.kill_workers()
        claimed = Letter.objects.filter(status=LetterStatus.SENDING).values_list("claim_token", flat=True)
        self.dead_claims |= {token for token in claimed if token is not None}
        self.stage.wake()

    def _wait_for_copies(self, number: int) -> None:
        """Wait until so many more letters have arrived, or until it takes too long."""
        number += len(self.stage.mailroom.copies)
        deadline = time.monotonic() + PATIENCE
        while len(self.stage.mailroom.copies) < number and time.monotonic() < deadline:
            time.sleep(LOOK_EVERY)

    def answer(self) -> None:
        """People read their letters and confirm, turn down, lapse; places are given again, until the event begins."""
        begins = dt.datetime.combine(self.event.first_day, dt.time(), self.event.zone).astimezone(dt.UTC)
        end = max(begins, self.event.answer_by + DAY)
        start = self.stage.clock.now()
        schedule = Schedule(self._pass_to, self.landmarks, stumbled=self.ledger.note_stumble)
        while (now := self.stage.clock.now()) < end:
            self.progress("answering", 0.75 + 0.2 * ((now - start) / (end - start)))
            self._let_colleagues_come(now)
            for applicant in self.applicants:
                is_known = applicant.record.submitted is not None or applicant.record.habit == Habit.COLLEAGUE
                if is_known and applicant.unread() and not schedule.has(applicant.name):
                    schedule.add(applicant.name, habits.reading(applicant, self.dates))
            deadlines = self._own_deadlines(now)
            schedule.mind(deadlines)
            self.landmarks = sorted({*self.landmarks, *deadlines})
            tomorrow = min(now + DAY, end)
            schedule.play(until=tomorrow)
            self._pass_to(tomorrow)

    def _let_colleagues_come(self, now: dt.datetime) -> None:
        """Settle the requests to send a colleague, as two organisers would: most are let come, some refused."""
        first, second = self.team.organisers[:2]
        waiting = Replacement.objects.filter(application__event=self.event, status__in=Replacement.OPEN)
        for request in waiting.order_by("pk"):
            with suppress(replacing.NotOpen):  # the place is given up since
                if request.pk % REFUSED_EACH == 0:
                    replacing.refuse(request, reason="A rehearsal.", by=first, at=now)
                    continue
                replacing.agree(request, reason="A rehearsal.", by=first, at=now)
                replacing.sign(request, by=second, at=now)
                invented = demo.invent_person(self.options.seed, len(self.ledger.records) + 1)
                names = ("first_name", "family_name", "email", "language")
                person = replace(invented, **{name: getattr(request, name) for name in names})
                self.applicants.append(self._meet(person, Habit.COLLEAGUE))

    def _own_deadlines(self, now: dt.datetime) -> list[dt.datetime]:
        """Return the moments that matter to the second to those who were promoted: each has a deadline of their own.

        When it is set it lies further ahead than a day.
        """
        own = self.event.applications.filter(answer_by__gt=now).values_list("answer_by", flat=True).distinct()
        return [moment for until in own if until is not None for moment in (until - habits.LATEST, until)]

    def end(self) -> None:
        """The days of the event pass, and those after it."""
        self.progress("afterwards", 0.95)
        last = dt.datetime.combine(self.event.last_day, dt.time(23, 59), self.event.zone).astimezone(dt.UTC)
        self.stage.disturb_mail(0)
        self._pass_to(last + 8 * DAY)

    def _pass_to(self, moment: dt.datetime) -> None:
        """Let time pass, with a beat each day and wherever something falls due on the way."""
        while (stop := self._next_stop()) < moment:
            self.stage.clock.set_forward(stop)
            self._beat()
        self.stage.clock.set_forward(moment)
        self._beat()

    def _beat(self) -> None:
        self.stage.beat()
        self._settle()

    def _next_stop(self) -> dt.datetime:
        """Return the next moment at which something happens by itself: a letter falls due, or a date comes."""
        now = self.stage.clock.now()
        letters = Letter.objects.filter(status__in=OPEN_STATUSES)
        due = letters.filter(due_at__gt=now).aggregate(Min("due_at"))["due_at__min"]
        # Letters that are due and did not leave are held; whatever holds them is looked at each minute.
        if letters.filter(due_at__lte=now, due_at__gt=now - HOUR).exists():
            due = now + MINUTE
        dates = [date for date in self.landmarks if date > now]
        stops: list[dt.datetime] = [now + DAY, *dates, *([due] if due else [])]
        return min(stops)

    def _settle(self) -> None:
        """Wait until no letter is with a worker that lives, whose lease must not run out meanwhile."""
        started = time.monotonic()
        sending = Letter.objects.filter(status=LetterStatus.SENDING)
        while sending.exclude(claim_token__in=self.dead_claims).exists():
            if time.monotonic() - started > GIVE_UP:
                self.ledger.note_stumble("a worker has letters and does not send them")
                return
            time.sleep(LOOK_EVERY)
