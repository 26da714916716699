"""The platforms' windows in Redis, where all workers count against the same one.

Redis may be away or have lost everything: then each process counts for itself, and the pauses that the
ledger keeps in PostgreSQL hold for all. Nothing waits for Redis longer than a fifth of a second, and
after one failure nobody asks it for five.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import redis
import structlog

from engage.delivery.ports import Allowance
from engage.delivery.rates import ASK_AGAIN, TOLERANCE, RatesHere

_PATIENCE = 0.2  # seconds
_LEFT_ALONE = 5.0  # seconds
_KEPT_MS = 86_400_000  # a day after a window's end
_FIELDS = ("limit", "left", "resets")
T = TypeVar("T")
log = structlog.get_logger(__name__)

_RESERVE = """
local now, wait = tonumber(ARGV[1]), tonumber(ARGV[2])
local function reserve(key)
  local w = redis.call('HMGET', key, 'limit', 'left', 'resets', 'over', 'asks')
  if not w[1] then return 0 end
  local left, resets, over = tonumber(w[2]), tonumber(w[3]), w[4] == '1'
  if not over and now >= resets then
    left = tonumber(w[1]); over = true
    redis.call('HSET', key, 'left', left, 'over', '1')
  end
  if left > 0 then
    redis.call('HSET', key, 'left', left - 1)
    return 0
  end
  if not over then return resets end
  local asks = tonumber(w[5] or '')
  if asks and now < asks then return asks end
  redis.call('HSET', key, 'asks', string.format('%.0f', now + wait))
  return asks and 0 or now + wait
end
local waits = {}
for at, key in ipairs(KEYS) do waits[at] = reserve(key) end
return waits
"""
"""One call for all accounts of a batch, in their order."""

_HEARD = """
local near, kept = tonumber(ARGV[1]), tonumber(ARGV[2])
local function heard(key, limit, left, resets)
  local w = redis.call('HMGET', key, 'left', 'resets', 'over')
  if w[1] then
    local known, over = tonumber(w[2]), w[3] == '1'
    if not over and resets < known - near then return end
    if over and resets <= known + near then return end
    if over or resets <= known + near then left = math.min(left, tonumber(w[1])) end
  end
  redis.call('HSET', key, 'limit', limit, 'left', left, 'resets', string.format('%.0f', resets), 'over', '0')
  redis.call('HDEL', key, 'asks')
  redis.call('PEXPIREAT', key, string.format('%.0f', resets + kept))
end
for at, key in ipairs(KEYS) do
  heard(key, ARGV[3 * at], tonumber(ARGV[3 * at + 1]), tonumber(ARGV[3 * at + 2]))
end
"""
"""One call for all answers that came together, in their order."""


class SharedRates:
    """The windows of `engage.delivery.rates` in Redis, and in this process while Redis is away."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=_PATIENCE,
            socket_connect_timeout=_PATIENCE,
            retry=None,
            decode_responses=True,
        )
        self._reserve = self._redis.register_script(_RESERVE)
        self._heard = self._redis.register_script(_HEARD)
        self._here = RatesHere()
        self._away_until = 0.0

    def reserve(self, account_ids: Sequence[str], *, now: datetime) -> Sequence[datetime | None]:
        """Count one post for each of these, in order. None: it may go. A time (UTC): there is none left before it."""
        if not account_ids:
            return ()
        wait = int(ASK_AGAIN.total_seconds() * 1000)
        keys = [_key(each) for each in account_ids]
        waits: list[int] | None = self._asked(lambda: self._reserve(keys, [_ms(now), wait]))
        if waits is None:
            return self._here.reserve(account_ids, now=now)
        return [_moment(int(each)) if each else None for each in waits]

    def heard(self, account_id: str, allowance: Allowance) -> None:
        """What the platform's headers said."""
        self.all_heard([(account_id, allowance)])

    def all_heard(self, said: Sequence[tuple[str, Allowance]]) -> None:
        """What the headers of many answers said, in one message to Redis."""
        self._here.all_heard(said)
        if said:
            self._asked(lambda: self._tell(said))

    def _tell(self, said: Sequence[tuple[str, Allowance]]) -> None:
        told = [part for _, each in said for part in (each.limit, each.remaining, _ms(each.resets_at))]
        near = int(TOLERANCE.total_seconds() * 1000)
        self._heard([_key(account_id) for account_id, _ in said], [near, _KEPT_MS, *told])

    def standing(self, account_ids: Iterable[str]) -> Mapping[str, Allowance]:
        """What is left to each account of which anything is known."""
        asked = list(account_ids)
        found = self._asked(lambda: self._read(asked))
        return self._here.standing(asked) if found is None else found

    def _read(self, account_ids: list[str]) -> Mapping[str, Allowance]:
        with self._redis.pipeline(transaction=False) as pipeline:
            for each in account_ids:
                pipeline.hmget(_key(each), *_FIELDS)
            rows: list[list[Any]] = pipeline.execute()
        return {
            each: Allowance(int(limit), int(left), _moment(int(resets)))
            for each, (limit, left, resets) in zip(account_ids, rows, strict=True)
            if limit is not None
        }

    def _asked(self, ask: Callable[[], T]) -> T | None:
        """Redis's answer, or None while it is away."""
        if time.monotonic() < self._away_until:
            return None
        try:
            return ask()
        except redis.RedisError as error:
            self._away_until = time.monotonic() + _LEFT_ALONE
            log.warning("rates_away", reason=str(error))
            return None


def _key(account_id: str) -> str:
    return f"engage:rate:{account_id}"


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, tz=UTC)
