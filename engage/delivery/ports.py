"""What delivery asks of a platform: one small protocol, and every way one attempt can end.

An adapter makes one request and says what became of it. It never sleeps, never retries and never
raises: whatever its client library throws has a home in `Outcome`, and what nobody recognises is
`Unknown`, which is looked up before anything else is done with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from engage.posts.kinds import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account on one platform, with what is needed to speak for it.

    `base_url` is the account's own server (a Mastodon instance, a Bluesky PDS); None means the
    platform's usual one. `characters` is what that server takes in a post, where it has said so. `credentials`
    are secrets in the clear and never shown by `repr`; of an account that was `removed` there are none.
    """

    id: str
    platform: Platform
    handle: str
    borough: str | None = None
    base_url: str | None = None
    characters: int | None = None
    removed: bool = False
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def out_of_reach(self) -> str | None:
        """Why nobody can ask its platform in its name any more; None where that can be done."""
        if not self.removed:
            return None
        return f"The account {self.handle} was removed from Engage, so it cannot ask {self.platform.label}."


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """One picture as it will be uploaded: re-encoded bytes, its MIME type and its alt text."""

    content: bytes = field(repr=False)
    content_type: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One part of one variant, on its way to one account.

    `text` goes out byte for byte. `reply_to` is the platform's id of the previous part of a thread.
    `prepared` is what `Adapter.prepare` gave, stored before the first call and the same in every
    attempt. `first_attempt_at` (UTC) bounds how far back a lookup has to read.
    """

    delivery_id: UUID
    account: Account
    text: str
    media: tuple[MediaFile, ...] = ()
    reply_to: str | None = None
    idempotency_key: str
    prepared: Mapping[str, str] = field(default_factory=dict)
    first_attempt_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform's own id of what was posted, and the address where anyone can see it.

    The id is None where a person gave an address that does not say it: such a post can be neither deleted nor
    answered nor counted by machine.
    """

    platform_id: str | None
    url: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a platform still takes from an account in its current window: of `limit` posts, `remaining`.

    It counts anew at `resets_at` (UTC).
    """

    limit: int
    remaining: int
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform said yes and gave an id. `allowance` is what its headers say is left, where they do."""

    receipt: Receipt
    allowance: Allowance | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class NotSent:
    """Certainly nothing was posted, and a later attempt may succeed.

    `retry_at` (UTC) is when the platform asked us back, None when it did not say; a time that has passed says nothing. `account_wide`
    means every delivery of this account has to wait (a rate limit, a revoked token), not only this.
    `token_refused` means waiting will not help: a person has to renew the account's token.
    `learned` is added to `prepared` before the next attempt, which then goes on where this one stopped.
    """

    reason: str
    retry_at: datetime | None = None
    account_wide: bool = False
    token_refused: bool = False
    learned: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform understood and will never take this: a person has to change something.

    `code` is the platform's own ("403", "invalid_media"), or ours where it was refused before the call.
    """

    reason: str
    code: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been posted. Never sent again before `find_existing` has answered.

    `learned` is what the attempt found out that makes the lookup certain (the id of what was created
    but perhaps not shown); added to `prepared` before the lookup. Without it a lookup still works.
    """

    reason: str
    learned: Mapping[str, str] = field(default_factory=dict)


Outcome = Sent | NotSent | Refused | Unknown


@dataclass(frozen=True, slots=True)
class Shown:
    """A post that the account shows the public: its words as the platform gives them, and its address.

    `at` is when it was posted (UTC), where the platform says so.
    """

    text: str
    url: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The post is there. `also` are further ones of the same words that it may be as well."""

    receipt: Receipt
    also: tuple[Receipt, ...] = ()


@dataclass(frozen=True, slots=True)
class Absent:
    """The platform showed everything since the first attempt, and the post is not among it.

    `shown` is what it did show, those most like the post first: what a person compares where a person decides.
    """

    shown: tuple[Shown, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The platform did not show enough to say either. `shown` as for `Absent`; None where it showed nothing."""

    reason: str
    shown: tuple[Shown, ...] | None = field(default=None, compare=False)


Lookup = Found | Absent | CannotTell


@dataclass(frozen=True, slots=True)
class Deleted:
    """The post is no longer on the platform: deleted now, or already gone."""


Deletion = Deleted | NotSent | Refused | Unknown
"""How a delete can end: `NotSent` means the request did not take place, `Unknown` that it may have.

Deleting twice is harmless everywhere, so either may simply be tried again.
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a platform counts for a public post, by the platform's own names ("like_count")."""

    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class NotCounted:
    """The platform gave no counts. `gone`: it says that the post is no longer there."""

    reason: str
    gone: bool = False


Engagement = Counted | NotCounted


class TokenState(StrEnum):
    """Whether an account's token works."""

    OK = "ok"
    REVOKED = "revoked"
    TRANSIENT = "transient"


@dataclass(frozen=True, slots=True)
class Health:
    """What a token check found: `REVOKED` needs a person, `TRANSIENT` only needs time.

    `characters` is what the account's own server said it takes in a post, where it says so. `expires_at`
    (UTC) is when the token ends by itself; None where it does not, or the platform does not say.
    """

    state: TokenState
    detail: str
    characters: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a platform can do beyond taking a post.

    `settle_seconds`: how long a new post may take to appear to a lookup; only an absence seen after
    that is final. `by_hand`: a person posts it and confirms with the link.
    """

    settle_seconds: int
    by_hand: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What fits. Characters are counted by the platform's own rules; bytes and pixels per picture."""

    characters: int
    pictures: int
    picture_bytes: int
    picture_pixels: int
    alt_characters: int


class Adapter(Protocol):
    """One platform, as delivery sees it."""

    @property
    def name(self) -> Platform:
        """The platform this adapter speaks to."""

    @property
    def capabilities(self) -> Capabilities:
        """What the platform can do."""

    @property
    def limits(self) -> Limits:
        """What fits on the platform."""

    def validate(self, outgoing: Outgoing) -> list[str]:
        """Every reason the platform would refuse it, in plain words; empty means none. No network."""

    def prepare(self, outgoing: Outgoing) -> Mapping[str, str]:
        """Values to store before the call so that a second call is the same call. No network."""

    def publish(self, outgoing: Outgoing) -> Outcome:
        """Make the one request that publishes (after any uploads) and say what became of it."""

    def find_existing(self, outgoing: Outgoing) -> Lookup:
        """Ask the platform whether an earlier attempt landed. Reads only."""

    def delete(self, account: Account, platform_id: str) -> Deletion:
        """Take one post down; one that is already gone counts as deleted."""

    def metrics(self, account: Account, platform_id: str) -> Engagement:
        """Ask the platform what it counts for one public post. Reads only."""

    def check(self, account: Account) -> Health:
        """Ask the platform whether the account's token works and belongs to this handle."""
