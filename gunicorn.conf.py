"""How gunicorn serves ravisit; any of it can be set otherwise on its command line.

Read by gunicorn itself: `gunicorn` in this folder starts the site.
"""

import gc
import os

wsgi_app = "ravisit.wsgi:application"
bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Loaded once, before the workers: they share its memory, and one that is renewed runs the code of its siblings, never
# half of a version that was installed meanwhile. A new version is started with USR2 (docs/operators.md).
preload_app = True
timeout = 30
graceful_timeout = 30
# A worker is renewed now and then, not all at the same moment: a leak never grows old.
max_requests = 10_000
max_requests_jitter = 1_000
# Nobody steers a running server through a socket.
control_socket_disable = True


def post_fork(_server: object, _worker: object) -> None:
    """Let a worker look for garbage in what it makes itself, and less often: what it was born with stays anyway."""
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)
