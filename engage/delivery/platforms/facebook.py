"""A Facebook Page, through the Graph API, in two phases: create unpublished, then publish by id.

Until the second phase nobody can see anything, so whatever goes wrong before it is certainly not
sent; and publishing the same id twice is publishing it once. The id is stored as soon as it is known.
"""

import hashlib
import hmac
import json
import weakref
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from engage.delivery.likeness import closest
from engage.delivery.platforms.allowances import by_percent
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
from engage.delivery.platforms.transport import HTTPX_TIMEOUT, BoundedTransport
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

API: Final = "https://graph.facebook.com"
SITE: Final = "https://www.facebook.com"
VERSION: Final = "v24.0"
_SUMMARIES: Final = ("reactions", "comments")
_COUNTED: Final = "shares," + ",".join(f"{name}.summary(total_count).limit(0)" for name in _SUMMARIES)
_SKEW: Final = timedelta(minutes=5)
_PAGE: Final = 100
_POST_ID: Final = "post_id"
_TOKEN_CODES: Final = frozenset({102, 190})
_LIMIT_CODES: Final = frozenset({4, 17, 32, 341, 368, 613, 80001})
_PASSING_CODES: Final = frozenset({1, 2})
_GONE_CODE: Final = 100
_GONE_SUBCODE: Final = 33
_DUPLICATE_CODE: Final = 506
_DUPLICATE: Final = Unknown("Facebook says it already has a post with these words.")


class GraphError(Exception):
    """The Graph API answered, and it was not yes."""

    def __init__(self, status: int, body: Any) -> None:
        error = body.get("error", {}) if isinstance(body, dict) else {}
        self.status = status
        self.own = isinstance(error, dict) and "code" in error
        self.code: int = error.get("code", 0) if isinstance(error, dict) else 0
        self.subcode: int = error.get("error_subcode", 0) if isinstance(error, dict) else 0
        message = error.get("message", "") if isinstance(error, dict) else ""
        super().__init__(f"Facebook answered {status} (code {self.code}): {message}"[:500])


