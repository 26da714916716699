"""X, through tweepy with OAuth 1.0a user tokens.

X refuses a second post with the same words (403, without the id of the first), so a lost answer is
looked up on the account's own timeline: words unescaped, links expanded, parent compared.
"""

import base64
import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import requests
import tweepy  # type: ignore[import-untyped]

from engage.delivery.likeness import closest
from engage.delivery.platforms.allowances import tightest
from engage.delivery.platforms.failures import (
    Failure,
    answered,
    attempt,
    before_posting,
    health_after,
    moment,
    not_counted,
    whole_numbers,
)
from engage.delivery.platforms.fits import problems
from engage.delivery.platforms.limits import LIMITS
from engage.delivery.platforms.transport import OneServerSession
from engage.delivery.ports import (
    Absent,
    Account,
    CannotTell,
    Capabilities,
    Deleted,
    Deletion,
    Engagement,
    Found,
    Health,
    Lookup,
    MediaFile,
    NotCounted,
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

API: Final = "https://api.x.com"
SITE: Final = "https://x.com"
_TWEEPY_HOST: Final = "https://api.twitter.com"
_SKEW: Final = timedelta(minutes=5)
_PAGES: Final = 5
_PAGE: Final = 100
_SECRETS: Final = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
_WINDOWS: Final = ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour")
_COUNTS: Final = (
    "impression_count",
    "like_count",
    "retweet_count",
    "quote_count",
    "reply_count",
    "bookmark_count",
)
_SPACE = re.compile(r"\s+")


class XAdapter:
    """One request to X for one call.

    `base_url` names another server with the same interface; the receipt's link then points there too.
    """

    name: Final = Platform.X
    capabilities: Final = Capabilities(settle_seconds=60)
    limits: Final = LIMITS[Platform.X]

    def __init__(self, base_url: str | None = None) -> None:
        self._api = (base_url or API).rstrip("/")
        self._site = (base_url or SITE).rstrip("/")
        self._session = OneServerSession(self._api, instead_of=_TWEEPY_HOST)

    def validate(self, outgoing: Outgoing) -> list[str]:
        """Length by X's own weighting, pictures, alt text and the four secrets of the account."""
        return problems(outgoing, self.name, limits=self.limits, secrets=_SECRETS)

    def prepare(self, outgoing: Outgoing) -> Mapping[str, str]:  # noqa: ARG002 - the protocol's signature
        """Nothing: X takes no key of ours."""
        return {}

    def publish(self, outgoing: Outgoing) -> Outcome:
        """Upload the pictures, then make the one request that posts."""
        media_ids = attempt(lambda: [self._upload(outgoing.account, each) for each in outgoing.media], _told)
        if not isinstance(media_ids, list):
            return before_posting(media_ids)
        return attempt(lambda: self._post(outgoing, media_ids), _told)

    def _post(self, outgoing: Outgoing, media_ids: list[str]) -> Sent:
        response = self._client(outgoing.account, requests.Response).create_tweet(
            text=outgoing.text,
            media_ids=media_ids or None,
            in_reply_to_tweet_id=outgoing.reply_to,
        )
        platform_id = response.json()["data"]["id"]
        if not isinstance(platform_id, str) or not platform_id.isdigit():
            raise ValueError("X answered without the id of a post")
        return Sent(self._receipt(outgoing.account, platform_id), tightest(response.headers, _WINDOWS))

    def find_existing(self, outgoing: Outgoing) -> Lookup:
        """Read the account's timeline since the first attempt; absent only when all of it was read."""
        user_id = outgoing.account.credentials.get("access_token", "").partition("-")[0]
        if not user_id.isdigit():
            return CannotTell("The access token does not name its user.")
        found = attempt(lambda: self._look_for(outgoing, user_id), _told)
        if isinstance(found, NotSent | Refused | Unknown):
            return CannotTell(found.reason)
        return found

    def _look_for(self, outgoing: Outgoing, user_id: str) -> Lookup:
        token: str | None = None
        shown: list[Shown] = []
        for _ in range(_PAGES):
            page = self._timeline(outgoing, user_id, token)
            if not isinstance(page["meta"]["result_count"], int):
                return CannotTell("X answered something else than a timeline.")
            tweets = page.get("data", ())
            same = [
                self._receipt(outgoing.account, each["id"]) for each in tweets if _is_the_same(each, outgoing)
            ]
            if same:
                return Found(same[0], tuple(same[1:]))
            shown += [self._shown(outgoing.account, each) for each in tweets]
            token = page["meta"].get("next_token")
            if token is None:
                return Absent(closest(shown, outgoing.text))
        reason = f"More than {_PAGES * _PAGE} posts since the first attempt."
        return CannotTell(reason, closest(shown, outgoing.text))

    def _shown(self, account: Account, tweet: Mapping[str, Any]) -> Shown:
        url = self._receipt(account, str(tweet["id"])).url
        return Shown(next(_as_written(tweet)), url, moment(tweet.get("created_at")))

    def _timeline(self, outgoing: Outgoing, user_id: str, token: str | None) -> dict[str, Any]:
        since = (outgoing.first_attempt_at - _SKEW).astimezone(UTC)
        page: dict[str, Any] = self._client(outgoing.account).get_users_tweets(
            user_id,
            user_auth=True,
            start_time=since.strftime("%Y-%m-%dT%H:%M:%SZ"),
            max_results=_PAGE,
            tweet_fields=["entities", "referenced_tweets", "created_at"],
            **({"pagination_token": token} if token else {}),
        )
        return page

    def delete(self, account: Account, platform_id: str) -> Deletion:
        """Delete one post."""
        deleted = attempt(lambda: self._client(account).delete_tweet(platform_id)["data"]["deleted"], _told)
        if isinstance(deleted, Refused) and deleted.code == "404":
            return Deleted()
        if isinstance(deleted, NotSent | Refused | Unknown):
            return deleted
        return Deleted() if deleted is True else Unknown("X did not say that the post was deleted.")

    def metrics(self, account: Account, platform_id: str) -> Engagement:
        """X's public metrics of one post."""
        found = attempt(lambda: self._counted(account, platform_id), _told)
        return not_counted(found) if isinstance(found, NotSent | Refused | Unknown) else found

    def _counted(self, account: Account, platform_id: str) -> Engagement:
        said = self._client(account).get_tweet(platform_id, tweet_fields=["public_metrics"], user_auth=True)
        if "data" not in said:
            missing = any("not-found" in str(each.get("type")) for each in said["errors"])
            return NotCounted("X no longer has this post." if missing else str(said["errors"])[:200], missing)
        return whole_numbers(said["data"]["public_metrics"], _COUNTS)

    def check(self, account: Account) -> Health:
        """Ask X whose token this is."""
        owner = attempt(lambda: str(self._client(account).get_me()["data"]["username"]), _told)
        if not isinstance(owner, str):
            return health_after(owner)
        if owner.lower() != account.handle.lstrip("@").lower():
            return Health(TokenState.REVOKED, f"The token belongs to @{owner}, not to @{account.handle}.")
        return Health(TokenState.OK, f"@{owner}")

    def _client(self, account: Account, answers: type = dict) -> tweepy.Client:
        secrets = {name: account.credentials.get(name) for name in _SECRETS}
        client = tweepy.Client(**secrets, return_type=answers, wait_on_rate_limit=False)
        client.session = self._session
        return client

    def _upload(self, account: Account, picture: MediaFile) -> str:
        body = {
            "media": base64.b64encode(picture.content).decode(),
            "media_category": "tweet_image",
            "media_type": picture.content_type,
        }
        client = self._client(account)
        uploaded = client.request("POST", "/2/media/upload", json=body, user_auth=True).json()
        media_id = str(uploaded["data"]["id"])
        alt = {"id": media_id, "metadata": {"alt_text": {"text": picture.alt}}}
        client.request("POST", "/2/media/metadata", json=alt, user_auth=True)
        return media_id

    def _receipt(self, account: Account, platform_id: str) -> Receipt:
        return Receipt(platform_id, f"{self._site}/{account.handle.lstrip('@')}/status/{platform_id}")


def _told(error: Exception) -> Failure | None:
    """What X itself answered."""
    if not isinstance(error, tweepy.HTTPException):
        return None
    reason = f"X answered {error}".replace("\n", ": ")[:500]
    if isinstance(error, tweepy.Forbidden) and "duplicate" in reason.lower():
        return Unknown("X says it already has a post with these words.")
    response = error.response
    own = bool(error.api_errors or error.api_messages)
    return answered(response.status_code, reason, own=own, retry_at=_reset(response.headers))


def _reset(headers: Mapping[str, str]) -> datetime | None:
    """When the last of the spent windows starts again: X counts by quarter hour, by user and by app."""
    spent = [name for name in _WINDOWS if headers.get(f"{name}-remaining") == "0"]
    resets = [headers.get(f"{name}-reset", "") for name in spent or _WINDOWS[:1]]
    seconds = [int(each) for each in resets if each.isdecimal()]
    return datetime.fromtimestamp(max(seconds), tz=UTC) if seconds else None


def _is_the_same(tweet: Mapping[str, Any], outgoing: Outgoing) -> bool:
    parents = [each["id"] for each in tweet.get("referenced_tweets", ()) if each["type"] == "replied_to"]
    return (parents[0] if parents else None) == outgoing.reply_to and any(
        _plain(shown) == _plain(outgoing.text) for shown in _as_written(tweet)
    )


def _as_written(tweet: Mapping[str, Any]) -> Iterator[str]:
    """The words as they may have been written: links expanded, with and without their scheme."""
    links = tweet.get("entities", {}).get("urls", ())
    text = str(tweet["text"])
    for link in links:
        if "media_key" in link:
            text = text.replace(link["url"], "")
    full, bare = text, text
    for link in links:
        expanded = link.get("expanded_url", link["url"])
        full = full.replace(link["url"], expanded)
        bare = bare.replace(link["url"], re.sub(r"^https?://", "", expanded))
    yield html.unescape(full)
    yield html.unescape(bare)


def _plain(text: str) -> str:
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()
