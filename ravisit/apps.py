"""The project as a Django app: its admin site, its Celery application, its catalogue."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig

from questionnaire.signals import letters_queued
from ravisit.celery import wake_worker


class RavisitConfig(AppConfig):
    """The project itself; keeps the Celery application alive, so that shared tasks find it."""

    name = "ravisit"

    def ready(self) -> None:
        """Let letters leave as soon as they are written."""
        letters_queued.connect(wake_worker, dispatch_uid="wake_worker")


class RavisitAdminConfig(AdminConfig):
    """Django's admin on our own site, which asks for a second factor where that is required."""

    default_site = "ravisit.admin_site.RavisitAdminSite"
