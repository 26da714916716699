"""Facebook's edge: a Page's feed in two phases, with the Graph API's own errors.

Tokens belong to one Page and need the application's proof; pictures belong to the Page that uploaded
them and expire after a day.
"""

import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

from aiohttp import web

from engage.delivery.platforms.facebook import VERSION
from engage.posts.kinds import Platform
from engage.posts.length import length
from tests.fakes import credentials
from tests.fakes.edge import HANDLE, Edge, Handler, Post, hash_of

_MEDIA_LIFE = 86_400
FIELDS = web.RequestKey("fields", dict)


class FacebookEdge(Edge):
    """The endpoints of the Graph API that Engage uses."""

    name = "facebook"
    label = "Facebook"

    def __init__(self, state: Path | None = None, *, seed: int = 0) -> None:
        super().__init__(state, seed=seed)
        self.token_ends = 0
        """When every token ends by itself, in seconds since 1970; 0 is never."""
        self._media: dict[str, dict[str, Any]] = {}

    def routes(self) -> list[web.RouteDef]:
        """The platform's own routes."""
        return [
            web.get(f"/{VERSION}/debug_token", self._describe),
            web.get(f"/{VERSION}/me", self._with_token(self._me)),
            web.post(f"/{VERSION}/{{page}}/feed", self._with_token(self._create)),
            web.post(f"/{VERSION}/{{page}}/photos", self._with_token(self._upload)),
            web.get(f"/{VERSION}/{{page}}/published_posts", self._with_token(self._published)),
            web.get(f"/{VERSION}/{{id}}", self._with_token(self._read)),
            web.post(f"/{VERSION}/{{id}}", self._with_token(self._show)),
            web.delete(f"/{VERSION}/{{id}}", self._with_token(self._delete)),
            web.get("/{id}", self._post_page),
        ]

    def link(self, post: Post) -> str:
        """The path of a post's own page."""
        return f"/{post.id}"

    def too_many_requests(self) -> web.Response:
        """As the Graph API says it: 400 with code 32 (Page request limit reached)."""
        return _error(400, 32, "Page request limit reached")

    def _with_token(self, handler: Handler) -> Handler:
        async def checked(request: web.Request) -> web.StreamResponse:
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            handle = token.partition("-")[2].rpartition("-")[0]
            known = credentials.for_account(Platform.FACEBOOK, handle)
            if token != known["access_token"] or handle in self.revoked:
                return _error(401, 190, "Error validating access token", subcode=460)
            fields = dict(request.query) | dict(await request.post())
            proof = hmac.new(known["app_secret"].encode(), token.encode(), hashlib.sha256).hexdigest()
            if fields.get("appsecret_proof") != proof:
                return _error(400, 100, "API calls from the server require an appsecret_proof argument")
            if request.match_info.get("page", known["page_id"]) != known["page_id"]:
                return _error(403, 200, "The token is for another Page")
            request[HANDLE], request[FIELDS] = handle, fields
            return await handler(request)

        return checked

    async def _create(self, request: web.Request) -> web.Response:
        handle, fields = request[HANDLE], request[FIELDS]
        text = str(fields.get("message", ""))
        pictures = [
            json.loads(value)["media_fbid"] for key, value in fields.items() if "attached_media" in key
        ]
        if not length(text, Platform.FACEBOOK).fits:
            return _error(400, 100, "Param message is too long")
        if any(not self._usable(handle, each) for each in pictures):
            return _error(400, 100, "Invalid parameter: attached media is not yours or has expired")
        if any(post.handle == handle and post.text == text for post in self.book.live()[-1:]):
            return _error(400, 506, "Duplicate status message")
        post = Post(
            id=f"{request.match_info['page']}_{self.new_id()}",
            handle=handle,
            text=text,
            created=time.time(),
            media=[
                {"id": each, "alt": self._media[each]["alt"], "sha256": self._media[each]["sha256"]}
                for each in pictures
            ],
            published=fields.get("published") != "false",
            shown_at=time.time() + self.settings["lag_seconds"],
        )
        self.book.keep(post)
        return web.json_response({"id": post.id})

    def _usable(self, handle: str, media_id: str) -> bool:
        media = self._media.get(media_id)
        return media is not None and media["owner"] == handle and media["expires"] > time.time()

    async def _upload(self, request: web.Request) -> web.Response:
        fields = request[FIELDS]
        source = fields.get("source")
        if not isinstance(source, web.FileField):
            return _error(400, 324, "Requires upload file")
        media_id = self.new_id()
        alt = str(fields.get("alt_text_custom", ""))
        expires = time.time() + _MEDIA_LIFE
        self._media[media_id] = {
            "owner": request[HANDLE],
            "alt": alt,
            "expires": expires,
            "sha256": hash_of(source.file.read()),
        }
        return web.json_response({"id": media_id})

    async def _show(self, request: web.Request) -> web.Response:
        post = self._mine(request)
        if post is None:
            return _gone()
        if not post.published:
            post.published = request[FIELDS].get("is_published") == "true"
            self.book.keep(post)
        return web.json_response({"success": True})

    async def _read(self, request: web.Request) -> web.Response:
        post = self._mine(request)
        if post is None or post.shown_at > time.time():
            return _gone()
        summary = {"summary": {"total_count": self.settings["likes"]}}
        return web.json_response(
            {
                "id": post.id,
                "message": post.text,
                "is_published": post.published,
                "reactions": summary,
                "comments": {"summary": {"total_count": 0}},
            }
        )

    async def _delete(self, request: web.Request) -> web.Response:
        post = self._mine(request)
        if post is None:
            return _gone()
        post.deleted = True
        self.book.keep(post)
        return web.json_response({"success": True})

    def _mine(self, request: web.Request) -> Post | None:
        post = self.book.posts.get(request.match_info["id"])
        return None if post is None or post.deleted or post.handle != request[HANDLE] else post

    async def _published(self, request: web.Request) -> web.Response:
        since, limit = float(request[FIELDS].get("since", 0)), int(request[FIELDS].get("limit", 25))
        found = [
            {"id": post.id, "message": post.text, "created_time": _written(post.created)}
            for post in reversed(self.book.live())
            if post.handle == request[HANDLE] and since <= post.created and post.shown_at <= time.time()
        ]
        paging = {"next": "more"} if len(found) > limit else {}
        return web.json_response({"data": found[:limit], "paging": paging})

    async def _me(self, request: web.Request) -> web.Response:
        handle = request[HANDLE]
        return web.json_response(
            {"id": credentials.number("facebook", handle), "name": handle, "username": handle}
        )

    async def _describe(self, request: web.Request) -> web.Response:
        """What is kept on a token, for the application that it was given to."""
        application = f"{credentials.FACEBOOK_APP_ID}|{credentials.FACEBOOK_APP_SECRET}"
        if request.headers.get("Authorization") != f"Bearer {application}":
            return _error(400, 100, "You must provide an app access token")
        handle = request.query["input_token"].partition("-")[2].rpartition("-")[0]
        known = (
            request.query["input_token"] == credentials.for_account(Platform.FACEBOOK, handle)["access_token"]
        )
        ends = {"expires_at": self.token_ends, "data_access_expires_at": 0}
        return web.json_response({"data": {"is_valid": known and handle not in self.revoked, **ends}})

    async def _post_page(self, request: web.Request) -> web.Response:
        post = self.book.posts.get(request.match_info["id"])
        if post is None or post.deleted or not post.published:
            raise web.HTTPNotFound(text="This post does not exist.")
        return self.page([post])


def _written(seconds: float) -> str:
    """A time as the Graph API writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(seconds))


def _gone() -> web.Response:
    return _error(400, 100, "Object does not exist, or cannot be loaded", subcode=33)


def _error(status: int, code: int, message: str, *, subcode: int | None = None) -> web.Response:
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code}
    if subcode is not None:
        error["error_subcode"] = subcode
    return web.json_response({"error": error}, status=status)
