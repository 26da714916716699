"""One adapter for each platform, all with the protocol of `engage.delivery.ports`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engage.delivery.ports import Adapter
from engage.posts.kinds import Platform

if TYPE_CHECKING:
    from engage.delivery.platforms.sessions import SessionKeeper


def adapter_for(
    platform: Platform, *, base_urls: Mapping[Platform, str], sessions: "SessionKeeper | None" = None
) -> Adapter:
    """The adapter of a platform; those nobody can publish to by machine are posted by hand.

    `base_urls` names other servers than the platforms' own, as the demo and the tests do. `sessions` is
    where Bluesky's sessions lie between processes; without it each process signs in for itself. Keep the
    adapter: it holds open connections, and may be used by many threads at once.
    """
    # Each client library takes between 0.3 and 1.5 seconds to load: only who publishes pays for it.
    base_url = base_urls.get(platform)
    match platform:
        case Platform.X:
            from engage.delivery.platforms.x import XAdapter  # noqa: PLC0415

            return XAdapter(base_url)
        case Platform.FACEBOOK:
            from engage.delivery.platforms.facebook import FacebookAdapter  # noqa: PLC0415

            return FacebookAdapter(base_url)
        case Platform.MASTODON:
            from engage.delivery.platforms.mastodon import MastodonAdapter  # noqa: PLC0415

            return MastodonAdapter(base_url)
        case Platform.BLUESKY:
            from engage.delivery.platforms.bluesky import BlueskyAdapter  # noqa: PLC0415

            return BlueskyAdapter(base_url, sessions)
        case _:
            from engage.delivery.platforms.export import ByHandAdapter  # noqa: PLC0415

            return ByHandAdapter(platform)
