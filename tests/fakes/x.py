"""X's edge: signatures, 280 weighted characters, duplicates, rate headers, t.co links.

Error bodies are those of the X API v2. Media belong to who uploaded them and expire after a day.
"""

import base64
import html
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from oauthlib.oauth1 import RequestValidator, ResourceEndpoint

from engage.posts.kinds import Platform
from engage.posts.length import length
from tests.fakes import credentials
from tests.fakes.edge import HANDLE, Edge, Handler, Post, hash_of

_LINK = re.compile(r"https?://\S+")
_WINDOW = 900
_CLOCK_SKEW = 300
_MEDIA_LIFE = 86_400


class _Signatures(RequestValidator):
    """Which keys are known, what their secrets are, and which nonces were used before."""

    enforce_ssl = False
    dummy_client = "noSuchConsumer"
    dummy_access_token = "0-nobody-0"

    def __init__(self, revoked: set[str]) -> None:
        super().__init__()
        self._revoked = revoked
        self._used: set[tuple[str, str]] = set()

    def check_client_key(self, _client_key: str) -> bool:
        return True

    def check_access_token(self, _request_token: str) -> bool:
        return True

    def check_nonce(self, nonce: str) -> bool:
        return bool(nonce)

    def validate_timestamp_and_nonce(
        self, _client_key: str, timestamp: str, nonce: str, *_: Any, **__: Any
    ) -> bool:
        fresh = abs(time.time() - int(timestamp)) <= _CLOCK_SKEW and (timestamp, nonce) not in self._used
        self._used.add((timestamp, nonce))
        return fresh

    def validate_client_key(self, client_key: str, _request: Any) -> bool:
        return client_key == credentials.X_CONSUMER_KEY

    def validate_access_token(self, _client_key: str, token: str, _request: Any) -> bool:
        handle = handle_of(token)
        return token == credentials.x_access_token(handle) and handle not in self._revoked

    def validate_realms(self, *_: Any, **__: Any) -> bool:
        return True

    def get_client_secret(self, _client_key: str, _request: Any) -> str:
        return credentials.X_CONSUMER_SECRET

    def get_access_token_secret(self, _client_key: str, token: str, _request: Any) -> str:
        return credentials.for_account(Platform.X, handle_of(token))["access_token_secret"]


def handle_of(token: str) -> str:
    """The handle an edge server's access token carries."""
    return "-".join(token.split("-")[1:-1])


