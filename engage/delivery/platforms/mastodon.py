"""Mastodon, through Mastodon.py with an Idempotency-Key that stays the same over every attempt.

A server keeps the key for about an hour, and some servers ignore it, so it is never relied on: a lost
answer is looked up among the account's own statuses, by their source.
"""

import html
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Final

import mastodon as library
from mastodon import Mastodon

from engage.delivery.likeness import closest
from engage.delivery.platforms.allowances import allowance
from engage.delivery.platforms.failures import (
    Failure,
    answered,
    attempt,
    before_posting,
    health_after,
    not_counted,
    whole_numbers,
)
from engage.delivery.platforms.fits import problems
from engage.delivery.platforms.limits import LIMITS
from engage.delivery.platforms.transport import TOTAL_SECONDS, OneServerSession
from engage.delivery.ports import (
    Absent,
    Account,
    CannotTell,
    Capabilities,
    Counted,
    Deleted,
    Deletion,
    Engagement,
    Found,
    Health,
    Lookup,
    MediaFile,
    NotSent,
    Outcome,
    Outgoing,
    Receipt,
    Refused,
    Sent,
    Shown,
    TokenState,
    Unknown,
)
from engage.posts.kinds import Platform

USUAL_INSTANCE: Final = "https://mastodon.social"
_SKEW: Final = timedelta(minutes=5)
_PAGE: Final = 40
_PAGES: Final = 5
_COUNTS: Final = ("favourites_count", "reblogs_count", "replies_count")
_NOT_ITS_WORDS: Final = (None, "", "Endpoint not found.")
"""What Mastodon.py says where an instance gave no error of its own in JSON; the last for a 404."""
_TAG = re.compile(r"<[^>]+>")
_SPACE = re.compile(r"\s+")
_BREAK = re.compile(r"<br\s*/?>|</p>")


class MastodonAdapter:
    """One request to an account's own instance for one call.

    `base_url` is the instance of accounts that name none.
    """

    name: Final = Platform.MASTODON
    capabilities: Final = Capabilities(settle_seconds=60)
    limits: Final = LIMITS[Platform.MASTODON]

    def __init__(self, base_url: str | None = None) -> None:
        self._instance = (base_url or USUAL_INSTANCE).rstrip("/")
        self._sessions: dict[str, OneServerSession] = {}
        self._lock = Lock()

    def validate(self, outgoing: Outgoing) -> list[str]:
        """Length with links as 23, pictures, alt text and the account's token."""
        return problems(outgoing, self.name, limits=self.limits, secrets=("access_token",))

    def prepare(self, outgoing: Outgoing) -> Mapping[str, str]:  # noqa: ARG002 - the protocol's signature
        """Nothing: the idempotency key is the delivery's own."""
        return {}

    def publish(self, outgoing: Outgoing) -> Outcome:
        """Upload the pictures with their alt text, then make the one request that posts."""
        client = self._client(outgoing.account)
        told = _Told(client)
        media = attempt(lambda: [_upload(client, each) for each in outgoing.media], told)
        if not isinstance(media, list):
            return before_posting(media)
        posted = attempt(lambda: _post(client, outgoing, media), told)
        if isinstance(posted, NotSent | Refused | Unknown):
            return posted
        said = allowance(client.ratelimit_limit, client.ratelimit_remaining, client.ratelimit_reset)
        return Sent(posted, said)

    def find_existing(self, outgoing: Outgoing) -> Lookup:
        """Read the account's statuses since the first attempt; absent only when all were read."""
        client = self._client(outgoing.account)
        found = attempt(lambda: _look_for(client, outgoing), _Told(client))
        return CannotTell(found.reason) if isinstance(found, NotSent | Refused | Unknown) else found

    def delete(self, account: Account, platform_id: str) -> Deletion:
        """Delete one status."""
        client = self._client(account)
        answer = attempt(lambda: _receipt(client.status_delete(platform_id)), _Told(client))
        if isinstance(answer, Refused) and answer.code == "404":
            return Deleted()
        return answer if isinstance(answer, NotSent | Refused | Unknown) else Deleted()

    def metrics(self, account: Account, platform_id: str) -> Engagement:
        """The instance's counts of one status."""
        client = self._client(account)
        found = attempt(lambda: whole_numbers(client.status(platform_id), _COUNTS), _Told(client))
        return found if isinstance(found, Counted) else not_counted(found)

    def check(self, account: Account) -> Health:
        """Ask the instance whose token this is."""
        client = self._client(account)
        owner = attempt(lambda: str(client.account_verify_credentials()["acct"]), _Told(client))
        if not isinstance(owner, str):
            return health_after(owner)
        if owner.lower() != _local_name(account.handle):
            return Health(TokenState.REVOKED, f"The token belongs to @{owner}, not to @{account.handle}.")
        characters = attempt(lambda: _characters(client), _Told(client))
        return Health(TokenState.OK, f"@{owner}", characters if isinstance(characters, int) else None)

    def _client(self, account: Account) -> Mastodon:
        instance = (account.base_url or self._instance).rstrip("/")
        with self._lock:
            if instance not in self._sessions:
                self._sessions[instance] = OneServerSession(instance)
            session = self._sessions[instance]
        return Mastodon(
            access_token=account.credentials.get("access_token", ""),
            api_base_url=instance,
            ratelimit_method="throw",
            request_timeout=TOTAL_SECONDS,
            # Stated, not asked for: asking would be a second request before each post with a picture.
            mastodon_version="4.3.0",
            version_check_mode="created",
            session=session,
        )


