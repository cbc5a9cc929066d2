"""What an answer must be, and which questions are asked at all: the one home of these rules.

Works on what a browser posts, `{input name: [values]}`, and on questions held in memory; asks no database.
The form shows what is decided here, and `submission` decides by it.
"""

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator, RegexValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from events.countries import all_countries
from questionnaire.models import Condition, Option, Question
from questionnaire.workflow.addresses import validate_address

Posted = Mapping[str, Sequence[str]]
Kind = Question.Kind

CHOICE_KINDS = frozenset({Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.MATRIX})
SHORT_TEXT_LIMIT = 200
LONG_TEXT_LIMIT = 5000
OTHER_TEXT_LIMIT = 250

PAGES_OWN = frozenset(
    {"answer", "csrfmiddlewaretoken", "draft", "go", "keep", "page", "remove", "seen", "shown", "warned"}
    | {"page-opened", "page-topic"}
)
"""What no question can be called: a page posts something of its own under these names."""

_validate_phone = RegexValidator(
    r"^\+?[0-9][0-9 ()./-]{4,28}\Z", _("Enter a telephone number with digits, such as +33 1 23 45 67 89.")
)
_refuse_null = ProhibitNullCharactersValidator(
    _("This text contains a character that cannot be stored. Type it again.")
)


@dataclass(frozen=True)
class CheckedAnswer:
    """An answer that keeps all rules: `value` as `Answer.value` describes, `text` beside an open option."""

    value: Any
    text: str = ""


@dataclass(frozen=True)
class CheckedAnswers:
    """All answers of a questionnaire by question key: `errors` has what must be changed, `asked` which are shown."""

    answers: dict[str, CheckedAnswer] = field(default_factory=dict)
    errors: dict[str, list[ValidationError]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)


def text_name(name: str) -> str:
    """Return the name of the input in which one says which "other" is meant."""
    return f"{name}-text"


def row_name(name: str, row_key: str) -> str:
    """Return the name of the inputs of a matrix row."""
    return f"{name}-{row_key}"


def input_names(question: Question) -> list[str]:
    """Return the names of all inputs that belong to a question."""
    if question.kind == Kind.MATRIX:
        return [row_name(question.key, row.key) for row in question.rows.all()]
    opened = any(option.opens_text for option in question.options.all())
    return [question.key, text_name(question.key)] if opened else [question.key]


def is_on_its_page(question: Question, name: str) -> bool:
    """Return whether an input of the question stands on its page: the text beside a retired option does not."""
    return name != text_name(question.key) or any(option.opens_text for option in live_options(question))


