"""The project as a Django app: its admin site, its Celery application, its catalogue."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.dateformat import DateFormat

from questionnaire.signals import letters_queued, rehearsal_ordered
from ravisit.celery import wake_worker
from ravisit.formats import day_of_month


class RavisitConfig(AppConfig):
    """The project itself; keeps the Celery application alive, so that shared tasks find it."""

    name = "ravisit"

    def ready(self) -> None:
        """Let letters leave, and rehearsals begin, as soon as they are written down; and dates be well written."""
        DateFormat.j = day_of_month  # type: ignore[assignment, method-assign]  # its formats know no French ordinal
        letters_queued.connect(wake_worker, dispatch_uid="wake_worker")
        rehearsal_ordered.connect(wake_worker, dispatch_uid="wake_worker")


class RavisitAdminConfig(AdminConfig):
    """Django's admin on our own site, which asks for a second factor where that is required."""

    default_site = "ravisit.admin_site.RavisitAdminSite"
