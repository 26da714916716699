"""Edge servers for the adapters, and one way to build a post on its way out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from engage.delivery.ports import Account, Outgoing
from engage.posts.kinds import Platform
from tests.fakes import credentials
from tests.fakes.edge import RunningEdge
from tests.fakes.x import XEdge


@pytest.fixture
def x_edge() -> Iterator[RunningEdge]:
    edge = RunningEdge(XEdge())
    yield edge
    edge.stop()


def an_account(platform: Platform, handle: str = "MPSCamden") -> Account:
    return Account(
        id=f"{platform.value}-{handle}",
        platform=platform,
        handle=handle,
        credentials=credentials.for_account(platform, handle),
    )


def a_post(platform: Platform, **changes: Any) -> Outgoing:
    given = {
        "delivery_id": uuid4(),
        "account": an_account(platform),
        "text": "Bike thefts in Camden: 41 in September. Lock it & mark it: https://www.met.police.uk/bikes",
        "idempotency_key": str(uuid4()),
        "first_attempt_at": datetime.now(UTC),
    }
    return Outgoing(**(given | changes))
