"""The form on which participants say what they think; nothing in it has to be answered, but something has."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from questionnaire.models import Feedback
from questionnaire.workflow.feedback import SCALE

LONGEST_TEXT = 2000
_WORDS = {5: _("5 – very good"), 4: _("4 – good"), 3: _("3 – fair"), 2: _("2 – poor"), 1: _("1 – very poor")}


class FeedbackForm(forms.Form):
    """A mark for each side of the event, and two texts."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, label in Feedback.RATINGS.items():
            self.fields[key] = forms.TypedChoiceField(
                label=label,
                choices=[(mark, _WORDS[mark]) for mark in reversed(SCALE)],
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )
        for key, label in Feedback.TEXTS.items():
            self.fields[key] = forms.CharField(
                label=label,
                required=False,
                max_length=LONGEST_TEXT,
                widget=forms.Textarea(attrs={"rows": 4}),
                help_text=_("Please name no person."),
            )

    def clean(self) -> dict[str, Any]:
        """Refuse a form in which nothing is said."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(_("Answer at least one of the questions."))
        return cleaned
