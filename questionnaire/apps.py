"""Who takes part, and how that is decided."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _

from questionnaire import checks


class QuestionnaireConfig(AppConfig):
    """The app of applications, reviews, decisions and letters."""

    name = "questionnaire"
    verbose_name = _("Applications")

    def ready(self) -> None:
        """Have the settings for letters checked."""
        register(checks.time_limits_are_ordered)
