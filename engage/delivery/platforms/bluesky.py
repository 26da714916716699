"""Bluesky, through atproto: a record under a key of our own, written only where there is none yet.

The key and the creation time are stored before the first call, so a second call is the same call, and
the lookup reads exactly that record. `putRecord` is sent raw, because the library's model drops
`swapRecord: null`, and without it a second call would overwrite what is there.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from atproto_client import models  # type: ignore[import-untyped]
from atproto_client.exceptions import RequestErrorBase  # type: ignore[import-untyped]
from atproto_client.request import Response  # type: ignore[import-untyped]

from engage.delivery.platforms.allowances import tightest
from engage.delivery.platforms.facets import facets
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
from engage.delivery.platforms.sessions import SessionKeeper, Sessions, SignedIn
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

USUAL_SERVER: Final = "https://bsky.social"
SITE: Final = "https://bsky.app"
COLLECTION: Final = "app.bsky.feed.post"
_JSON: Final = {"Content-Type": "application/json"}
_TID_ALPHABET: Final = "234567abcdefghijklmnopqrstuvwxyz"
_TID_LENGTH: Final = 13
_COUNTS: Final = ("likeCount", "repostCount", "quoteCount", "replyCount", "bookmarkCount")
_STALE_SESSION: Final = frozenset({"ExpiredToken", "InvalidToken"})


class BlueskyAdapter:
    """One write to an account's own server for one call.

    `base_url` is the server of accounts that name none; the receipt's link then points there too.
    Credentials: `password`, an app password; the handle is the account's. `sessions` keeps the
    accounts signed in; without one this process does so for itself.
    """

    name: Final = Platform.BLUESKY
    capabilities: Final = Capabilities(settle_seconds=10)
    limits: Final = LIMITS[Platform.BLUESKY]

    def __init__(self, base_url: str | None = None, sessions: SessionKeeper | None = None) -> None:
        self._site = (base_url or SITE).rstrip("/")
        self._sessions = Sessions((base_url or USUAL_SERVER).rstrip("/"), sessions)

    def validate(self, outgoing: Outgoing) -> list[str]:
        """Length in graphemes and bytes, pictures, alt text and the account's app password."""
        return problems(outgoing, self.name, limits=self.limits, secrets=("password",))

    def prepare(self, outgoing: Outgoing) -> Mapping[str, str]:
        """The record's key and creation time, from the first attempt's time and the delivery's id."""
        moment = outgoing.first_attempt_at.astimezone(UTC)
        created = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        microseconds = int(moment.timestamp() * 1_000_000)
        return {"rkey": record_key(microseconds, outgoing.delivery_id.int % 1024), "created_at": created}

    def publish(self, outgoing: Outgoing) -> Outcome:
        """Upload the pictures, read the parent of a reply, then make the one request that posts."""
        told = partial(self._told, outgoing.account)
        session = attempt(lambda: self._sessions.of(outgoing.account), told)
        if not isinstance(session, SignedIn):
            return before_posting(session)
        record = attempt(lambda: _record(session, outgoing, self._prepared(outgoing)["created_at"]), told)
        if not isinstance(record, dict):
            return before_posting(record)
        rkey = self._prepared(outgoing)["rkey"]
        answer = attempt(lambda: _put(session, rkey, record), told)
        if isinstance(answer, NotSent | Refused | Unknown):
            return answer
        receipt = self._receipt(outgoing.account, str(answer.content["uri"]))
        return Sent(receipt, tightest(answer.headers, ("ratelimit",)))

    def find_existing(self, outgoing: Outgoing) -> Lookup:
        """Read the one record that an earlier attempt can have written."""
        found = attempt(lambda: self._look_for(outgoing), partial(self._told, outgoing.account))
        return CannotTell(found.reason) if isinstance(found, NotSent | Refused | Unknown) else found

    def delete(self, account: Account, platform_id: str) -> Deletion:
        """Delete one record; the server says nothing when it was not there."""
        rkey = platform_id.rpartition("/")[2]
        method = "com.atproto.repo.deleteRecord"
        answer = attempt(
            lambda: _content(_write(self._sessions.of(account), method, rkey=rkey)),
            partial(self._told, account),
        )
        return answer if isinstance(answer, NotSent | Refused | Unknown) else Deleted()

    def metrics(self, account: Account, platform_id: str) -> Engagement:
        """What Bluesky's app view counts for one post; a server without one does not say."""
        found = attempt(lambda: self._counted(account, platform_id), partial(self._told, account))
        return not_counted(found) if isinstance(found, NotSent | Refused | Unknown) else found

    def _counted(self, account: Account, platform_id: str) -> Engagement:
        asked = models.AppBskyFeedGetPosts.Params(uris=[platform_id])
        client = self._sessions.of(account).client
        posts = _content(client.invoke_query("app.bsky.feed.getPosts", params=asked))["posts"]
        if not posts:
            return NotCounted("Bluesky no longer has this post.", gone=True)
        return whole_numbers(posts[0], _COUNTS)

    def check(self, account: Account) -> Health:
        """Ask the server whose session this is."""
        method = "com.atproto.server.getSession"
        owner = attempt(
            lambda: _content(self._sessions.of(account).client.invoke_query(method)),
            partial(self._told, account),
        )
        if isinstance(owner, NotSent | Refused | Unknown):
            return health_after(owner)
        handle = str(owner.get("handle", ""))
        if handle.lower() != account.handle.lstrip("@").lower():
            return Health(TokenState.REVOKED, f"The password belongs to @{handle}, not to @{account.handle}.")
        return Health(TokenState.OK, f"@{handle}")

    def _told(self, account: Account, error: Exception) -> Failure | None:
        """What the server itself answered; a session it no longer takes is forgotten."""
        if not isinstance(error, RequestErrorBase) or error.response is None:
            return None
        name, status = _error_name(error), error.response.status_code
        reason = f"Bluesky answered {status}: {error}"[:500]
        if name in _STALE_SESSION or status == HTTPStatus.UNAUTHORIZED:
            self._sessions.forget(account)
        if name in _STALE_SESSION:
            return NotSent(reason)
        if name == "InvalidSwap":
            return Unknown("Bluesky already has a record under this key.")
        return answered(status, reason, own=bool(name), retry_at=_reset(error.response.headers))

    def _prepared(self, outgoing: Outgoing) -> Mapping[str, str]:
        return {**self.prepare(outgoing), **outgoing.prepared}

    def _look_for(self, outgoing: Outgoing) -> Lookup:
        session = self._sessions.of(outgoing.account)
        try:
            found = _read(session, session.did, self._prepared(outgoing)["rkey"])
        except RequestErrorBase as error:
            if _error_name(error) == "RecordNotFound":
                return Absent()
            raise
        receipt, value = self._receipt(outgoing.account, str(found["uri"])), found["value"]
        if value["text"] != outgoing.text:
            there = Shown(str(value["text"]), receipt.url, moment(value.get("createdAt")))
            return CannotTell("The record is there, but with other words.", (there,))
        return Found(receipt)

    def _receipt(self, account: Account, uri: str) -> Receipt:
        rkey = uri.rpartition("/")[2]
        return Receipt(uri, f"{self._site}/profile/{account.handle.lstrip('@')}/post/{rkey}")


