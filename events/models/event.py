"""An event as the public reads it. Bilingual fields are named in `events.translation`."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


def validate_time_zone(name: str) -> None:
    """Refuse a name that the time zone database does not know."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("%(name)s is not a time zone. Example: Europe/Paris."), params={"name": name})


class Window(models.TextChoices):
    """Where the time of applying stands."""

    NOT_YET = "not_yet", _("not open yet")
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")


class EventQuerySet(models.QuerySet["Event"]):
    """Events, by who may see them."""

    def published(self) -> EventQuerySet:
        """Select what the public may see."""
        return self.filter(published=True)

    def open_first(self, now: dt.datetime) -> EventQuerySet:
        """Order for the list of events: open to applications, then the next to come, then the past."""
        is_open = Q(opens_at__lte=now, closes_at__gt=now)
        return self.annotate(is_open=models.ExpressionWrapper(is_open, models.BooleanField())).order_by(
            "-is_open", "-first_day", "slug"
        )


class Bilingual(models.Model):
    """A row whose texts stand in every language (see `events.translation`).

    `stale` names the columns that fell behind, such as `title_fr`: the other language changed after them. Written by
    whoever saves an edit, with `events.bilingual.stale_after_edit`.
    """

    stale = models.JSONField(_("texts that fell behind"), default=list, editable=False)

    class Meta:
        abstract = True


