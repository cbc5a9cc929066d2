"""Every address of the site, found by walking its patterns: a page that is added is among them by itself."""

import re
from collections.abc import Iterator, Mapping

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import translation

PARAMETER = re.compile(r"<(?:\w+:)?(?P<name>\w+)>|\(\?P<(?P<of_expression>\w+)>[^)]*\)")


def routes(below: str = "") -> list[str]:
    """Return every route that begins with `below`, as its patterns have it, those with a language in English."""
    with translation.override("en"):
        found = set(_walk(get_resolver().url_patterns, ""))
    return sorted(route for route in found if route.startswith(below))


def _walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield route


def parameters(route: str) -> set[str]:
    """Return the names of what a route takes."""
    return {found["name"] or found["of_expression"] for found in PARAMETER.finditer(route)}


def fill_in(route: str, values: Mapping[str, str]) -> str:
    """Return the address of a route with its parameters filled in. Raises `KeyError` for one without a value."""
    filled = PARAMETER.sub(lambda found: values[found["name"] or found["of_expression"]], route)
    return "/" + filled.replace("^", "").replace("$", "")
