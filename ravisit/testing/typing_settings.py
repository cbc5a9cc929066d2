"""The settings under which mypy looks at the models.

django-modeltranslation exchanges the managers of translated models while Django starts, and the plugin
of django-stubs, which starts Django too, does not find their types again. So for types it stays out.
"""

from ravisit.settings import *  # noqa: F403
from ravisit.settings import INSTALLED_APPS

INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "modeltranslation"]