class XEdge(Edge):
    """The endpoints of the X API v2 that Engage uses."""

    name = "x"
    label = "X"

    def __init__(self, state: Path | None = None, *, seed: int = 0) -> None:
        super().__init__(state, seed=seed)
        self.settings |= {"rewrite_links": True, "posts_per_window": 10_000}
        self._endpoint = ResourceEndpoint(_Signatures(self.revoked))
        self._media: dict[str, dict[str, Any]] = {}
        self._spent: dict[str, list[float]] = {}

    def routes(self) -> list[web.RouteDef]:
        """The platform's own routes."""
        return [
            web.post("/2/tweets", self._signed(self._create)),
            web.delete("/2/tweets/{id}", self._signed(self._delete)),
            web.get("/2/tweets/{id}", self._signed(self._read)),
            web.get("/2/users/me", self._signed(self._me)),
            web.get("/2/users/{id}/tweets", self._signed(self._timeline)),
            web.post("/2/media/upload", self._signed(self._upload)),
            web.post("/2/media/metadata", self._signed(self._describe)),
            web.get("/{handle}/status/{id}", self._status),
        ]

    def link(self, post: Post) -> str:
        """The path of a post's own page."""
        return f"/{post.handle}/status/{post.id}"

    def too_many_requests(self) -> web.Response:
        """As X says it, with the time at which the window starts again."""
        headers = {
            "x-rate-limit-limit": "100",
            "x-rate-limit-remaining": "0",
            "x-rate-limit-reset": str(int(time.time()) + 60),
        }
        return _problem(429, "Too Many Requests", "Too Many Requests", headers=headers)

    def _signed(self, handler: Handler) -> Handler:
        async def checked(request: web.Request) -> web.StreamResponse:
            uri = f"{request.scheme}://{request.host}{request.raw_path}"
            body = await request.text() if "form-urlencoded" in request.content_type else None
            valid, signed = self._endpoint.validate_protected_resource_request(
                uri, request.method, body, dict(request.headers), []
            )
            if not valid:
                return _problem(401, "Unauthorized", "Unauthorized")
            request[HANDLE] = handle_of(signed.resource_owner_key)
            return await handler(request)

        return checked

    async def _create(self, request: web.Request) -> web.Response:
        handle, wanted = request[HANDLE], await request.json()
        text = str(wanted.get("text", ""))
        media_ids = wanted.get("media", {}).get("media_ids", [])
        parent = wanted.get("reply", {}).get("in_reply_to_tweet_id")
        refusal = self._over_the_limit(handle) or self._refusal(handle, text, media_ids, parent)
        if refusal is not None:
            return refusal
        post = self._keep(handle, text, media_ids, parent)
        data = {"id": post.id, "text": self._shown(post)["text"], "edit_history_tweet_ids": [post.id]}
        return web.json_response({"data": data}, status=201, headers=self._budget(handle))

    def _keep(self, handle: str, text: str, media_ids: list[str], parent: str | None) -> Post:
        now = time.time()
        post = Post(
            id=self.new_id(),
            handle=handle,
            text=text,
            created=now,
            reply_to=parent,
            media=[
                {"id": each, "alt": self._media[each]["alt"], "sha256": self._media[each]["sha256"]}
                for each in media_ids
            ],
            shown_at=now + self.settings["lag_seconds"],
        )
        self.book.keep(post)
        self._spent.setdefault(handle, []).append(now)
        return post

    def _refusal(
        self, handle: str, text: str, media_ids: list[str], parent: str | None
    ) -> web.Response | None:
        if not length(text, Platform.X).fits:
            return _problem(400, "Invalid Request", "Your Tweet text is too long.")
        if any(self._media.get(each, {}).get("owner") != handle for each in media_ids):
            return _problem(400, "Invalid Request", "Your media IDs are invalid.")
        if any(self._media[each]["expires"] < time.time() for each in media_ids):
            return _problem(400, "Invalid Request", "Your media IDs are invalid.")
        if parent is not None and not self._alive(parent):
            return _problem(
                403, "Forbidden", "You attempted to reply to a Tweet that is deleted or not visible to you."
            )
        if any(post.handle == handle and post.text == text for post in self.book.live()):
            return _problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
        return None

    def _alive(self, post_id: str) -> bool:
        return post_id in self.book.posts and not self.book.posts[post_id].deleted

    def _recent(self, handle: str) -> list[float]:
        return [moment for moment in self._spent.get(handle, ()) if moment > time.time() - _WINDOW]

    def _over_the_limit(self, handle: str) -> web.Response | None:
        recent = self._recent(handle)
        if len(recent) < self.settings["posts_per_window"]:
            return None
        return _problem(429, "Too Many Requests", "Too Many Requests", headers=self._budget(handle))

    def _budget(self, handle: str) -> dict[str, str]:
        recent, limit = self._recent(handle), self.settings["posts_per_window"]
        return {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(max(0, limit - len(recent))),
            "x-rate-limit-reset": str(int((recent[0] if recent else time.time()) + _WINDOW)),
        }

    async def _read(self, request: web.Request) -> web.Response:
        post_id = request.match_info["id"]
        if not self._alive(post_id):
            missing = {
                "type": "https://api.twitter.com/2/problems/resource-not-found",
                "resource_id": post_id,
            }
            return web.json_response({"errors": [missing]})
        counts = {"like_count": self.settings["likes"], "reply_count": 0, "impression_count": 90}
        data = {"id": post_id, "text": self.book.posts[post_id].text, "public_metrics": counts}
        return web.json_response({"data": data})

    async def _delete(self, request: web.Request) -> web.Response:
        post = self.book.posts.get(request.match_info["id"])
        if post is None or post.deleted:
            return web.json_response({"data": {"deleted": True}})
        if post.handle != request[HANDLE]:
            return _problem(403, "Forbidden", "You are not authorized to delete this Tweet.")
        post.deleted = True
        self.book.keep(post)
        return web.json_response({"data": {"deleted": True}})

    async def _me(self, request: web.Request) -> web.Response:
        handle = request[HANDLE]
        data = {"id": credentials.number("x", handle), "name": handle, "username": handle}
        return web.json_response({"data": data})

    async def _timeline(self, request: web.Request) -> web.Response:
        since = datetime.fromisoformat(request.query.get("start_time", "2010-11-06T00:00:00+00:00"))
        size, start = int(request.query.get("max_results", 10)), int(request.query.get("pagination_token", 0))
        user = request.match_info["id"]
        posts = [
            post
            for post in reversed(self.book.live())
            if credentials.number("x", post.handle) == user
            and post.created >= since.timestamp()
            and post.shown_at <= time.time()
        ]
        page = [self._shown(post) for post in posts[start : start + size]]
        meta: dict[str, Any] = {"result_count": len(page)}
        if start + size < len(posts):
            meta["next_token"] = str(start + size)
        return web.json_response({"data": page, "meta": meta} if page else {"meta": meta})

    def _shown(self, post: Post) -> dict[str, Any]:
        """A post as the API gives it: escaped, its links rewritten, its parent beside it."""
        text, links = post.text, []
        if self.settings["rewrite_links"]:
            for count, link in enumerate(_LINK.findall(text)):
                short = f"https://t.co/{credentials.secret(post.id, str(count))[:10]}"
                text = text.replace(link, short, 1)
                links.append({"url": short, "expanded_url": link, "display_url": link.partition("//")[2]})
        for item in post.media:
            short = f"https://t.co/{credentials.secret(post.id, item['id'])[:10]}"
            text += f" {short}"
            links.append({"url": short, "expanded_url": self.link(post), "media_key": f"3_{item['id']}"})
        created = datetime.fromtimestamp(post.created, tz=UTC)
        shown: dict[str, Any] = {
            "id": post.id,
            "text": html.escape(text, quote=False),
            "created_at": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        if links:
            shown["entities"] = {"urls": links}
        if post.reply_to is not None:
            shown["referenced_tweets"] = [{"type": "replied_to", "id": post.reply_to}]
        return shown

    async def _upload(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        content = base64.b64decode(wanted["media"])
        if len(content) > 5_000_000:
            return _problem(400, "Invalid Request", "The media is too large.")
        media_id = self.new_id()
        self._media[media_id] = {
            "owner": request[HANDLE],
            "expires": time.time() + _MEDIA_LIFE,
            "alt": "",
            "sha256": hash_of(content),
        }
        return web.json_response({"data": {"id": media_id, "expires_after_secs": _MEDIA_LIFE}})

    async def _describe(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        media = self._media.get(wanted["id"])
        if media is None or media["owner"] != request[HANDLE]:
            return _problem(400, "Invalid Request", "Your media IDs are invalid.")
        media["alt"] = wanted["metadata"]["alt_text"]["text"]
        return web.json_response({"data": {"id": wanted["id"]}})

    async def _status(self, request: web.Request) -> web.Response:
        post = self.book.posts.get(request.match_info["id"])
        if post is None or post.deleted or post.handle != request.match_info["handle"]:
            raise web.HTTPNotFound(text="This post does not exist.")
        return self.page([post])


def _problem(status: int, title: str, detail: str, *, headers: dict[str, str] | None = None) -> web.Response:
    body = {"detail": detail, "type": "about:blank", "title": title, "status": status}
    return web.json_response(body, status=status, headers=headers, content_type="application/problem+json")