def tidy(text: str) -> str:
    """Return the text as it is stored and counted: NFC, line ends as one character, no space around."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def live_options(question: Question) -> list[Option]:
    """Return the options that may be chosen now."""
    return [option for option in question.options.all() if not option.retired]


def check(question: Question, posted: Posted) -> CheckedAnswer | None:
    """Return the answer to a question, or None where it was left out.

    Raises `ValidationError` with the reason, in the active language, when the answer breaks a rule.
    """
    answer = _CHECKS[Kind(question.kind)](question, posted)
    if answer is None and question.required:
        raise ValidationError(_REQUIRED.get(Kind(question.kind), _("This question needs an answer.")), code="required")
    return answer


_REQUIRED = {
    Kind.SINGLE_CHOICE: _("Choose one of the answers."),
    Kind.MULTIPLE_CHOICE: _("Choose at least one of the answers."),
    Kind.YES_NO: _("Choose yes or no."),
    Kind.COUNTRY: _("Choose a country."),
    Kind.MATRIX: _("Choose one answer in each row."),
    Kind.ACKNOWLEDGEMENT: _("Tick the box to go on."),
    Kind.FILE: _("Choose a file."),
}


def _last(posted: Posted, name: str) -> str:
    """Return the last value posted under a name, tidied; an absent one is empty."""
    values = posted.get(name) or [""]
    _refuse_null(values[-1])
    return tidy(values[-1])


def _check_length(text: str, minimum: int, maximum: int) -> None:
    if len(text) > maximum:
        raise ValidationError(
            ngettext_lazy(
                "Shorten this to %(maximum)d character; it has %(length)d now.",
                "Shorten this to %(maximum)d characters; it has %(length)d now.",
                maximum,
            )
            % {"maximum": maximum, "length": len(text)},
            code="max_length",
        )
    if len(text) < minimum:
        raise ValidationError(
            ngettext_lazy(
                "Write at least %(minimum)d character; you have written %(length)d.",
                "Write at least %(minimum)d characters; you have written %(length)d.",
                minimum,
            )
            % {"minimum": minimum, "length": len(text)},
            code="min_length",
        )


def _check_short_text(question: Question, posted: Posted) -> CheckedAnswer | None:
    text = _last(posted, question.key)
    if not text:
        return None
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValidationError(_("Write this on one line."), code="one_line")
    _check_length(text, question.minimum or 0, question.maximum or SHORT_TEXT_LIMIT)
    return CheckedAnswer(text)


def _check_long_text(question: Question, posted: Posted) -> CheckedAnswer | None:
    text = _last(posted, question.key)
    if not text:
        return None
    _check_length(text, question.minimum or 0, question.maximum or LONG_TEXT_LIMIT)
    return CheckedAnswer(text)


def _check_email(question: Question, posted: Posted) -> CheckedAnswer | None:
    address = _last(posted, question.key)
    if not address:
        return None
    validate_address(address)
    return CheckedAnswer(address)


def _check_phone(question: Question, posted: Posted) -> CheckedAnswer | None:
    number = _last(posted, question.key)
    if not number:
        return None
    _validate_phone(number)
    return CheckedAnswer(number)


def _check_number(question: Question, posted: Posted) -> CheckedAnswer | None:
    text = _last(posted, question.key)
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise ValidationError(_("Enter a whole number in digits."), code="invalid")
    number = int(text)
    if question.minimum is not None and number < question.minimum:
        raise ValidationError(_("Enter %(bound)d or more.") % {"bound": question.minimum}, code="min_value")
    if question.maximum is not None and number > question.maximum:
        raise ValidationError(_("Enter %(bound)d or less.") % {"bound": question.maximum}, code="max_value")
    return CheckedAnswer(number)


def _check_date(question: Question, posted: Posted) -> CheckedAnswer | None:
    text = _last(posted, question.key)
    if not text:
        return None
    try:
        return CheckedAnswer(dt.date.fromisoformat(text).isoformat())
    except ValueError:
        raise ValidationError(_("Enter a date as year-month-day, such as 2021-12-07."), code="invalid") from None


def _check_yes_no(question: Question, posted: Posted) -> CheckedAnswer | None:
    text = _last(posted, question.key)
    if not text:
        return None
    if text not in {"yes", "no"}:
        raise ValidationError(_REQUIRED[Kind.YES_NO], code="invalid_choice")
    return CheckedAnswer(text == "yes")


def _check_acknowledgement(question: Question, posted: Posted) -> CheckedAnswer | None:
    return CheckedAnswer(True) if _last(posted, question.key) else None


def _check_country(question: Question, posted: Posted) -> CheckedAnswer | None:
    code = _last(posted, question.key)
    if not code:
        return None
    if code not in all_countries():
        raise ValidationError(_("Choose a country from the list."), code="invalid_choice")
    return CheckedAnswer(code)


def _said_which(question: Question, chosen: Iterable[Option], posted: Posted) -> str:
    """Return what was said beside an open option; raise when it is missing."""
    if not any(option.opens_text for option in chosen):
        return ""
    text = _last(posted, text_name(question.key))
    if not text:
        raise ValidationError(_("Say which in the field beside your choice."), code="text_required")
    _check_length(text, 0, OTHER_TEXT_LIMIT)
    return text


def _chosen(question: Question, keys: Iterable[str]) -> list[Option]:
    """Return the options behind posted keys, in the question's order; raise on an unknown one."""
    wanted = {key for key in keys if key}
    chosen = [option for option in question.options.all() if option.key in wanted]
    if len(chosen) != len(wanted):
        raise ValidationError(_("One of the answers is no longer on offer. Choose again."), code="invalid_choice")
    retired = [option.label for option in chosen if option.retired]
    if retired:
        raise ValidationError(
            _("No longer on offer: %(options)s. Choose again.") % {"options": ", ".join(retired)}, code="invalid_choice"
        )
    return chosen


def _check_single_choice(question: Question, posted: Posted) -> CheckedAnswer | None:
    chosen = _chosen(question, [_last(posted, question.key)])
    if not chosen:
        return None
    return CheckedAnswer(chosen[0].key, _said_which(question, chosen, posted))


