"""The WSGI entry point, for gunicorn."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import reverse
from django.utils import translation

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ravisit.settings")

application = get_wsgi_application()

# The screens and the texts of each language are loaded now: no visitor waits for them, and the workers share them.
for language, _name in settings.LANGUAGES:
    with translation.override(language):
        reverse("admin:index")
        translation.gettext("Event")

# All that is loaded now stays for good. Frozen, it is not looked through again whenever a page makes many objects,
# which took half of the time of the longest ones; and workers that share it need not copy it.
gc.collect()
gc.freeze()
