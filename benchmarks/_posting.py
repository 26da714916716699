"""What every task of `delivery`'s rivals does: the one request, by the adapters Engage itself uses.

So what is compared is the machinery around the request and not the client libraries. A job is
`[platform, handle, text, key]`. SESSIONS names a file of Bluesky sessions made beforehand, PLATFORMS a file
of the platforms' addresses: nobody signs in while it is measured.
"""

import functools
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from engage.delivery.platforms import adapter_for
from engage.delivery.ports import Account, Adapter, Outgoing, Sent
from engage.posts.kinds import Platform
from tests.fakes import credentials

Job = Sequence[str]


@dataclass(frozen=True, slots=True)
class Kept:
    """One session that was made beforehand."""

    session: str | None

    def keep(self, session: str | None) -> None:
        """Nothing is kept: it lasts longer than the benchmark."""


@dataclass(frozen=True, slots=True)
class MadeBeforehand:
    """A keeper of sessions from a file."""

    sessions: dict[str, str]

    def kept(self, account_id: str) -> str | None:
        """The session."""
        return self.sessions.get(account_id)

    @contextmanager
    def hold(self, account_id: str) -> Iterator[Kept]:
        """The session."""
        yield Kept(self.sessions.get(account_id))


@functools.cache
def adapter(platform: Platform) -> Adapter:
    """One adapter for each platform and process; it keeps its connections open."""
    urls = {
        Platform(name): url for name, url in json.loads(Path(os.environ["PLATFORMS"]).read_text()).items()
    }
    sessions = MadeBeforehand(json.loads(Path(os.environ["SESSIONS"]).read_text()))
    return adapter_for(platform, base_urls=urls, sessions=sessions)


@functools.cache
def account(platform: Platform, handle: str) -> Account:
    """An account with its tokens, found without asking anybody."""
    return Account(
        id=f"{platform.value}:{handle}",
        platform=platform,
        handle=handle,
        credentials=credentials.for_account(platform, handle),
    )


def post(job: Job) -> None:
    """Make the one request. Raises AssertionError where the platform did not take it."""
    name, handle, text, key = job
    platform = Platform(name)
    outgoing = Outgoing(
        delivery_id=UUID(key),
        account=account(platform, handle),
        text=text,
        idempotency_key=key,
        first_attempt_at=datetime.now(UTC),
    )
    outcome = adapter(platform).publish(outgoing)
    assert isinstance(outcome, Sent), outcome


def enqueue(send: Callable[[Sequence[Job]], object]) -> None:
    """Read the jobs from a file, then hand all of them over each time a line of standard input says so."""
    for line in sys.stdin:
        send(json.loads(Path(line.strip()).read_text()))
        print("handed over", flush=True)
