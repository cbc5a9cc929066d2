"""The form on which a participant names the colleague who is to come instead."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from questionnaire.models import Application
from questionnaire.workflow.addresses import validate_address
from questionnaire.workflow.replacing import Colleague


def validate_one_line(text: str) -> None:
    """Refuse line ends and other control characters. Raises `ValidationError`."""
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValidationError(_("Write this on one line."), code="one_line")


class ReplacementForm(forms.Form):
    """Who is to come, and why; what the questionnaire named is filled in."""

    use_required_attribute = False

    first_name = forms.CharField(label=_("First name"), max_length=200, validators=[validate_one_line])
    family_name = forms.CharField(label=_("Family name"), max_length=200, validators=[validate_one_line])
    email = forms.CharField(
        label=_("E-mail address"), max_length=254, validators=[validate_address], widget=forms.EmailInput
    )
    language = forms.ChoiceField(
        label=_("Language of our letters to this person"), choices=settings.LANGUAGES, widget=forms.RadioSelect
    )
    role = forms.CharField(label=_("Role or job title"), max_length=200, validators=[validate_one_line])
    reason = forms.CharField(
        label=_("Why you cannot come, and why this person can take your place"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, application: Application, data: Mapping[str, Any] | None = None) -> None:
        first, _space, family = application.replacement_name.partition(" ")
        named = {"first_name": first, "family_name": family, "email": application.replacement_email}
        super().__init__(data, initial={**named, "language": application.language})

    @property
    def colleague(self) -> Colleague:
        """Return the colleague of a valid form."""
        names = ("first_name", "family_name", "email", "language", "role")
        return Colleague(**{name: self.cleaned_data[name] for name in names})
