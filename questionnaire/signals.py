"""What the rules announce to whoever may act on it; they themselves know neither Celery nor any other listener."""

from django.dispatch import Signal

letters_queued = Signal()
"""Letters that may leave at once have been committed. Missing it does no harm: the beat looks each minute."""

rehearsal_ordered = Signal()
"""A rehearsal that waits has been committed. Missing it does no harm: the beat looks each minute."""

FROM_BEAT = {"woken-by": "beat"}
"""Header of the wake-ups that the beat sends, by which they are told from those of a letter that was just written."""
