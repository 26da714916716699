"""The address of a public post, as a person copies it from the platform: of that platform, or refused.

The platform's own id is read from it only where its form says for certain which post of this account it is.
A delete of a wrong id is answered "no such post", which would be taken for its being gone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

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

_USUAL_INSTANCE = "mastodon.social"
"""Where the adapter finds a Mastodon account that names no instance."""


@dataclass(frozen=True, slots=True)
class _Form:
    """How a platform's addresses of posts read: those that say the API's id, and those that do not.

    `by` is whom the address names, where it does; `platform_id` makes the id of what `numbered` found.
    """

    example: str
    numbered: re.Pattern[str]
    platform_id: str
    unnumbered: re.Pattern[str] = re.compile(r"(?!)")


_VIEW = r"(?:/[\w-]+)*"
"""What is being looked at of a post: one of its pictures, who liked it."""

_FORMS: Mapping[Platform, _Form] = {
    Platform.X: _Form(
        "https://x.com/NAME/status/123",
        re.compile(rf"/(?:i|i/web|(?P<by>\w+))/status(?:es)?/(?P<id>\d+){_VIEW}", re.ASCII),
        r"\g<id>",
    ),
    Platform.MASTODON: _Form(
        "https://SERVER/@NAME/123",
        re.compile(
            rf"(?:/web|/deck)?/(?:@|users/)(?P<by>[\w.-]+(?:@[\w.-]+)?)(?:/statuses)?/(?P<id>\d+){_VIEW}",
            re.ASCII,
        ),
        r"\g<id>",
    ),
    Platform.BLUESKY: _Form(
        "https://bsky.app/profile/NAME/post/3k2a",
        re.compile(rf"/profile/(?P<by>[\w.:-]+)/post/(?P<id>[\w.:~-]+){_VIEW}", re.ASCII),
        r"at://\g<by>/app.bsky.feed.post/\g<id>",
    ),
    Platform.FACEBOOK: _Form(
        "https://www.facebook.com/NAME/posts/123",
        re.compile(r"/(?P<page>\d+)(?:_|/posts/(?:[^/]+/)?)(?P<id>\d+)", re.ASCII),
        r"\g<page>_\g<id>",
        re.compile(
            r"/[^/]+/posts/(?:[^/]+/)?(?:\d+|pfbid\w+)|/[^/]+/(?:photos|videos)/(?:[^/]+/)?\d+"
            r"|/groups/[^/]+/(?:posts|permalink)/\d+|/(?:photo|photo\.php|watch)/\d+"
            r"|/(?:share(?:/[prv])?|reel)/[\w-]+|fb\.watch/[\w-]+",
            re.ASCII,
        ),
    ),
}
"""Of the platforms that can be asked to delete. Elsewhere a person does, and any path will do."""


def receipt_at(link: str, *, account: Account, server: str | None = None) -> Receipt:
    """The receipt of a post that a person saw at this address; without the platform's id where it says none.

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
    here = there or _is_of(parts, account)
    if not here and not _is_shown_elsewhere(parts, account):
        raise BadInput(
            f"“{address[:80]}” is not on {account.platform.label}, where {account.handle} posts.",
            where="link",
            remedy="Copy the address from the post's own page there.",
        )
    form = _FORMS.get(account.platform)
    if form is None:
        return Receipt(parts.path.rstrip("/").rpartition("/")[2], address)
    return Receipt(_platform_id(parts, account, form) if here else None, address)


def _read(address: str) -> SplitResult | None:
    """The parts of a web address; None for anything else."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    usable = parts.scheme in {"http", "https"} and parts.hostname and not re.search(r"\s", address)
    return parts if usable else None


def _is_of(parts: SplitResult, account: Account) -> bool:
    host = parts.hostname or ""
    if account.platform is Platform.MASTODON:
        return host == _instance(account)
    return any(host == each or host.endswith(f".{each}") for each in _HOSTS[account.platform])


def _is_shown_elsewhere(parts: SplitResult, account: Account) -> bool:
    """Whether another Mastodon instance shows a post of the account, under an id of its own."""
    found = _FORMS[Platform.MASTODON].numbered.fullmatch(_path(parts))
    is_it = found is not None and "@" in found["by"] and _is_by(found["by"], account)
    return is_it and account.platform is Platform.MASTODON


def _instance(account: Account) -> str:
    """The instance of a Mastodon account, from its own server or from a handle like @MPSCamden@police.social."""
    named = urlsplit(account.base_url or "").hostname
    return named or account.handle.lstrip("@").partition("@")[2].lower() or _USUAL_INSTANCE


def _platform_id(parts: SplitResult, account: Account, form: _Form) -> str | None:
    """The platform's own id, with which a post is deleted and answered; None where the address does not say it."""
    path = _path(parts)
    found = form.numbered.fullmatch(path)
    if found is None and form.unnumbered.fullmatch(path) is None:
        raise BadInput(
            f"“{parts.geturl()[:80]}” is not the address of a post on {account.platform.label}.",
            where="link",
            remedy=f"Copy it from the post's own page; it looks like {form.example}.",
        )
    named = found and found.groupdict().get("by")
    return found.expand(form.platform_id) if found and (not named or _is_by(named, account)) else None


def _is_by(named: str, account: Account) -> bool:
    """Whether an address names this account, alone or with its instance."""
    name, _, place = account.handle.lstrip("@").lower().partition("@")
    return named.lower() in {name, f"{name}@{place}", f"{name}@{_instance(account)}"}


def _path(parts: SplitResult) -> str:
    """What says which post it is: the path, with what Facebook says in the query instead."""
    said = {name: values[0] for name, values in parse_qs(parts.query).items()}
    path = unquote(parts.path).rstrip("/")
    if path in {"/permalink.php", "/story.php"}:
        return f"/{said.get('id', '')}/posts/{said.get('story_fbid', '')}"
    if path in {"/photo", "/photo.php", "/watch"}:
        return f"{path}/{said.get('fbid') or said.get('v', '')}"
    return f"fb.watch{path}" if parts.hostname == "fb.watch" else path
