"""The broker of a laptop: messages as files, as kombu has it, but each appears whole or not at all.

kombu writes a message into the file that a worker may read at the same moment; a worker that finds half a message ends.
"""

import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.transport import filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """A channel whose messages are written beside their place and then moved there."""

    def _put(self, queue: str, payload: Any, **_options: Any) -> None:  # type: ignore[override]
        """Put a message into a queue. Raises `OSError`."""
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        unfinished = Path(self.data_folder_out) / f"{name}.part"  # which no worker takes for a message
        unfinished.write_bytes(str_to_bytes(dumps(payload)))
        unfinished.replace(unfinished.with_suffix(""))


class Transport(filesystem.Transport):
    """The transport with that channel."""

    Channel = Channel
