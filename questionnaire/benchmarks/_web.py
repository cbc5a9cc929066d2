"""Web servers to measure, and the load that measures them."""

import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from django.conf import settings

from questionnaire.throwaway import database_beside

SITE = "ravisit.wsgi:application"
CONNECTIONS = 8
START_TIMEOUT = 30  # seconds
LATENCY_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}
SHARE = re.compile(r"^Pss:\s+(\d+)", re.MULTILINE)
WRK_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
WRK_P99 = re.compile(r"99%\s+([\d.]+)(us|ms|s)\b")
WRK_FAULTS = re.compile(r"Non-2xx or 3xx responses: (\d+)")


@dataclass(frozen=True)
class Load:
    """What a server did under load: answers a second, and the 99th percentile of latency in seconds."""

    rate: float
    p99: float


@dataclass(frozen=True)
class Answer:
    """One answer of a server."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Site(str):
    """The address of a running gunicorn, which can say what its workers cost. Reads /proc: Linux alone."""

    __slots__ = ("process",)
    process: int

    @property
    def workers(self) -> list[int]:
        """Return the process ids of its workers."""
        return [int(pid) for pid in Path(f"/proc/{self.process}/task/{self.process}/children").read_text().split()]

    @property
    def cpu_seconds(self) -> float:
        """Return the CPU time that its workers have taken until now."""
        return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in self.workers) / 1e9

    @property
    def memory(self) -> float:
        """Return the memory of a worker in MiB, what it shares divided among those that share it."""
        shares = [SHARE.search(Path(f"/proc/{pid}/smaps_rollup").read_text()) for pid in self.workers]
        return statistics.mean(int(share[1]) / 1024 for share in shares if share)


@contextmanager
def gunicorn(application: str, environment: Mapping[str, str] | None = None) -> Iterator[Site]:
    """Run an application under gunicorn with two sync workers; yield its address.

    The site runs as `gunicorn.conf.py` says, a bare one as gunicorn does by itself. Raises RuntimeError where it does
    not start.
    """
    port = _free_port()
    address = Site(f"http://127.0.0.1:{port}")
    command = [sys.executable, "-m", "gunicorn", "--workers=2", "--worker-class=sync", f"--bind=127.0.0.1:{port}"]
    # Workers that are renewed in the middle of a measurement would blur it.
    command += ["--max-requests=0", "--log-level=error", application]
    if application != SITE:
        command += ["--config", "python:questionnaire.benchmarks"]  # which sets nothing
    process = subprocess.Popen(
        command, cwd=settings.BASE_DIR, env={**os.environ, "BASE_URL": address, **(environment or {})}
    )
    address.process = process.pid
    try:
        _wait_until_it_listens(process, port)
        yield address
    finally:
        process.terminate()
        process.wait()


@contextmanager
def throwaway_database() -> Iterator[str]:
    """Make an empty database beside the configured one, of the same kind; yield its address for `DATABASE_URL`."""
    name = f"ravisit_benchmark_{os.getpid()}"
    with (
        tempfile.TemporaryDirectory() as directory,
        database_beside(settings.DATABASE_URL, name, Path(directory)) as url,
    ):
        yield url


def manage(*arguments: str, database_url: str) -> None:
    """Run a command of manage.py on a database. Raises CalledProcessError where it fails."""
    command = [sys.executable, "manage.py", *arguments]
    environment = {**os.environ, "DATABASE_URL": database_url}
    subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True, capture_output=True)


def get(url: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Ask once."""
    try:
        with urlopen(Request(url, headers=dict(headers or {}))) as answer:
            return Answer(answer.status, answer.read(), dict(answer.headers))
    except HTTPError as other:
        return Answer(other.code, b"", dict(other.headers))


def cpu_milliseconds(site: Site, url: str, headers: Mapping[str, str] | None = None, *, requests: int = 50) -> float:
    """Return the CPU time that a page takes the workers of a site, in milliseconds. Busy machines do not blur it.

    Raises RuntimeError where an answer is an error.
    """
    before = site.cpu_seconds
    if any(get(url, headers).status >= 400 for _number in range(requests)):
        raise RuntimeError(f"{url} did not answer as it should")
    return (site.cpu_seconds - before) / requests * 1000


def load(url: str, seconds: float, headers: Mapping[str, str] | None = None) -> Load:
    """Ask over `CONNECTIONS` connections for a time, with wrk where there is one.

    Raises RuntimeError where an answer is an error: its speed would say nothing.
    """
    return _wrk(url, seconds, headers or {}) if shutil.which("wrk") else _threads(url, seconds, headers or {})


def _wrk(url: str, seconds: float, headers: Mapping[str, str]) -> Load:
    command = ["wrk", "--latency", "-t1", f"-c{CONNECTIONS}", f"-d{round(seconds)}s"]
    command += [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    report = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    rate, p99 = WRK_RATE.search(report), WRK_P99.search(report)
    if rate is None or p99 is None or WRK_FAULTS.search(report):
        raise RuntimeError(f"{url} did not answer as it should: {report}")
    return Load(float(rate[1]), float(p99[1]) * LATENCY_UNITS[p99[2]])


def _threads(url: str, seconds: float, headers: Mapping[str, str]) -> Load:
    end = time.perf_counter() + seconds

    def ask_again_and_again(_number: int) -> list[float]:
        times = []
        while (started := time.perf_counter()) < end:
            if get(url, headers).status >= 400:
                raise RuntimeError(f"{url} did not answer as it should")
            times.append(time.perf_counter() - started)
        return times

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        latencies = list(chain.from_iterable(pool.map(ask_again_and_again, range(CONNECTIONS))))
    return Load(len(latencies) / seconds, statistics.quantiles(latencies, n=100)[98])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} did not start")
