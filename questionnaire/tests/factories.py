"""Questionnaires, applications, reviews and letters to test with."""

import datetime as dt
from collections.abc import Iterable

import factory
from factory.django import DjangoModelFactory

from events.models import Event
from events.tests.factories import EventFactory, UserFactory
from questionnaire.models import (
    WITHOUT_TEMPLATE,
    AccessToken,
    Application,
    Assignment,
    Condition,
    Criterion,
    Draft,
    LetterKind,
    LetterTemplate,
    Option,
    Question,
    Release,
    Review,
    Section,
)
from questionnaire.states import State

BEFORE_OPENING = dt.datetime(2021, 11, 1, 12, tzinfo=dt.UTC)
WHILE_OPEN = dt.datetime(2021, 11, 10, 12, tzinfo=dt.UTC)
AFTER_CLOSE = dt.datetime(2021, 11, 22, 12, tzinfo=dt.UTC)
DECISION_HOUR = dt.datetime(2021, 11, 29, 9, tzinfo=dt.UTC)  # 10.00 in Paris
AFTER_RELEASE = dt.datetime(2021, 11, 29, 12, tzinfo=dt.UTC)


class SectionFactory(DjangoModelFactory[Section]):
    """A section of the questionnaire."""

    class Meta:
        model = Section

    event = factory.SubFactory(EventFactory)
    key = factory.Sequence(lambda n: f"section{n}")
    order = factory.Sequence(int)
    title_en = "You"
    title_fr = "Vous"


class QuestionFactory(DjangoModelFactory[Question]):
    """An optional question for a short text; `options=["a", "b"]` gives it options."""

    class Meta:
        model = Question
        skip_postgeneration_save = True

    section = factory.SubFactory(SectionFactory)
    event = factory.SelfAttribute("section.event")
    key = factory.Sequence(lambda n: f"question{n}")
    order = factory.Sequence(int)
    kind = Question.Kind.SHORT_TEXT
    label_en = factory.LazyAttribute(lambda question: f"What about {question.key}?")
    label_fr = factory.LazyAttribute(lambda question: f"Et {question.key} ?")

    @factory.post_generation
    def options(self, create: bool, keys: Iterable[str] | None, **_kwargs: object) -> None:
        """Add options; a key that ends in `+` asks to say which."""
        for order, key in enumerate(keys or ()):
            Option.objects.create(
                question=self,
                order=order,
                key=key.rstrip("+"),
                label_en=f"Option {key.rstrip('+')}",
                label_fr=f"Choix {key.rstrip('+')}",
                opens_text=key.endswith("+"),
            )


class ConditionFactory(DjangoModelFactory[Condition]):
    """A condition under which a question is shown."""

    class Meta:
        model = Condition

    question = factory.SubFactory(QuestionFactory)
    depends_on = factory.SubFactory(QuestionFactory)
    operator = Condition.Operator.IS_ONE_OF


class LetterTemplateFactory(DjangoModelFactory[LetterTemplate]):
    """A letter whose texts name the kind, the reader and the personal link."""

    class Meta:
        model = LetterTemplate

    event = factory.SubFactory(EventFactory)
    kind = LetterKind.RECEIPT
    subject_en = factory.LazyAttribute(lambda template: f"{LetterKind(template.kind).value} in English")
    subject_fr = factory.LazyAttribute(lambda template: f"{LetterKind(template.kind).value} en français")
    body_en = "Dear {first_name},\n\nthis is about *{event_title}*.\n\n{personal_link}\n"
    body_fr = "Bonjour {first_name},\n\nil s’agit de *{event_title}*.\n\n{personal_link}\n"


