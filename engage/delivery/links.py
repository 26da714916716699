"""The address of a public post, as a person copies it from the platform: of that platform, or refused."""

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from engage.delivery.ports import Account, Receipt
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform

_HOSTS: Mapping[Platform, tuple[str, ...]] = {
    Platform.X: ("x.com", "twitter.com"),
    Platform.FACEBOOK: ("facebook.com", "fb.watch"),
    Platform.BLUESKY: ("bsky.app",),
    Platform.INSTAGRAM: ("instagram.com",),
    Platform.NEXTDOOR: ("nextdoor.co.uk", "nextdoor.com"),
    Platform.WHATSAPP: ("whatsapp.com",),
    Platform.MET_ENGAGE: ("metengage.co.uk",),
}
"""Where each platform shows posts. A Mastodon post is on its account's own instance."""

_BLUESKY_POST = re.compile(r"/profile/([^/]+)/post/([^/]+)")


def receipt_at(link: str, *, account: Account, server: str | None = None) -> Receipt:
    """The receipt of a post that a person saw at this address.

    `server` is where this installation reaches the platform instead of its own address, if it does.
    Raises BadInput where the link is no address of a post, or is one of another platform.
    """
    address = link.strip()
    parts = _read(address)
    ours = urlsplit(server or "")
    there = parts is not None and ours.netloc == parts.netloc
    if parts is None or parts.path in {"", "/"} or (parts.scheme != "https" and not there):
        raise BadInput(
            f"“{address[:80]}” is not the address of a post.",
            where="link",
            remedy="Copy it from the post's own page; it starts with https://.",
        )
    if not there and not _is_of(parts, account):
        raise BadInput(
            f"“{address[:80]}” is not on {account.platform.label}, where {account.handle} posts.",
            where="link",
            remedy="Copy the address from the post's own page there.",
        )
    return Receipt(_platform_id(parts, account.platform), address)


def _read(address: str) -> SplitResult | None:
    """The parts of a web address; None for anything else."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    usable = parts.scheme in {"http", "https"} and parts.hostname and not re.search(r"\s", address)
    return parts if usable else None


def _is_of(parts: SplitResult, account: Account) -> bool:
    hosts = _HOSTS.get(account.platform) or tuple(filter(None, (_instance(account),)))
    host = (parts.hostname or "").lower()
    return not hosts or any(host == each or host.endswith(f".{each}") for each in hosts)


def _instance(account: Account) -> str | None:
    """The instance of a Mastodon account, from its own server or from a handle like @MPSCamden@police.social."""
    named = urlsplit(account.base_url or "").hostname
    return named or account.handle.lstrip("@").partition("@")[2].lower() or None


def _platform_id(parts: SplitResult, platform: Platform) -> str:
    """The platform's own id as far as its address says it; a reply to the post is made with this."""
    found = _BLUESKY_POST.fullmatch(parts.path.rstrip("/")) if platform is Platform.BLUESKY else None
    if found:
        return f"at://{found[1]}/app.bsky.feed.post/{found[2]}"
    return parts.path.rstrip("/").rpartition("/")[2]
