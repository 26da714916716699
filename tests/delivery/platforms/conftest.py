"""Every adapter beside the edge server it speaks to."""

from collections.abc import Iterator

import pytest

from engage.posts.kinds import Platform
from tests.delivery.platforms.rigs import EDGES, Rig


@pytest.fixture(params=sorted(EDGES), ids=lambda platform: platform.value)
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """An adapter and its edge server, once for each platform that is published to by machine."""
    made = Rig.start(request.param)
    yield made
    made.stop()


@pytest.fixture
def x() -> Iterator[Rig]:
    made = Rig.start(Platform.X)
    yield made
    made.stop()


@pytest.fixture
def mastodon() -> Iterator[Rig]:
    made = Rig.start(Platform.MASTODON)
    yield made
    made.stop()


@pytest.fixture
def facebook() -> Iterator[Rig]:
    made = Rig.start(Platform.FACEBOOK)
    yield made
    made.stop()


@pytest.fixture
def bluesky() -> Iterator[Rig]:
    made = Rig.start(Platform.BLUESKY)
    yield made
    made.stop()