def small_questionnaire(event: Event | None = None) -> Event:
    """Return an event with two sections of questions, all that an application needs, and every letter."""
    event = event or EventFactory()
    you = SectionFactory(event=event, key="you", order=1)
    work = SectionFactory(event=event, key="work", order=2, title_en="Your work", title_fr="Votre travail")
    kind = Question.Kind
    for order, fills in enumerate(["first_name", "family_name"]):
        QuestionFactory(section=you, key=fills, fills=fills, order=order, required=True)
    QuestionFactory(section=you, key="email", fills="email", kind=kind.EMAIL, order=2, required=True)
    QuestionFactory(
        section=you,
        key="language",
        fills="language",
        kind=kind.SINGLE_CHOICE,
        order=3,
        required=True,
        options=["en", "fr"],
    )
    QuestionFactory(section=work, key="country", fills="country", kind=kind.COUNTRY, order=0, required=True)
    earlier = QuestionFactory(section=work, key="earlier", kind=kind.YES_NO, order=1)
    which = QuestionFactory(section=work, key="which", order=2, required=True)
    ConditionFactory(question=which, depends_on=earlier, values="yes")
    for letter_kind in set(LetterKind) - set(WITHOUT_TEMPLATE):
        LetterTemplateFactory(event=event, kind=letter_kind)
    return event


def typed(**changes: str) -> dict[str, list[str]]:
    """Return what someone types into the small questionnaire, as a draft holds it."""
    values = {
        "first_name": "Zoé",
        "family_name": "Müller",
        "email": "zoe@example.org",
        "language": "fr",
        "country": "AT",
        "earlier": "no",
        **changes,
    }
    return {name: [value] for name, value in values.items()}


class ApplicationFactory(DjangoModelFactory[Application]):
    """A submitted application, with its draft."""

    class Meta:
        model = Application
        skip_postgeneration_save = True

    event = factory.SubFactory(EventFactory)
    state = State.SUBMITTED
    first_name = factory.Sequence(lambda n: f"First{n}")
    family_name = factory.Sequence(lambda n: f"Family{n}")
    email = factory.Sequence(lambda n: f"person{n}@example.org")
    email_key = factory.SelfAttribute("email")
    country = "FR"
    created_at = WHILE_OPEN
    submitted_at = factory.LazyAttribute(lambda a: None if a.state == State.DRAFT else WHILE_OPEN)
    submitted_revision = factory.LazyAttribute(lambda a: None if a.state == State.DRAFT else 1)
    email_proved_at = factory.LazyAttribute(lambda a: None if a.state == State.DRAFT else WHILE_OPEN)

    @factory.post_generation
    def draft(self, create: bool, values: dict[str, list[str]] | None, **_kwargs: object) -> None:
        """Give the application the draft that every application has."""
        Draft.objects.create(application=self, values=values or {}, revision=1, saved_at=WHILE_OPEN)


class CriterionFactory(DjangoModelFactory[Criterion]):
    """A criterion from 0 to 5."""

    class Meta:
        model = Criterion

    event = factory.SubFactory(EventFactory)
    key = factory.Sequence(lambda n: f"criterion{n}")
    order = factory.Sequence(int)
    name_en = "Motivation"
    name_fr = "Motivation"


class ReviewFactory(DjangoModelFactory[Review]):
    """A review without a conflict of interest, not scored yet."""

    class Meta:
        model = Review

    application = factory.SubFactory(ApplicationFactory)
    reviewer = factory.SubFactory(UserFactory)
    saved_at = AFTER_CLOSE


class AssignmentFactory(DjangoModelFactory[Assignment]):
    """An application that a reviewer is asked to review."""

    class Meta:
        model = Assignment

    application = factory.SubFactory(ApplicationFactory)
    reviewer = factory.SubFactory(UserFactory)
    made_at = AFTER_CLOSE


class AccessTokenFactory(DjangoModelFactory[AccessToken]):
    """A personal link that still works."""

    class Meta:
        model = AccessToken

    application = factory.SubFactory(ApplicationFactory)
    nonce = factory.Sequence(lambda n: f"nonce{n}")
    token_hash = factory.Sequence(lambda n: f"{n:064d}")
    created_at = WHILE_OPEN
    expires_at = AFTER_RELEASE


def released(event: Event, at: dt.datetime) -> Release:
    """Return the release of an event's decisions, ordered, signed and carried out at one moment."""
    first, second = UserFactory.create_batch(2)
    return Release.objects.create(
        event=event, ordered_by=first, ordered_at=at, signed_by=second, signed_at=at, released_at=at
    )
