"""One adapter for each platform, all with the protocol of `engage.delivery.ports`."""

from collections.abc import Callable, Mapping

from engage.delivery.platforms.x import XAdapter
from engage.delivery.ports import Adapter
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform

_ADAPTERS: Mapping[Platform, Callable[[str | None], Adapter]] = {Platform.X: XAdapter}


def adapter_for(platform: Platform, *, base_urls: Mapping[Platform, str]) -> Adapter:
    """The adapter of a platform; BadInput where there is none.

    `base_urls` names other servers than the platforms' own, as the demo and the tests do.
    """
    if platform not in _ADAPTERS:
        raise BadInput(f"Engage cannot publish to {platform.label}.", remedy="Choose another platform.")
    return _ADAPTERS[platform](base_urls.get(platform))
