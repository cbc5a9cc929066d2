"""End the process groups named on standard input, one id a line, as soon as whoever writes there is gone.

Started by `ravisit.processes`; a process that is killed outright cannot clean up behind itself. Standard library only.
"""

import contextlib
import os
import signal
import sys
import time

GRACE = 3.0  # seconds between asking and killing

if __name__ == "__main__":
    groups = [int(line) for line in sys.stdin]  # ends when the last writer is gone
    for number in (signal.SIGTERM, signal.SIGKILL):
        for group in groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)
        time.sleep(GRACE if number == signal.SIGTERM else 0)