def record_key(microseconds: int, clock: int) -> str:
    """A TID: 53 bits of microseconds since 1970 and 10 bits of clock, in 13 sortable letters."""
    value = (microseconds & (1 << 53) - 1) << 10 | clock
    return "".join(_TID_ALPHABET[value >> 5 * place & 31] for place in reversed(range(_TID_LENGTH)))


def _record(session: SignedIn, outgoing: Outgoing, created_at: str) -> dict[str, Any]:
    record: dict[str, Any] = {
        "$type": COLLECTION,
        "text": outgoing.text,
        "createdAt": created_at,
        "langs": ["en"],
    }
    if marked := facets(outgoing.text):
        record["facets"] = marked
    if outgoing.media:
        images = [_upload(session, each) for each in outgoing.media]
        record["embed"] = {"$type": "app.bsky.embed.images", "images": images}
    if outgoing.reply_to is not None:
        record["reply"] = _reply(session, outgoing.reply_to)
    return record


def _put(session: SignedIn, rkey: str, record: dict[str, Any]) -> Response:
    method = "com.atproto.repo.putRecord"
    answer = _write(session, method, rkey=rkey, record=record, swapRecord=None)
    if not str(_content(answer)["uri"]).endswith(f"/{COLLECTION}/{rkey}"):
        raise ValueError("the server answered with another record")
    return answer


def _write(session: SignedIn, method: str, **fields: Any) -> Response:
    body = {"repo": session.did, "collection": COLLECTION, **fields}
    return session.client.invoke_procedure(method, content=json.dumps(body).encode(), headers=_JSON)


def _read(session: SignedIn, repo: str, rkey: str) -> dict[str, Any]:
    where = models.ComAtprotoRepoGetRecord.Params(repo=repo, collection=COLLECTION, rkey=rkey)
    return _content(session.client.invoke_query("com.atproto.repo.getRecord", params=where))


def _upload(session: SignedIn, picture: MediaFile) -> dict[str, Any]:
    answer = session.client.invoke_procedure(
        "com.atproto.repo.uploadBlob",
        content=picture.content,
        headers={"Content-Type": picture.content_type},
    )
    return {"alt": picture.alt, "image": _content(answer)["blob"]}


def _reply(session: SignedIn, parent_uri: str) -> dict[str, Any]:
    """The strong references of a reply: its parent, and the first post of the thread."""
    repo, _, rkey = parent_uri.removeprefix("at://").split("/")
    found = _read(session, repo, rkey)
    parent = {"uri": found["uri"], "cid": found["cid"]}
    return {"parent": parent, "root": found["value"].get("reply", {}).get("root", parent)}


def _content(response: Response) -> dict[str, Any]:
    if not isinstance(response.content, dict):
        raise ValueError("the server answered something else than JSON")  # noqa: TRY004 - becomes an outcome
    return response.content


def _error_name(error: RequestErrorBase) -> str:
    content = error.response.content if error.response is not None else None
    return str(getattr(content, "error", None) or "")


def _reset(headers: Mapping[str, Any]) -> datetime | None:
    seconds = str(headers.get("ratelimit-reset", ""))
    return datetime.fromtimestamp(int(seconds), tz=UTC) if seconds.isdigit() else None
