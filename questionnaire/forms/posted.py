"""A text that was posted beside a form, where no field checks it."""

from django.http import HttpRequest


def text(request: HttpRequest, name: str) -> str:
    """Return it as a database takes it: without NUL, and without space around it; empty where there is none."""
    return request.POST.get(name, "").replace("\0", "").strip()
