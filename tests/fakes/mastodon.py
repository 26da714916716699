"""A Mastodon instance's edge, in three modes of treating the Idempotency-Key.

`honours` keeps a key for an hour and answers a replay with the first status; `ignores` posts again;
`replay_fails` answers a replay with 500, as a server does whose first transaction is still open.
"""

import html
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from engage.posts.kinds import Platform
from engage.posts.length import length
from tests.fakes import credentials
from tests.fakes.edge import HANDLE, Edge, Handler, Post, hash_of

_LINK = re.compile(r"https?://\S+")
_KEY_LIFE = 3600


class MastodonEdge(Edge):
    """The endpoints of the Mastodon API that Engage uses."""

    name = "mastodon"
    label = "Mastodon"

    def __init__(self, state: Path | None = None, *, seed: int = 0) -> None:
        super().__init__(state, seed=seed)
        self.settings |= {
            "keys": "honours",
            "has_source": True,
            "rate_reset": "",
            "page": 40,
            "max_characters": 500,
            "keeps_alt_text": True,
        }
        self._keys: dict[tuple[str, str], tuple[str, float]] = {}
        self._media: dict[str, dict[str, str]] = {}

    def routes(self) -> list[web.RouteDef]:
        """The platform's own routes."""
        return [
            web.post("/api/v1/statuses", self._with_token(self._create)),
            web.get("/api/v1/statuses/{id}", self._with_token(self._read)),
            web.delete("/api/v1/statuses/{id}", self._with_token(self._delete)),
            web.get("/api/v1/statuses/{id}/source", self._with_token(self._source)),
            web.get("/api/v2/instance/", self._instance),
            web.get("/api/v1/accounts/verify_credentials", self._with_token(self._me)),
            web.get("/api/v1/accounts/{id}/statuses", self._with_token(self._statuses)),
            web.post("/api/v2/media", self._with_token(self._upload)),
            web.get("/@{handle}/{id}", self._status_page),
        ]

    def link(self, post: Post) -> str:
        """The path of a post's own page."""
        return f"/@{post.handle}/{post.id}"

    def too_many_requests(self) -> web.Response:
        """As Mastodon says it: the reset is an ISO time."""
        reset = datetime.fromtimestamp(time.time() + 60, tz=UTC).isoformat().replace("+00:00", "Z")
        headers = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
        return web.json_response({"error": "Too many requests"}, status=429, headers=headers)

    def _with_token(self, handler: Handler) -> Handler:
        async def checked(request: web.Request) -> web.StreamResponse:
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            handle = token.rpartition("-")[0]
            if handle in self.revoked or token != credentials.for_account(Platform.MASTODON, handle).get(
                "access_token"
            ):
                return _error(401, "The access token is invalid")
            request[HANDLE] = handle
            return await handler(request)

        return checked

    async def _create(self, request: web.Request) -> web.Response:
        handle, form = request[HANDLE], await request.post()
        text, parent = str(form.get("status", "")), str(form.get("in_reply_to_id", "")) or None
        media_ids = [str(each) for each in form.getall("media_ids[]", [])]
        replayed = self._replayed(handle, request.headers.get("Idempotency-Key"))
        refusal = self._refusal(handle, text, media_ids, parent)
        if replayed is not None or refusal is not None:
            return replayed or refusal or _error(500, "unreachable")
        post = Post(
            id=self.new_id(),
            handle=handle,
            text=text,
            created=time.time(),
            reply_to=parent,
            media=[
                {"id": each, "alt": self._media[each]["alt"], "sha256": self._media[each]["sha256"]}
                for each in media_ids
            ],
            extra={"url": f"{request.scheme}://{request.host}"},
            shown_at=time.time() + self.settings["lag_seconds"],
        )
        self.book.keep(post)
        if key := request.headers.get("Idempotency-Key"):
            self._keys[handle, key] = (post.id, time.time())
        headers = {"X-RateLimit-Reset": self.settings["rate_reset"]} if self.settings["rate_reset"] else {}
        return web.json_response(self._shown(post), headers=headers)

    def _replayed(self, handle: str, key: str | None) -> web.Response | None:
        post_id, since = self._keys.get((handle, key or ""), ("", 0.0))
        if not post_id or time.time() - since > _KEY_LIFE or self.settings["keys"] == "ignores":
            return None
        if self.settings["keys"] == "replay_fails":
            return _error(500, "Internal Server Error")
        return web.json_response(self._shown(self.book.posts[post_id]))

    def _refusal(
        self, handle: str, text: str, media_ids: list[str], parent: str | None
    ) -> web.Response | None:
        if not length(text, Platform.MASTODON).fits:
            return _error(422, "Validation failed: Text character limit of 500 exceeded")
        if not text and not media_ids:
            return _error(422, "Validation failed: Text can't be blank")
        if any(self._media.get(each, {}).get("owner") != handle for each in media_ids):
            return _error(422, "Validation failed: Media attachments are not yours")
        if parent is not None and self._live(parent) is None:
            return _error(404, "The post you are trying to reply to does not appear to exist.")
        return None

    def _live(self, post_id: str) -> Post | None:
        post = self.book.posts.get(post_id)
        return None if post is None or post.deleted else post

    async def _instance(self, _: web.Request) -> web.Response:
        statuses = {"max_characters": self.settings["max_characters"]}
        return web.json_response({"version": "4.3.0", "configuration": {"statuses": statuses}})

    async def _read(self, request: web.Request) -> web.Response:
        post = self._live(request.match_info["id"])
        return _error(404, "Record not found") if post is None else web.json_response(self._shown(post))

    async def _delete(self, request: web.Request) -> web.Response:
        post = self._live(request.match_info["id"])
        if post is None or post.handle != request[HANDLE]:
            return _error(404, "Record not found")
        post.deleted = True
        self.book.keep(post)
        return web.json_response(self._shown(post) | {"text": post.text})

    async def _source(self, request: web.Request) -> web.Response:
        post = self._live(request.match_info["id"])
        if post is None or not self.settings["has_source"]:
            return _error(404, "Record not found")
        return web.json_response({"id": post.id, "text": post.text, "spoiler_text": ""})

    async def _me(self, request: web.Request) -> web.Response:
        return web.json_response(_account(request[HANDLE]))

    async def _statuses(self, request: web.Request) -> web.Response:
        before, limit = int(request.query.get("max_id", 2**63)), int(request.query.get("limit", 20))
        found = [
            post
            for post in reversed(self.book.live())
            if credentials.number("mastodon", post.handle) == request.match_info["id"]
            and post.shown_at <= time.time()
            and int(post.id) < before
        ]
        page = found[: min(limit, self.settings["page"])]
        headers = {}
        if len(found) > len(page):
            address = request.url.with_query({"max_id": page[-1].id, "limit": str(limit)})
            headers["Link"] = f'<{address}>; rel="next"'
        return web.json_response([self._shown(post) for post in page], headers=headers)

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        file = form.get("file")
        if not isinstance(file, web.FileField):
            return _error(422, "Validation failed: File can't be blank")
        media_id, alt = self.new_id(), str(form.get("description", ""))
        if not self.settings["keeps_alt_text"]:
            alt = ""
        self._media[media_id] = {"owner": request[HANDLE], "alt": alt, "sha256": hash_of(file.file.read())}
        body = {"id": media_id, "type": "image", "url": f"/media/{media_id}", "description": alt}
        return web.json_response(body)

    def _shown(self, post: Post) -> dict[str, Any]:
        """A status as the API gives it: HTML, with links cut in visible and invisible parts."""
        return {
            "id": post.id,
            "created_at": datetime.fromtimestamp(post.created, tz=UTC).isoformat().replace("+00:00", "Z"),
            "in_reply_to_id": post.reply_to,
            "url": f"{post.extra['url']}{self.link(post)}",
            "uri": f"{post.extra['url']}{self.link(post)}",
            "content": _as_html(post.text),
            "visibility": "public",
            "favourites_count": self.settings["likes"],
            "reblogs_count": 0,
            "replies_count": 0,
            "account": _account(post.handle),
            "media_attachments": [
                {"id": item["id"], "type": "image", "description": item["alt"]} for item in post.media
            ],
        }

    async def _status_page(self, request: web.Request) -> web.Response:
        post = self._live(request.match_info["id"])
        if post is None or post.handle != request.match_info["handle"]:
            raise web.HTTPNotFound(text="This post does not exist.")
        return self.page([post])


def _as_html(text: str) -> str:
    linked = _LINK.sub(
        lambda found: f'<a href="{found[0]}"><span class="invisible">{found[0][:8]}</span>{found[0][8:]}</a>',
        html.escape(text, quote=False),
    )
    return "".join(f"<p>{each.replace(chr(10), '<br />')}</p>" for each in linked.split("\n\n"))


def _account(handle: str) -> dict[str, Any]:
    number = credentials.number("mastodon", handle)
    return {"id": number, "username": handle, "acct": handle, "display_name": handle}


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": message}, status=status)
