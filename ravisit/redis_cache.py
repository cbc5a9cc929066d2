"""Django's cache in Redis, with one client for each pool of connections.

Django makes a client for each thing that it asks, which takes longer than asking; clients of one pool are all the same.
"""

from functools import cache
from typing import Any

from django.core.cache.backends import redis


class OneClient(redis.RedisCacheClient):
    """Django's own, which keeps what it makes."""

    def __init__(self, *servers: Any, **options: Any) -> None:
        super().__init__(*servers, **options)
        self._client: Any = cache(self._client)


class RedisCache(redis.RedisCache):
    """Django's own, over clients that are kept."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = OneClient