class FacebookAdapter:
    """Two requests to the Graph API for one call, of which only the second shows anything.

    `base_url` names another server with the same interface; the receipt's link then points there too.
    """

    name: Final = Platform.FACEBOOK
    capabilities: Final = Capabilities(settle_seconds=30)
    limits: Final = LIMITS[Platform.FACEBOOK]

    def __init__(self, base_url: str | None = None) -> None:
        self._api = f"{(base_url or API).rstrip('/')}/{VERSION}"
        self._site = (base_url or SITE).rstrip("/")
        self._http = httpx.Client(timeout=HTTPX_TIMEOUT, transport=BoundedTransport(self._api))
        weakref.finalize(self, self._http.close)

    def validate(self, outgoing: Outgoing) -> list[str]:
        """Length, pictures, alt text, the Page's id and token; a Page has no threads."""
        found = problems(outgoing, self.name, limits=self.limits, secrets=("page_id", "access_token"))
        return [*found, "A Facebook Page has no threads."] if outgoing.reply_to else found

    def prepare(self, outgoing: Outgoing) -> Mapping[str, str]:  # noqa: ARG002 - the protocol's signature
        """Nothing yet: the id to publish is the platform's, and is learned in the first phase."""
        return {}

    def publish(self, outgoing: Outgoing) -> Outcome:
        """Create the post where nobody sees it, then make the one request that shows it."""
        post_id: str | Failure | None = outgoing.prepared.get(_POST_ID)
        if post_id is None:
            post_id = attempt(lambda: self._create(outgoing), _told)
        if not isinstance(post_id, str):
            return post_id if post_id is _DUPLICATE else before_posting(post_id)
        return self._show(outgoing.account, post_id)

    def _show(self, account: Account, post_id: str) -> Outcome:
        shown = attempt(lambda: self._asked("POST", account, post_id, is_published="true"), _told)
        if isinstance(shown, Refused):
            return shown
        if isinstance(shown, NotSent | Unknown):
            return replace(shown, learned={_POST_ID: post_id})
        if shown.json().get("success") is not True:
            return Unknown("Facebook did not say that the post is shown.", learned={_POST_ID: post_id})
        return Sent(self._receipt(post_id), by_percent(shown.headers, now=datetime.now(UTC)))

    def find_existing(self, outgoing: Outgoing) -> Lookup:
        """Ask for the post by its id, or where the id was lost, read the Page since the first attempt."""
        post_id = outgoing.prepared.get(_POST_ID)
        if post_id is not None:
            found = attempt(lambda: self._by_id(outgoing.account, post_id), _told)
        else:
            found = attempt(lambda: self._by_words(outgoing), _told)
        return CannotTell(found.reason) if isinstance(found, NotSent | Refused | Unknown) else found

    def delete(self, account: Account, platform_id: str) -> Deletion:
        """Delete one post."""
        answer = attempt(lambda: self._delete(account, platform_id), _told)
        return Deleted() if isinstance(answer, bool) else answer

    def metrics(self, account: Account, platform_id: str) -> Engagement:
        """Reactions, comments and shares of one post of the Page."""
        found = attempt(lambda: self._counted(account, platform_id), _told)
        return not_counted(found) if isinstance(found, NotSent | Refused | Unknown) else found

    def _counted(self, account: Account, post_id: str) -> Engagement:
        try:
            said = self._call("GET", account, post_id, fields=_COUNTED)
        except GraphError as error:
            if _is_gone(error) and _is_of(account, post_id):
                return NotCounted("Facebook no longer has this post.", gone=True)
            raise
        totals = {name: said.get(name, {}).get("summary", {}).get("total_count") for name in _SUMMARIES}
        return whole_numbers(
            {**totals, "shares": said.get("shares", {}).get("count", 0)}, (*totals, "shares")
        )

    def check(self, account: Account) -> Health:
        """Ask Facebook whose token this is."""
        owner = attempt(lambda: self._call("GET", account, "me", fields="id,name,username"), _told)
        if isinstance(owner, NotSent | Refused | Unknown):
            return health_after(owner)
        names = {str(owner.get(key, "")).lower() for key in ("name", "username")}
        page_is_right = str(owner.get("id")) == account.credentials.get("page_id")
        if not page_is_right or account.handle.lstrip("@").lower() not in names:
            detail = f"The token belongs to the Page {owner.get('name')}, not to {account.handle}."
            return Health(TokenState.REVOKED, detail)
        return Health(TokenState.OK, str(owner.get("name")), expires_at=self._token_ends(account))

    def _token_ends(self, account: Account) -> datetime | None:
        """When the token or its access to the Page's data ends; only the application it was given to may ask.

        Facebook says 0 for what does not end. Without `app_id` and `app_secret` nobody can ask.
        """
        application = [account.credentials.get(name) for name in ("app_id", "app_secret")]
        if not all(application):
            return None
        said = attempt(lambda: self._described(account, "|".join(map(str, application))), _told)
        if isinstance(said, NotSent | Refused | Unknown):
            return None
        ends = [said.get(name) for name in ("expires_at", "data_access_expires_at")]
        seconds = [each for each in ends if isinstance(each, int) and each > 0]
        return datetime.fromtimestamp(min(seconds), tz=UTC) if seconds else None

    def _described(self, account: Account, application: str) -> Mapping[str, Any]:
        """What Facebook keeps on the token. The one request that carries it in its address, as Facebook asks."""
        answer = self._http.get(
            f"{self._api}/debug_token",
            params={"input_token": account.credentials["access_token"]},
            headers={"Authorization": f"Bearer {application}"},
        )
        data: Mapping[str, Any] = answer.raise_for_status().json()["data"]
        return data

    def _create(self, outgoing: Outgoing) -> str:
        account = outgoing.account
        page = account.credentials["page_id"]
        pictures = [self._upload(account, page, each) for each in outgoing.media]
        attached = {
            f"attached_media[{place}]": json.dumps({"media_fbid": each})
            for place, each in enumerate(pictures)
        }
        created = self._call(
            "POST", account, f"{page}/feed", message=outgoing.text, published="false", **attached
        )
        if not isinstance(created["id"], str):
            raise TypeError("Facebook answered without the id of a post")
        return created["id"]

    def _upload(self, account: Account, page: str, picture: MediaFile) -> str:
        file = {"source": ("picture", picture.content, picture.content_type)}
        path = f"{page}/photos"
        uploaded = self._call(
            "POST", account, path, files=file, published="false", alt_text_custom=picture.alt
        )
        return str(uploaded["id"])

    def _by_id(self, account: Account, post_id: str) -> Lookup:
        try:
            post = self._call("GET", account, post_id, fields="id,is_published")
        except GraphError as error:
            if _is_gone(error):
                return Absent()
            raise
        return Found(self._receipt(post_id)) if post.get("is_published") is True else Absent()

    def _by_words(self, outgoing: Outgoing) -> Lookup:
        account = outgoing.account
        since = int((outgoing.first_attempt_at - _SKEW).timestamp())
        posts = self._call(
            "GET",
            account,
            f"{account.credentials['page_id']}/published_posts",
            fields="id,message,created_time",
            since=str(since),
            limit=str(_PAGE),
        )
        if not isinstance(posts["data"], list):
            return CannotTell("Facebook answered something else than posts.")
        same = [
            self._receipt(str(each["id"])) for each in posts["data"] if each.get("message") == outgoing.text
        ]
        if same:
            return Found(same[0], tuple(same[1:]))
        shown = closest(map(self._shown, posts["data"]), outgoing.text)
        if posts.get("paging", {}).get("next"):
            return CannotTell(f"More than {_PAGE} posts since the first attempt.", shown)
        return Absent(shown)

    def _shown(self, post: Mapping[str, Any]) -> Shown:
        url = self._receipt(str(post["id"])).url
        return Shown(str(post.get("message", "")), url, moment(post.get("created_time")))

    def _delete(self, account: Account, post_id: str) -> bool:
        try:
            self._call("DELETE", account, post_id)
        except GraphError as error:
            if not _is_gone(error) or not _is_of(account, post_id):
                raise
        return True

    def _call(
        self, method: str, account: Account, path: str, *, files: Any = None, **fields: str
    ) -> dict[str, Any]:
        """One request; its JSON, or GraphError."""
        answer: dict[str, Any] = self._asked(method, account, path, files=files, **fields).json()
        return answer

    def _asked(
        self, method: str, account: Account, path: str, *, files: Any = None, **fields: str
    ) -> httpx.Response:
        """One request; its answer, or GraphError. The token travels in a header, never in an address."""
        token = account.credentials["access_token"]
        if secret := account.credentials.get("app_secret"):
            proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
            fields["appsecret_proof"] = proof
        response = self._http.request(
            method,
            f"{self._api}/{path}",
            headers={"Authorization": f"Bearer {token}"},
            params=fields if method == "GET" else None,
            data=None if method == "GET" else fields,
            files=files,
        )
        body = response.json() if "json" in response.headers.get("content-type", "") else None
        if not response.is_success or not isinstance(body, dict) or "error" in body:
            raise GraphError(response.status_code, body)
        return response

    def _receipt(self, post_id: str) -> Receipt:
        return Receipt(post_id, f"{self._site}/{post_id}")


def _told(error: Exception) -> Failure | None:
    """What Facebook itself answered. Its own codes say more than the HTTP status."""
    if not isinstance(error, GraphError):
        return None
    reason = str(error)
    if error.code in _TOKEN_CODES:
        return NotSent(reason, account_wide=True, token_refused=True)
    if error.code in _LIMIT_CODES:
        return NotSent(reason, account_wide=True)
    if error.code == _DUPLICATE_CODE:
        return _DUPLICATE
    if error.code in _PASSING_CODES:
        return Unknown(reason)
    return answered(error.status, reason, own=error.own)


def _is_gone(error: GraphError) -> bool:
    not_found = error.own and error.status == httpx.codes.NOT_FOUND
    return not_found or (error.code, error.subcode) == (_GONE_CODE, _GONE_SUBCODE)


def _is_of(account: Account, post_id: str) -> bool:
    """Whether the Page would see it: Facebook answers alike for what is gone and for what a token may not see."""
    return post_id.startswith(f"{account.credentials['page_id']}_")
