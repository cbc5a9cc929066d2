"""The WSGI entry point, for gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ravisit.settings")

application = get_wsgi_application()

# All that is loaded now stays for good. Frozen, it is not looked through again whenever a page makes many objects,
# which took half of the time of the longest ones; and the first visitor does not wait for the screens to be loaded.
assert get_resolver().url_patterns
gc.collect()
gc.freeze()
