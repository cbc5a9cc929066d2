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
from questionnaire.models.calibration import Calibration, Severity
from questionnaire.models.decision import Correction, Quota, Release, ReleaseException, Target
from questionnaire.models.heartbeat import Heartbeat
from questionnaire.models.letter import (
    DECISION_KINDS,
    OFFER_KINDS,
    OPEN_STATUSES,
    WITHOUT_TEMPLATE,
    AddressChange,
    Letter,
    LetterKind,
    LetterStatus,
    LetterTemplate,
    Notice,
    Wave,
)
from questionnaire.models.organising import Note, Opening, Tag
from questionnaire.models.outbox import Hold, OutboxMemory, SendingRate
from questionnaire.models.participation import Feedback, Promotion, Replacement, Standstill
from questionnaire.models.question import Condition, MatrixRow, Option, Question, Section
from questionnaire.models.rehearsal import MOST_APPLICANTS, Fault, Rehearsal
from questionnaire.models.review import Criterion, CriterionStep, Review, Score
from questionnaire.models.selection import Pin, Scores, SelectionRules, SelectionRun, Signature, Ties

__all__ = [
    "DECISION_KINDS",
    "MOST_APPLICANTS",
    "OFFER_KINDS",
    "OPEN_STATUSES",
    "WITHOUT_TEMPLATE",
    "AccessToken",
    "AddressChange",
    "Answer",
    "Application",
    "Assignment",
    "Calibration",
    "Condition",
    "Correction",
    "Criterion",
    "CriterionStep",
    "Draft",
    "Fault",
    "Feedback",
    "Heartbeat",
    "Hold",
    "Letter",
    "LetterKind",
    "LetterStatus",
    "LetterTemplate",
    "MatrixRow",
    "Note",
    "Notice",
    "Opening",
    "Option",
    "OutboxMemory",
    "Pin",
    "Promotion",
    "Question",
    "Quota",
    "Rehearsal",
    "Release",
    "ReleaseException",
    "Replacement",
    "Review",
    "Score",
    "Scores",
    "Section",
    "SelectionRules",
    "SelectionRun",
    "SendingRate",
    "Severity",
    "Signature",
    "Standstill",
    "Tag",
    "Target",
    "Ties",
    "Transition",
    "Upload",
    "Wave",
    "email_key",
]
