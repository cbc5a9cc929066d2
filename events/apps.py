"""What is offered: events, their agenda, their people."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    """The app of all that the public reads."""

    name = "events"
    verbose_name = _("Events and agendas")
