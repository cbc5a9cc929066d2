"""Public pages, served whole from the memory of the process.

A page is made once for each version of the content and then answered without touching the database:
its bytes, its headers (those of every middleware below) and its ETag are kept, and its compressed
forms are made once. Only a `PublicPage` is ever kept; everything else passes through.
"""

import datetime as dt
import gzip
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import brotli
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response

from events.pages import PublicPage
from events.publishing import content_version

MAX_PAGES = 512
ENCODERS: dict[str, Callable[[bytes], bytes]] = {"br": partial(brotli.compress, quality=5), "gzip": gzip.compress}
REFUSED = re.compile(r";\s*q=0(\.0*)?\s*$")

# Scheme, host and path. A page for one host never answers for another, nor https for http (which is
# redirected): a host that Django would refuse finds no page here, and so reaches Django.
Key = tuple[str | None, str | None, str]


@dataclass(frozen=True)
class StoredPage:
    """A complete answer, and what it rests on."""

    body: bytes
    headers: dict[str, str]
    revalidation: dict[str, str]
    version: str
    valid_until: dt.datetime | None
    encoded: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, page: PublicPage) -> "StoredPage":
        """Keep a page."""
        revalidation = {
            # Weak, since it stands for the compressed forms too.
            "ETag": f'W/"{hashlib.sha256(page.content).hexdigest()[:32]}"',
            "Cache-Control": "public, max-age=0, must-revalidate",
            "Vary": "Accept-Encoding",
        }
        headers = {**page.headers, **revalidation}
        return cls(page.content, headers, revalidation, page.version, page.valid_until)

    def holds(self, version: str, now: dt.datetime) -> bool:
        """Return whether a new page would read the same."""
        return self.version == version and (self.valid_until is None or now < self.valid_until)

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        """Return the page, compressed as the client accepts it, or 304 where the client has it already."""
        unchanged = get_conditional_response(request, etag=self.revalidation["ETag"])
        if unchanged is not None:
            for name, value in self.revalidation.items():
                unchanged.headers[name] = value
            return unchanged
        encoding = accepted_encoding(request.META.get("HTTP_ACCEPT_ENCODING", ""))
        if encoding is None:
            return HttpResponse(self.body, headers={**self.headers, "Content-Length": str(len(self.body))})
        body = self.encoded.get(encoding) or self.encoded.setdefault(encoding, ENCODERS[encoding](self.body))
        return HttpResponse(
            body, headers={**self.headers, "Content-Encoding": encoding, "Content-Length": str(len(body))}
        )


PAGES: dict[Key, StoredPage] = {}


def accepted_encoding(header: str) -> str | None:
    """Return the best encoding of ours that an `Accept-Encoding` header allows, or None."""
    offers = (offer for offer in header.split(",") if not REFUSED.search(offer))
    allowed = {offer.partition(";")[0].strip().lower() for offer in offers}
    return next((name for name in ENCODERS if name in allowed), None)


class PageCacheMiddleware:
    """Answers for public pages that were made before; stands above every other middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer from memory where that says the same as a new page would."""
        if request.method not in {"GET", "HEAD"} or request.META.get("QUERY_STRING"):
            return self.get_response(request)
        key = (request.scheme, request.META.get("HTTP_HOST"), request.path_info)
        page = PAGES.get(key)
        if page is None or not page.holds(content_version(), timezone.now()):
            return self._make(request, key)
        return page.answer(request)

    def _make(self, request: HttpRequest, key: Key) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, PublicPage) or not may_be_kept(response):
            return response
        if len(PAGES) >= MAX_PAGES:
            PAGES.clear()
        page = PAGES[key] = StoredPage.of(response)
        return page.answer(request)


def may_be_kept(page: PublicPage) -> bool:
    """Return whether a page is the same for everyone: it set no cookie and depends on no header."""
    return page.status_code == 200 and not page.cookies and not page.has_header("Vary")
