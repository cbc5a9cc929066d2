"""The Celery application with a beat each second, for tests that cannot wait for the real one."""

from ravisit.celery import DO_WHAT_IS_DUE, app

__all__ = ["app"]

app.conf.beat_schedule = {"do-what-is-due": {"task": DO_WHAT_IS_DUE, "schedule": 1.0}}
