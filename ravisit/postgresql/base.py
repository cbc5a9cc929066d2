"""A connection that is kept between requests costs no question to the server before each of them."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, with another answer to whether a kept connection still stands (`CONN_HEALTH_CHECKS`)."""

    def is_usable(self) -> bool:
        """Return whether the server still takes statements; it is asked only where it has sent something unasked.

        A server that stops, or that ends a connection, sends its end. To one that says nothing the next statement goes
        at once: where the whole machine has vanished, asking would have waited as long as that statement does.
        """
        return self._is_silent() or bool(super().is_usable())

    def _is_silent(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.pgconn.socket, select.POLLIN)
        return not poll.poll(0)
