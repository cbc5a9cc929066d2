"""The screens of organisers and reviewers, a file each."""

from questionnaire.admin.applications import ApplicationAdmin
from questionnaire.admin.criteria import CriterionAdmin
from questionnaire.admin.letter_templates import LetterTemplateAdmin
from questionnaire.admin.outbox import LetterAdmin
from questionnaire.admin.questions import QuestionAdmin, SectionAdmin
from questionnaire.admin.quotas import QuotaAdmin, TargetAdmin
from questionnaire.admin.rehearsals import RehearsalAdmin
from questionnaire.admin.release import ReleaseAdmin
from questionnaire.admin.selection import SelectionRunAdmin
from questionnaire.admin.waiting_list import PromotionAdmin

__all__ = [
    "ApplicationAdmin",
    "CriterionAdmin",
    "LetterAdmin",
    "LetterTemplateAdmin",
    "PromotionAdmin",
    "QuestionAdmin",
    "QuotaAdmin",
    "RehearsalAdmin",
    "ReleaseAdmin",
    "SectionAdmin",
    "SelectionRunAdmin",
    "TargetAdmin",
]