class Event(Bilingual):
    """An event with limited places, from its announcement to its last letter.

    Moments are in UTC; days and daily hours are those of `time_zone`.
    """

    slug = models.SlugField(_("short name in addresses"), unique=True)
    title = models.CharField(_("title"), max_length=250)
    summary = models.CharField(
        _("summary"), max_length=400, help_text=_("Two sentences, for lists and search engines.")
    )
    publisher = models.CharField(_("publisher"), max_length=120)
    organiser = models.CharField(_("organiser"), max_length=120)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    daily_start = models.TimeField(_("starts each day at"))
    daily_end = models.TimeField(_("ends each day at"))
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris", validators=[validate_time_zone])
    venue = models.CharField(_("venue"), max_length=200)
    languages = models.CharField(_("languages"), max_length=200)
    why = models.TextField(_("why it is held"), blank=True, help_text=_("Markdown; [^1] points to source 1."))
    aim = models.TextField(_("aim"), blank=True, help_text=_("Markdown; [^1] points to source 1."))
    practical = models.TextField(_("practical information"), blank=True, help_text=_("Markdown."))
    programme_is_provisional = models.BooleanField(_("programme is provisional"), default=True)
    places = models.PositiveIntegerField(_("places"))
    opens_at = models.DateTimeField(_("applying opens"))
    closes_at = models.DateTimeField(_("applying closes"))
    decisions_at = models.DateTimeField(
        _("decision hour"), help_text=_("The letters leave at this moment; nobody can learn anything before.")
    )
    promised_by = models.DateField(
        _("answer promised by"), help_text=_("Public: every applicant has an answer on this day.")
    )
    answered_at = models.DateTimeField(_("everybody has an answer since"), null=True, editable=False)
    answer_by = models.DateTimeField(_("accepted people confirm until"))
    reviews_per_application = models.PositiveSmallIntegerField(
        _("reviews of each application"), default=2, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    shared_applications = models.PositiveSmallIntegerField(
        _("applications that every reviewer reads"),
        default=2,
        validators=[MaxValueValidator(20)],
        help_text=_("By these the reviewers’ severity is compared. Two or more, or 0 for none."),
    )
    reviewers_from_other_countries = models.BooleanField(
        _("nobody reviews applications from their own country"),
        default=False,
        help_text=_("Applications from a reviewer’s own organisation never go to them."),
    )
    anonymous_review = models.BooleanField(
        _("anonymous review"),
        default=False,
        help_text=_(
            "Reviewers see a code instead of the name, no e-mail address, telephone number or file, "
            "and no answer that is kept from an anonymous review."
        ),
    )
    promotion_hours = models.PositiveSmallIntegerField(
        _("hours to confirm, from the waiting list"),
        default=48,
        validators=[MinValueValidator(1)],
        help_text=_("So long to answer has whoever is offered a place later; never beyond the beginning of the event."),
    )
    promotions_held = models.BooleanField(
        _("hold the waiting list"),
        default=False,
        help_text=_("While this is set, nobody is offered a free place by itself."),
    )
    joining_link = models.URLField(
        _("link to the meeting"),
        max_length=500,
        blank=True,
        help_text=_("Shown to nobody: the page of each confirmed person leads there, once joining is open."),
    )
    joining_opens_at = models.DateTimeField(
        _("joining opens"),
        null=True,
        blank=True,
        help_text=_("From then on the link works, and everybody confirmed gets the joining instructions."),
    )
    retention_days = models.PositiveSmallIntegerField(
        _("personal data are erased after"),
        default=180,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("Days after the last day of the event. Public, in the privacy notice; it happens by itself."),
    )
    shredded_at = models.DateTimeField(_("personal data erased"), null=True, editable=False)
    show_emblem = models.BooleanField(
        _("show the emblem of the European Commission"),
        default=False,
        help_text=_("Only for an institution of the Union, or with its agreement."),
    )
    # Equal scores are decided by lot: the SHA-256 of the seed before the reviews, the seed itself after the release.
    lottery_commitment = models.CharField(max_length=64, blank=True, editable=False)
    lottery_seed = models.CharField(max_length=64, blank=True, editable=False)
    published = models.BooleanField(_("published"), default=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-first_day", "slug"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="event_days_in_order"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="event_window_in_order"),
            models.CheckConstraint(condition=Q(decisions_at__gte=F("closes_at")), name="event_decides_after_close"),
            models.CheckConstraint(condition=Q(retention_days__gte=1), name="event_retention_is_positive"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of the event's page in the active language."""
        return reverse("events:event", args=[self.slug])

    def clean(self) -> None:
        """Refuse dates that contradict each other or the promise, each error at its field."""
        if self.shared_applications == 1:
            raise ValidationError({"shared_applications": _("One alone compares nothing: two or more, or 0.")})
        moments = [self.opens_at, self.closes_at, self.decisions_at, self.answer_by]
        if None in (*moments, self.first_day, self.last_day, self.promised_by, self.daily_end):
            return  # a missing date has its own error
        problems = {
            "last_day": (self.last_day < self.first_day, _("The last day comes before the first.")),
            "closes_at": (self.closes_at <= self.opens_at, _("Applying closes before it opens.")),
            "decisions_at": (self.decisions_at < self.closes_at, _("The decision hour comes before the close.")),
            "promised_by": (
                self.decisions_at >= self.promise_ends_at,
                _("The decision hour comes after the promised day."),
            ),
            "answer_by": (self.answer_by <= self.decisions_at, _("The answer is due before the letters leave.")),
            "joining_opens_at": (
                self.joining_opens_at is not None and self.joining_opens_at >= self.ends_at,
                _("Joining opens when the event is over."),
            ),
        }
        errors = {field: message for field, (broken, message) in problems.items() if broken}
        if errors:
            raise ValidationError(errors)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Return the time zone in which the event's days and hours are meant."""
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def promise_ends_at(self) -> dt.datetime:
        """Return the first moment after the promised day, in UTC; the promise holds before it."""
        return self.end_of(self.promised_by)

    def end_of(self, day: dt.date) -> dt.datetime:
        """Return the first moment after a day in the event's zone, in UTC."""
        return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), self.zone).astimezone(dt.UTC)

    @property
    def begins_at(self) -> dt.datetime:
        """Return the moment at which the first day begins, in UTC."""
        return dt.datetime.combine(self.first_day, self.daily_start, self.zone).astimezone(dt.UTC)

    @property
    def ends_at(self) -> dt.datetime:
        """Return the moment at which the last day ends, in UTC."""
        return dt.datetime.combine(self.last_day, self.daily_end, self.zone).astimezone(dt.UTC)

    def can_join(self, now: dt.datetime) -> bool:
        """Return whether the link to the meeting works at `now`."""
        opens_at = self.joining_opens_at
        return bool(self.joining_link) and opens_at is not None and opens_at <= now < self.ends_at

    @property
    def kept_until(self) -> dt.date:
        """Return the last day on which personal data are kept."""
        return self.last_day + dt.timedelta(days=self.retention_days)

    def window(self, now: dt.datetime) -> Window:
        """Return whether one can apply at `now`; the close itself is already closed."""
        if now < self.opens_at:
            return Window.NOT_YET
        return Window.OPEN if now < self.closes_at else Window.CLOSED


class Interpretation(models.TextChoices):
    """Simultaneous interpretation of a session, from the floor's language."""

    NONE = "none", _("no interpretation")
    EN_FR = "en_fr", _("English into French")
    FR_EN = "fr_en", _("French into English")
    BOTH = "both", _("English–French both ways")


class Session(Bilingual):
    """An item of the agenda."""

    class Kind(models.TextChoices):
        """What happens in a session."""

        OPENING = "opening", _("Opening")
        TALK = "talk", _("Presentation")
        DISCUSSION = "discussion", _("Discussion")
        BREAK = "break", _("Break")
        CLOSING = "closing", _("Closing")

    event = models.ForeignKey(Event, models.CASCADE, related_name="sessions", verbose_name=_("event"))
    key = models.SlugField(_("short name"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.TALK)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    title = models.CharField(_("title"), max_length=250)
    description = models.TextField(_("description"), blank=True)
    speakers = models.CharField(_("speakers"), max_length=250, blank=True)
    floor_language = models.CharField(_("floor language"), max_length=2, choices=settings.LANGUAGES, blank=True)
    interpretation = models.CharField(
        _("interpretation"), max_length=8, choices=Interpretation, default=Interpretation.NONE
    )

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("agenda")
        ordering = ["starts_at", "key"]
        constraints = [
            models.UniqueConstraint(fields=["event", "key"], name="session_key_once_per_event"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_start"),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Refuse an end before the start."""
        if None not in (self.starts_at, self.ends_at) and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("The session ends before it starts.")})


class Contact(Bilingual):
    """A person to ask about the event."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="contacts", verbose_name=_("event"))
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=200, blank=True)
    email = models.EmailField(
        _("e-mail"), blank=True, help_text=_("Shown on the page; replies to letters go to the first.")
    )

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["order", "name"]
        constraints = [models.UniqueConstraint(fields=["event", "name"], name="contact_once_per_event")]

    def __str__(self) -> str:
        return self.name


class TargetGroup(Bilingual):
    """A group of practitioners for whom the event is made."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="target_groups", verbose_name=_("event"))
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    key = models.SlugField(_("short name"))
    label = models.CharField(_("label"), max_length=250)

    class Meta:
        verbose_name = _("target group")
        verbose_name_plural = _("target groups")
        ordering = ["order", "key"]
        constraints = [models.UniqueConstraint(fields=["event", "key"], name="target_group_once_per_event")]

    def __str__(self) -> str:
        return self.label


class GuidingQuestion(Bilingual):
    """A question that the event answers."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="guiding_questions", verbose_name=_("event"))
    number = models.PositiveSmallIntegerField(_("number"))
    text = models.CharField(_("text"), max_length=500)

    class Meta:
        verbose_name = _("guiding question")
        verbose_name_plural = _("guiding questions")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["event", "number"], name="guiding_question_number_once")]

    def __str__(self) -> str:
        return f"{self.number}. {self.text}"


class Reference(Bilingual):
    """A numbered note or source, to which `[^number]` in the texts points."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="references", verbose_name=_("event"))
    number = models.PositiveSmallIntegerField(_("number"))
    text = models.CharField(_("text"), max_length=500, help_text=_("Markdown."))
    url = models.URLField(_("address"), blank=True)

    class Meta:
        verbose_name = _("reference")
        verbose_name_plural = _("notes and sources")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["event", "number"], name="reference_number_once")]

    def __str__(self) -> str:
        return f"[{self.number}] {self.text}"


class Membership(models.Model):
    """What a person of the staff does for an event; the one source of rights on it.

    Of reviewers, organisation and country are known, so that nobody reviews a colleague.
    """

    class Role(models.TextChoices):
        """What a member may do: organise everything, or review what is assigned."""

        ORGANISER = "organiser", _("organiser")
        REVIEWER = "reviewer", _("reviewer")

    event = models.ForeignKey(Event, models.CASCADE, related_name="memberships", verbose_name=_("event"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=12, choices=Role)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    language = models.CharField(
        _("language of letters"), max_length=2, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team")
        ordering = ["role", "user"]
        constraints = [models.UniqueConstraint(fields=["event", "user", "role"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"
