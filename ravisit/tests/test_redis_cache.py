"""The shared cache: kept, counted and forgotten in Redis, all over one client."""

import pytest
from django.core.cache import caches
from pytest_django import Settings

from ravisit.redis_cache import RedisCache

pytestmark = pytest.mark.valkey


def test_what_is_kept_and_counted_is_there_for_others(settings: Settings) -> None:
    cache = caches["default"]
    assert isinstance(cache, RedisCache)
    cache.set("kept", ["in", "order"], timeout=60)
    cache.add("counted", 1, timeout=60)
    cache.incr("counted")
    other = RedisCache(settings.REDIS_URL, {"OPTIONS": settings.REDIS_TIMEOUTS})
    assert (other.get("kept"), other.get("counted")) == (["in", "order"], 2)
    assert not other.add("counted", 1)


def test_one_client_asks_for_all(settings: Settings) -> None:
    own = RedisCache(settings.REDIS_URL, {"OPTIONS": settings.REDIS_TIMEOUTS})
    assert own._cache.get_client("one") is own._cache.get_client("other", write=True)
