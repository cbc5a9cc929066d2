"""How much memory a command takes at its peak."""

import subprocess
import sys
from collections.abc import Mapping, Sequence

# A process that is started counts the memory of the one that started it, until it has more: so that one is small.
WATCH = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


def peak_memory(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Return the peak memory of a command in MiB. Raises CalledProcessError where it fails."""
    watcher = [sys.executable, "-I", "-S", "-c", WATCH, *command]
    done = subprocess.run(watcher, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    kibibytes = int(done.stdout) / (1024 if sys.platform == "darwin" else 1)
    return kibibytes / 1024