def _check_multiple_choice(question: Question, posted: Posted) -> CheckedAnswer | None:
    chosen = _chosen(question, posted.get(question.key, ()))
    if not chosen:
        return None
    if question.maximum is not None and len(chosen) > question.maximum:
        raise ValidationError(
            _("Choose at most %(maximum)d; you have chosen %(number)d.")
            % {"maximum": question.maximum, "number": len(chosen)},
            code="max_choices",
        )
    if question.minimum is not None and len(chosen) < question.minimum:
        raise ValidationError(
            _("Choose at least %(minimum)d; you have chosen %(number)d.")
            % {"minimum": question.minimum, "number": len(chosen)},
            code="min_choices",
        )
    return CheckedAnswer([option.key for option in chosen], _said_which(question, chosen, posted))


def _check_matrix(question: Question, posted: Posted) -> CheckedAnswer | None:
    steps = {option.key for option in live_options(question)}
    rows = question.rows.all()
    value = {row.key: _last(posted, row_name(question.key, row.key)) for row in rows}
    given = {row_key: step for row_key, step in value.items() if step}
    if not set(given.values()) <= steps:
        raise ValidationError(_("One of the answers is no longer on offer. Choose again."), code="invalid_choice")
    if given and question.required and len(given) < len(rows):
        raise ValidationError(_REQUIRED[Kind.MATRIX], code="required")
    return CheckedAnswer(given) if given else None


def _check_file(question: Question, posted: Posted) -> CheckedAnswer | None:
    """Take over the file that the draft names; it was looked at when it came."""
    match list(posted.get(question.key, ())):
        case [upload_id, name]:
            return CheckedAnswer(upload_id, name)
        case _:
            return None


_CHECKS: dict[Question.Kind, Callable[[Question, Posted], CheckedAnswer | None]] = {
    Kind.SHORT_TEXT: _check_short_text,
    Kind.LONG_TEXT: _check_long_text,
    Kind.EMAIL: _check_email,
    Kind.PHONE: _check_phone,
    Kind.NUMBER: _check_number,
    Kind.DATE: _check_date,
    Kind.YES_NO: _check_yes_no,
    Kind.SINGLE_CHOICE: _check_single_choice,
    Kind.MULTIPLE_CHOICE: _check_multiple_choice,
    Kind.MATRIX: _check_matrix,
    Kind.COUNTRY: _check_country,
    Kind.ACKNOWLEDGEMENT: _check_acknowledgement,
    Kind.FILE: _check_file,
}


def value_keys(value: Any) -> frozenset[str]:
    """Return an answer's value as the set of keys that conditions, quotas and filters compare."""
    if value is None:
        return frozenset()
    if isinstance(value, bool):
        return frozenset({"yes" if value else "no"})
    if isinstance(value, dict):
        return frozenset(f"{row}:{step}" for row, step in value.items())
    if isinstance(value, list):
        return frozenset(value)
    return frozenset({str(value)})


def condition_holds(condition: Condition, answers: Mapping[str, CheckedAnswer]) -> bool:
    """Return whether a condition is true of the answers, by question key; a question not asked has none."""
    answer = answers.get(condition.depends_on.key)
    keys = value_keys(answer.value) if answer else frozenset()
    match condition.operator:
        case Condition.Operator.ANSWERED:
            return answer is not None
        case Condition.Operator.UNANSWERED:
            return answer is None
        case Condition.Operator.IS_ONE_OF:
            return bool(keys & condition.wanted)
        case _:
            return not keys & condition.wanted


def is_asked(question: Question, answers: Mapping[str, CheckedAnswer]) -> bool:
    """Return whether a question is shown, given the answers to the questions before it."""
    if question.retired:
        return False
    results = [condition_holds(condition, answers) for condition in question.conditions.all()]
    if not results:
        return True
    return all(results) if question.match == Question.Match.ALL else any(results)


def check_all(questions: Iterable[Question], posted: Posted) -> CheckedAnswers:
    """Check every question that is asked, in the order of the questionnaire; hidden ones leave no trace."""
    checked = CheckedAnswers()
    for question in questions:
        if not is_asked(question, checked.answers):
            continue
        checked.asked.add(question.key)
        try:
            answer = check(question, posted)
        except ValidationError as error:
            checked.errors[question.key] = list(error.error_list)
            continue
        if answer is not None:
            checked.answers[question.key] = answer
    return checked
