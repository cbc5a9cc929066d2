"""The rows of an application's life. State columns are written by `questionnaire.workflow` alone."""

from questionnaire.models.application import (
    AccessToken,
    Answer,
    Application,
    Draft,
    Transition,
    Upload,
    email_key,
)
from questionnaire.models.assignment import Assignment
from questionnaire.models.decision import Quota, Release
from questionnaire.models.letter import (
    DECISION_KINDS,
    OPEN_STATUSES,
    Letter,
    LetterKind,
    LetterStatus,
    LetterTemplate,
)
from questionnaire.models.question import Condition, MatrixRow, Option, Question, Section
from questionnaire.models.review import Criterion, Review, Score
from questionnaire.models.selection import Pin, SelectionRun

__all__ = [
    "DECISION_KINDS",
    "OPEN_STATUSES",
    "AccessToken",
    "Answer",
    "Application",
    "Assignment",
    "Condition",
    "Criterion",
    "Draft",
    "Letter",
    "LetterKind",
    "LetterStatus",
    "LetterTemplate",
    "MatrixRow",
    "Option",
    "Pin",
    "Question",
    "Quota",
    "Release",
    "Review",
    "Score",
    "Section",
    "SelectionRun",
    "Transition",
    "Upload",
    "email_key",
]
