"""The settings under which mypy looks at the models.

django-modeltranslation exchanges the managers of translated models while Django starts, and the plugin
of django-stubs, which starts Django too, does not find their types again. So for types it stays out,
and the admin, whose screens need it, does not look for them.
"""

from ravisit.settings import *  # noqa: F403
from ravisit.settings import INSTALLED_APPS

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig" if app == "ravisit.apps.RavisitAdminConfig" else app
    for app in INSTALLED_APPS
    if app != "modeltranslation"
]
