"""A number of prepared requests, sent over several connections as fast as a server takes them."""

import socket
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

from questionnaire.benchmarks._web import CONNECTIONS

TIMEOUT = 30.0  # seconds


def post(path: str, form: Mapping[str, str | Sequence[str]], headers: Mapping[str, str]) -> bytes:
    """Return the bytes of a request that posts a form."""
    body = urlencode(form, doseq=True).encode()
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: close",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def rate(address: str, requests: Sequence[bytes], status: int) -> float:
    """Send all requests; return how many a second were answered.

    Raises RuntimeError where one was not answered with `status`: its speed would say nothing.
    """
    parts = urlsplit(address)
    server = (parts.hostname or "", parts.port or 80)
    expected = f"HTTP/1.1 {status} ".encode()
    start = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        answers = list(pool.map(lambda request: _send(server, request), requests))
    seconds = time.perf_counter() - start
    for answer in answers:
        if not answer.startswith(expected):
            raise RuntimeError(f"{address} did not answer as it should: {answer[:200]!r}")
    return len(requests) / seconds


def _send(server: tuple[str, int], request: bytes) -> bytes:
    with socket.create_connection(server, TIMEOUT) as connection:
        connection.sendall(request)
        received = b""
        while part := connection.recv(65536):
            received += part
    return received