class _Told:
    """What the instance itself answered; the client knows when a rate limit ends."""

    def __init__(self, client: Mastodon) -> None:
        self._client = client

    def __call__(self, error: Exception) -> Failure | None:
        if isinstance(error, _NotDescribed):
            return Refused("The instance did not keep a picture's alt text.", "alt_text")
        if isinstance(error, library.MastodonRatelimitError):
            # Also raised for an accepted post whose rate headers cannot be read.
            if "Hit rate limit" not in str(error):
                return Unknown(f"The instance's answer could not be read: {error}")
            return answered(429, "The instance asks us to wait.", own=True, retry_at=self._reset())
        if not isinstance(error, library.MastodonAPIError):
            return None
        status = error.args[1] if len(error.args) > 1 else None
        if not isinstance(status, int):
            return Unknown(f"The instance gave an answer that is not its own: {str(error)[:200]}")
        reason = f"The instance answered {status}: {error.args[-1]}"[:500]
        own = error.args[-1] not in _NOT_ITS_WORDS
        return NotSent(reason) if "not finished processing" in reason else answered(status, reason, own=own)

    def _reset(self) -> datetime | None:
        reset: Any = self._client.ratelimit_reset
        return None if reset is None else datetime.fromtimestamp(reset, tz=UTC)


def _characters(client: Mastodon) -> int:
    """How many characters the instance takes in a status."""
    return int(client.instance_v2()["configuration"]["statuses"]["max_characters"])


class _NotDescribed(Exception):
    """The instance took a picture and not its alt text."""


def _upload(client: Mastodon, picture: MediaFile) -> str:
    attachment = client.media_post(picture.content, mime_type=picture.content_type, description=picture.alt)
    if not attachment["description"]:
        raise _NotDescribed
    return str(attachment["id"])


def _post(client: Mastodon, outgoing: Outgoing, media: list[str]) -> Receipt:
    status = client.status_post(
        outgoing.text,
        in_reply_to_id=outgoing.reply_to,
        media_ids=media or None,
        visibility="public",
        language="en",
        idempotency_key=outgoing.idempotency_key,
    )
    return _receipt(status)


def _receipt(status: Any) -> Receipt:
    platform_id, url = status["id"], status["url"]
    if not platform_id or not isinstance(url, str):
        raise ValueError("the instance answered something else than a status")
    return Receipt(str(platform_id), url)


def _look_for(client: Mastodon, outgoing: Outgoing) -> Lookup:
    since = outgoing.first_attempt_at - _SKEW
    me = client.account_verify_credentials()["id"]
    if not me:
        return CannotTell("The instance answered something else than an account.")
    page = client.account_statuses(me, exclude_reblogs=True, limit=_PAGE)
    shown: list[Shown] = []
    for _ in range(_PAGES):
        recent = [each for each in page or () if each["created_at"] >= since]
        same = [_receipt(each) for each in recent if _is_the_same(client, each, outgoing)]
        if same:
            return Found(same[0], tuple(same[1:]))
        shown += [Shown(_as_shown(each), str(each["url"] or ""), each["created_at"]) for each in recent]
        if not page or len(recent) < len(page):
            return Absent(closest(shown, outgoing.text))
        page = client.fetch_next(page)
    reason = f"More than {_PAGES} pages of posts since the first attempt."
    return CannotTell(reason, closest(shown, outgoing.text))


def _is_the_same(client: Mastodon, status: Any, outgoing: Outgoing) -> bool:
    return _parent(status) == outgoing.reply_to and _plain(_source(client, status)) == _plain(outgoing.text)


def _parent(status: Any) -> str | None:
    return None if status["in_reply_to_id"] is None else str(status["in_reply_to_id"])


def _source(client: Mastodon, status: Any) -> str:
    """The words as they were written; on servers that do not keep them, as the page shows them."""
    try:
        return str(client.status_source(status["id"])["text"])
    except library.MastodonNotFoundError:
        return _as_shown(status)


def _as_shown(status: Any) -> str:
    """The words as the page shows them."""
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", str(status["content"])))).strip()


def _plain(text: str) -> str:
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _local_name(handle: str) -> str:
    """The name on its own instance: MPSCamden for "@MPSCamden@police.social"."""
    return handle.lstrip("@").partition("@")[0].lower()
