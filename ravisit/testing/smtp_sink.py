"""A real SMTP server on loopback that keeps, or only counts, what it takes, and misbehaves when told to.

In a test or in the rehearsal: `with SmtpSink() as sink`, in a thread of this process. For a benchmark, in a
process of its own: `python -m ravisit.testing.smtp_sink --delay 0.02`.
"""

import argparse
import asyncio
import logging
import os
import re
import signal
import socket
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

CUT = "cut"
HANG = "hang"


class Fault(NamedTuple):
    """What goes wrong once, at `connect`, `mail`, `rcpt`, `data`, `dot` or `quit`.

    `action` is a reply (`450 4.2.0 later`), `CUT` (connection reset), `HANG` (no answer at all) or empty
    (all goes well this time). At `data` the letter is cut before its final dot; at `dot` it has been taken,
    and the reply gets lost.
    """

    step: str
    action: str = ""


class Received(NamedTuple):
    """A letter that the sink has taken, with the bytes as they came."""

    message_id: str
    sender: str
    recipient: str
    content: bytes


class SmtpSink:
    """The server in a thread.

    `faults` are used up in order, each at the next time that its step comes. `copies` counts what was taken,
    by Message-ID; `hung` counts the clients that were left without an answer.
    """

    def __init__(self, *, port: int = 0, delay: float = 0.0, keep: bool = True) -> None:
        """Take `delay` seconds for the reply after the dot; with `keep` off, forget what letters say."""
        self.port = port
        self.delay = delay
        self.keep = keep
        self.faults: deque[Fault] = deque()
        self.received: list[Received] = []
        self.copies: Counter[str] = Counter()
        self.connections = 0
        self.hung = 0
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="smtp-sink", daemon=True)

    @property
    def url(self) -> str:
        """Return the `EMAIL_URL` that leads here."""
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(timeout=10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)

    def take_fault(self, step: str) -> str:
        """Return the action that is due at this step, or an empty string."""
        if self.faults and self.faults[0].step == step:
            return self.faults.popleft().action
        return ""

    def take_letter(self, envelope: Envelope) -> None:
        """Count a letter, and keep it if that is wanted."""
        content = bytes(envelope.original_content or b"")
        found = re.search(rb"^Message-ID:\s*(\S+)", content, re.MULTILINE | re.IGNORECASE)
        message_id = found[1].decode() if found else ""
        with self._changed:
            self.copies[message_id] += 1
            if self.keep:
                self.received.append(Received(message_id, envelope.mail_from or "", envelope.rcpt_tos[0], content))
            self._changed.notify_all()

    def leave_hanging(self) -> None:
        """Count a client that gets no answer."""
        with self._changed:
            self.hung += 1
            self._changed.notify_all()

    def wait_until(self, condition: Callable[[], bool], timeout: float = 30) -> bool:
        """Wait for a change here to make the condition true; return whether it did, within `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(condition, timeout)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            self._loop.create_server(lambda: _Conversation(self, self._loop), "127.0.0.1", self.port)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


class _Conversation(SMTP):
    """One connection: aiosmtpd's server, with a place for a fault before each step."""

    def __init__(
        self, sink: SmtpSink, loop: asyncio.AbstractEventLoop, when_lost: Callable[[], object] = lambda: None
    ) -> None:
        super().__init__(_Handler(sink), hostname="sink.test", loop=loop)
        self.sink = sink
        self.when_lost = when_lost

    def connection_lost(self, error: Exception | None) -> None:
        """Say that it has ended."""
        super().connection_lost(error)
        self.when_lost()

    async def _handle_client(self) -> None:
        self.sink.connections += 1
        if not await self.misbehaves("connect"):
            await super()._handle_client()

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        """Answer MAIL."""
        if not await self.misbehaves("mail"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        """Answer RCPT."""
        if not await self.misbehaves("rcpt"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Answer DATA, or begin to and then cut the letter short."""
        action = self.sink.take_fault("data")
        if action in {CUT, HANG}:
            await self.push("354 go ahead")
            await self._reader.readline()
        if not await self.perform(action):
            await super().smtp_DATA(arg)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802
        """Answer QUIT."""
        if not await self.misbehaves("quit"):
            await super().smtp_QUIT(arg)

    async def misbehaves(self, step: str) -> bool:
        """Do what is wrong at this step, if anything is; return whether it was."""
        return await self.perform(self.sink.take_fault(step))

    async def perform(self, action: str) -> bool:
        """Do one fault's action; return whether there was one."""
        if action == CUT:
            self.connection().abort()
        elif action == HANG:
            self.sink.leave_hanging()
            await asyncio.Event().wait()
        elif action:
            await self.push(action)
            if action.startswith("421"):
                self.connection().close()
        return bool(action)

    def connection(self) -> asyncio.Transport:
        """Return the transport of this connection, which is there as long as commands are."""
        assert isinstance(self.transport, asyncio.Transport)
        return self.transport


class _Handler:
    """What aiosmtpd calls once a letter is in."""

    def __init__(self, sink: SmtpSink) -> None:
        self.sink = sink

    async def handle_DATA(self, server: _Conversation, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take the letter; a reply is a refusal, after which it does not count as taken."""
        action = self.sink.take_fault("dot")
        if action and action not in {CUT, HANG}:
            return action
        self.sink.take_letter(envelope)
        await server.perform(action)
        if self.sink.delay:
            await asyncio.sleep(self.sink.delay)
        return "250 2.0.0 taken"


def converse(client: socket.socket, delay: float) -> None:
    """Serve one client to its end."""
    sink, loop = SmtpSink(delay=delay, keep=False), asyncio.new_event_loop()

    async def serve() -> None:
        ended = loop.create_future()
        await loop.connect_accepted_socket(lambda: _Conversation(sink, loop, lambda: ended.set_result(None)), client)
        await ended

    loop.run_until_complete(serve())


def main(arguments: list[str]) -> None:
    """Print the address and serve until SIGTERM: each client in a process of its own, as mail servers do."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before the reply after the dot")
    options = parser.parse_args(arguments)
    logging.disable()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that have ended
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(f"smtp://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        while True:
            client, _address = listener.accept()
            if not os.fork():
                converse(client, options.delay)
                os._exit(0)
            client.close()


if __name__ == "__main__":
    main(sys.argv[1:])
