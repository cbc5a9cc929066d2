"""The Celery application: it only wakes the work that the database already holds."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ravisit.settings")

app = Celery("ravisit")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "do-what-is-due": {"task": "questionnaire.tasks.do_what_is_due", "schedule": 60.0},
}
