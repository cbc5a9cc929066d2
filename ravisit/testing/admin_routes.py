"""Every address of the admin, found by walking its patterns: a page that is added is among them by itself."""

import re
from collections.abc import Iterator

from django.apps import apps
from django.contrib import admin
from django.urls import URLPattern, URLResolver

ARGUMENT = re.compile(r"<(?:\w+:)?(?P<name>\w+)>")


def routes(patterns: list[URLPattern | URLResolver] | None = None, before: str = "/admin/") -> Iterator[str]:
    """Yield each address, with its arguments in angle brackets as in `path()`.

    Of the two patterns of Django's that are regular expressions, the first stands for the page of each app, the
    second for an address that does not exist.
    """
    for pattern in admin.site.get_urls() if patterns is None else patterns:
        route = str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, before + route)
        elif "app_label" in route:
            yield from (f"{before}{label}/" for label in sorted({model._meta.app_label for model in apps.get_models()}))
        elif "(?P<" in route:
            yield f"{before}nowhere/"
        else:
            yield before + route


def fill_in(route: str, arguments: dict[str, str], otherwise: str = "1") -> str:
    """Return an address with its arguments, those without a value of their own as `otherwise`."""
    return ARGUMENT.sub(lambda found: arguments.get(found["name"], otherwise), route)
