"""The site of a rehearsal, for gunicorn."""

from django.core.wsgi import get_wsgi_application

from ravisit.rehearsal.entry import take_the_clock

take_the_clock()
application = get_wsgi_application()
