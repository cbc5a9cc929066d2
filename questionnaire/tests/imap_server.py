"""A small real IMAP server on loopback: one folder of messages, each with a UID, seen or not."""

import re
import socketserver
import threading
from types import TracebackType
from typing import Self


class ImapServer:
    """The server in a thread; use as a context manager. `messages` and `seen` are by UID; `commands` came in."""

    def __init__(self, messages: list[bytes], *, password: str = "secret") -> None:
        self.messages = dict(enumerate(messages, 1))
        self.seen: set[int] = set()
        self.commands: list[str] = []
        self.password = password
        server = self

        class Conversation(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"* OK ready\r\n")
                for line in self.rfile:
                    tag, _space, command = line.decode().strip().partition(" ")
                    server.commands.append(command)
                    self.wfile.write(server.answer(command) + server.status(tag, command))
                    if command.upper() == "LOGOUT":
                        return

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        """Return the address of the folder."""
        return f"imap://bounces%40example.org:{self.password}@127.0.0.1:{self._server.server_address[1]}/Returned"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def status(self, tag: str, command: str) -> bytes:
        """Return the line that ends an answer."""
        refused = command.upper().startswith("LOGIN") and "secret" not in command
        missing = command.upper().startswith("SELECT") and "Returned" not in command
        return f"{tag} {'NO' if refused or missing else 'OK'} done\r\n".encode()

    def answer(self, command: str) -> bytes:
        """Return what a command asks for."""
        words = command.upper()
        uids = [int(number) for number in re.findall(r"UID (?:FETCH|STORE) (\d+)", words)]
        if words == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1\r\n"
        if words.startswith("SELECT"):
            return f"* {len(self.messages)} EXISTS\r\n".encode()
        if words == "UID SEARCH UNSEEN":
            return b"* SEARCH " + " ".join(str(uid) for uid in self.messages if uid not in self.seen).encode() + b"\r\n"
        if words.startswith("UID STORE"):
            self.seen |= set(uids)
        if "RFC822.SIZE" in words:
            return f"* {uids[0]} FETCH (UID {uids[0]} RFC822.SIZE {len(self.messages[uids[0]])})\r\n".encode()
        if "BODY.PEEK[]" in words:
            content = self.messages[uids[0]]
            return f"* {uids[0]} FETCH (UID {uids[0]} BODY[] {{{len(content)}}}\r\n".encode() + content + b")\r\n"
        return b""
