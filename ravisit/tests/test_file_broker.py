"""The broker of a laptop: a worker never meets half a message."""

import json
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection

from ravisit.celery import app


def test_a_message_that_is_being_written_is_no_message_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It appears whole, in one step."""
    seen: list[list[str]] = []
    write = Path.write_bytes

    def slowly(path: Path, content: bytes) -> int:
        written = write(path, content[: len(content) // 2])
        seen.append([file.name for file in tmp_path.iterdir() if file.name.endswith(".msg")])
        return written + write(path, content)

    monkeypatch.setattr(Path, "write_bytes", slowly)
    options: dict[str, Any] = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path)}
    options |= {"control_folder": str(tmp_path / "control")}
    with Connection("filesystem://", transport_options=options) as connection:
        queue = connection.SimpleQueue("letters")
        queue.put({"who": "asa"})
        assert seen == [[]]
        [message] = [file for file in tmp_path.iterdir() if file.name.endswith(".msg")]
        assert json.loads(message.read_text())["headers"] == {}
        assert queue.get(timeout=5).payload == {"who": "asa"}


def test_the_site_uses_it() -> None:
    """Where there is no Redis."""
    with app.connection_for_write("filesystem://") as connection:
        assert type(connection.transport).__module__ == "ravisit.file_broker"
