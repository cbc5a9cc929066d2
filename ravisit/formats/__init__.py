"""How dates and hours are written, over Django's own formats."""

from django.utils.dateformat import DateFormat
from django.utils.translation import get_language


def day_of_month(written: DateFormat) -> int | str:
    """Return the day of the month, `j` in a format; in French, the first is the only one with an ordinal."""
    day: int = written.data.day  # type: ignore[union-attr]  # a time has no day, and no format of a time asks for it
    return "1er" if day == 1 and get_language() == "fr" else day
