"""An adapter, the edge server it speaks to, and one way to build a post on its way out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import uuid4

import httpx
from PIL import Image

from engage.delivery.platforms import adapter_for
from engage.delivery.ports import Account, Adapter, MediaFile, Outgoing, Sent
from engage.posts.kinds import Platform
from tests.fakes import credentials
from tests.fakes.bluesky import BlueskyEdge
from tests.fakes.edge import Edge, Post, RunningEdge
from tests.fakes.facebook import FacebookEdge
from tests.fakes.mastodon import MastodonEdge
from tests.fakes.x import XEdge

EDGES: Mapping[Platform, type[Edge]] = {
    Platform.X: XEdge,
    Platform.FACEBOOK: FacebookEdge,
    Platform.MASTODON: MastodonEdge,
    Platform.BLUESKY: BlueskyEdge,
}
HANDLE = "MPSCamden"
TEXT = "Bike thefts in Camden: 41 in September. Lock it & mark it: https://www.met.police.uk/bikes"


def an_account(platform: Platform, handle: str = HANDLE) -> Account:
    return Account(
        id=f"{platform.value}-{handle}",
        platform=platform,
        handle=handle,
        credentials=credentials.for_account(platform, handle),
    )


def a_picture(alt: str = "A D-lock around a bicycle frame.") -> MediaFile:
    made = BytesIO()
    Image.new("RGB", (40, 30), "navy").save(made, "PNG")
    return MediaFile(content=made.getvalue(), content_type="image/png", alt=alt)


def a_post(adapter: Adapter, **changes: Any) -> Outgoing:
    """A part ready to go, with what the adapter wants stored before the call."""
    given = {
        "delivery_id": uuid4(),
        "account": an_account(adapter.name),
        "text": TEXT,
        "idempotency_key": str(uuid4()),
        "first_attempt_at": datetime.now(UTC),
    }
    outgoing = Outgoing(**(given | changes))
    return replace(outgoing, prepared={**adapter.prepare(outgoing), **outgoing.prepared})


@dataclass
class Rig:
    """One adapter and its edge server; `fault` breaks the request that posts, not what precedes it."""

    adapter: Adapter
    server: RunningEdge

    @classmethod
    def start(cls, platform: Platform) -> "Rig":
        server = RunningEdge(EDGES[platform]())
        return cls(adapter_for(platform, base_urls={platform: server.url}), server)

    def stop(self) -> None:
        self.server.stop()

    @property
    def edge(self) -> Edge:
        return self.server.edge

    @property
    def shown(self) -> list[Post]:
        """What the public can see."""
        return self.edge.book.live()

    def post(self, **changes: Any) -> Outgoing:
        return a_post(self.adapter, **changes)

    def fault(self, fault: str, **options: Any) -> None:
        path = "/xrpc/com.atproto.repo" if self.adapter.name is Platform.BLUESKY else ""
        self.server.fault(fault, path=path, **options)

    def sent(self, outgoing: Outgoing) -> Sent:
        outcome = self.adapter.publish(outgoing)
        assert isinstance(outcome, Sent), outcome
        return outcome

    def opens(self, url: str) -> str | None:
        """The page at a link, or None where there is none."""
        answer = httpx.get(url, trust_env=False)
        return answer.text if answer.is_success else None
