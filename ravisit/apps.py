"""The project as a Django app: its admin site, its Celery application, its catalogue."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig

from ravisit.celery import app as celery_app


class RavisitConfig(AppConfig):
    """The project itself; keeps the Celery application alive, so that shared tasks find it."""

    name = "ravisit"
    celery = celery_app


class RavisitAdminConfig(AdminConfig):
    """Django's admin on our own site, which asks for a second factor where that is required."""

    default_site = "ravisit.admin_site.RavisitAdminSite"
