"""A Bluesky server's edge for the demo and for faults; the tests also run on the real server.

Sessions by app password, renewed once by each refresh token; records by key: written again in the same words it is a no-op, in other words
with `swapRecord: null` it is refused. A record is checked as the real server checks it.
"""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp import web

from engage.delivery.platforms.bluesky import record_key
from engage.posts.kinds import Platform
from engage.posts.length import length
from tests.fakes import credentials
from tests.fakes.edge import HANDLE, Edge, Handler, Post, hash_of

_COLLECTION = "app.bsky.feed.post"
_TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
_SIGNING_KEY = credentials.secret("bluesky", "signing").encode()
_REFRESH_SECONDS = 5_184_000


class BlueskyEdge(Edge):
    """The methods of `com.atproto` that Engage uses."""

    name = "bluesky"
    label = "Bluesky"

    def __init__(self, state: Path | None = None, *, seed: int = 0) -> None:
        super().__init__(state, seed=seed)
        self.settings |= {"session_seconds": 7_200}
        self._blobs: dict[str, str] = {}
        self._hashes: dict[str, str] = {}
        self._used: set[str] = set()

    def routes(self) -> list[web.RouteDef]:
        """The platform's own routes."""
        signed = self._with_session
        return [
            web.post("/xrpc/com.atproto.server.createSession", self._sign_in),
            web.post("/xrpc/com.atproto.server.refreshSession", signed(self._renew, "refresh")),
            web.get("/xrpc/com.atproto.server.getSession", signed(self._me)),
            web.post("/xrpc/com.atproto.repo.putRecord", signed(self._put)),
            web.post("/xrpc/com.atproto.repo.createRecord", signed(self._put)),
            web.post("/xrpc/com.atproto.repo.deleteRecord", signed(self._delete)),
            web.post("/xrpc/com.atproto.repo.uploadBlob", signed(self._upload)),
            web.get("/xrpc/com.atproto.repo.getRecord", self._read),
            web.get("/xrpc/app.bsky.feed.getPosts", signed(self._counts)),
            web.get("/profile/{handle}/post/{rkey}", self._post_page),
        ]

    def link(self, post: Post) -> str:
        """The path of a post's own page."""
        return f"/profile/{post.handle}/post/{post.id.rpartition('/')[2]}"

    def too_many_requests(self) -> web.Response:
        """As the server says it."""
        headers = {"ratelimit-reset": str(int(time.time()) + 60), "ratelimit-remaining": "0"}
        return _error(429, "RateLimitExceeded", "Rate Limit Exceeded", headers=headers)

    def _with_session(self, handler: Handler, kind: str = "access") -> Handler:
        async def checked(request: web.Request) -> web.StreamResponse:
            claims = _claims(request.headers.get("Authorization", "").removeprefix("Bearer "))
            if claims is None or claims["kind"] != kind:
                return _error(400, "InvalidToken", "Token could not be verified")
            if claims["exp"] < time.time():
                return _error(400, "ExpiredToken", "Token has expired")
            if claims["handle"] in self.revoked:
                return _error(401, "AuthenticationRequired", "Account has been revoked")
            request[HANDLE] = claims["handle"]
            return await handler(request)

        return checked

    async def _sign_in(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        handle = str(wanted.get("identifier", ""))
        known = credentials.for_account(Platform.BLUESKY, handle)["password"]
        if wanted.get("password") != known or handle in self.revoked:
            return _error(401, "AuthenticationRequired", "Invalid identifier or password")
        return web.json_response(self._session(handle))

    async def _renew(self, request: web.Request) -> web.Response:
        token = request.headers["Authorization"]
        if token in self._used:
            return _error(400, "ExpiredToken", "Token has been revoked")
        self._used.add(token)
        return web.json_response(self._session(request[HANDLE]))

    def _session(self, handle: str) -> dict[str, str]:
        return {
            "handle": handle,
            "did": _did(handle),
            "accessJwt": _token(handle, "access", self.settings["session_seconds"]),
            "refreshJwt": _token(handle, "refresh", _REFRESH_SECONDS),
        }

    async def _me(self, request: web.Request) -> web.Response:
        return web.json_response({"handle": request[HANDLE], "did": _did(request[HANDLE])})

    async def _put(self, request: web.Request) -> web.Response:
        handle, wanted = request[HANDLE], await request.json()
        record, rkey = (
            wanted.get("record", {}),
            str(wanted.get("rkey") or record_key(int(time.time() * 1e6), 0)),
        )
        uri = f"at://{_did(handle)}/{_COLLECTION}/{rkey}"
        problem = next(self._problems(handle, wanted, record, rkey), None)
        if problem is not None:
            return _error(400, "InvalidRequest", problem)
        before = self._live(uri)
        if before is not None and before.extra["record"] == record:
            return web.json_response({"uri": uri, "cid": before.extra["cid"]})
        if before is not None and "swapRecord" in wanted:
            return _error(400, "InvalidSwap", "Record was at another version")
        post = self._keep(handle, uri, record)
        return web.json_response({"uri": uri, "cid": post.extra["cid"]})

    def _keep(self, handle: str, uri: str, record: dict[str, Any]) -> Post:
        images = record.get("embed", {}).get("images", [])
        post = Post(
            id=uri,
            handle=handle,
            text=record["text"],
            created=time.time(),
            reply_to=record.get("reply", {}).get("parent", {}).get("uri"),
            media=[
                {"id": link, "alt": each["alt"], "sha256": self._hashes[link]}
                for each in images
                for link in [each["image"]["ref"]["$link"]]
            ],
            extra={"record": record, "cid": _cid(json.dumps(record, sort_keys=True).encode())},
            shown_at=time.time() + self.settings["lag_seconds"],
        )
        self.book.keep(post)
        return post

    def _problems(
        self, handle: str, wanted: dict[str, Any], record: dict[str, Any], rkey: str
    ) -> Iterator[str]:
        if wanted.get("repo") != _did(handle) or wanted.get("collection") != _COLLECTION:
            yield "the record is not for a collection of this account"
        if not _TID.fullmatch(rkey):
            yield "the record key is not a TID"
        if record.get("$type") != _COLLECTION or not _is_time(record.get("createdAt")):
            yield f"Invalid {_COLLECTION} record"
        text = str(record.get("text", ""))
        if not length(text, Platform.BLUESKY).fits:
            yield f"Invalid {_COLLECTION} record: grapheme too big at $.record.text"
        if not all(_is_whole_text(text.encode(), **each["index"]) for each in record.get("facets", [])):
            yield f"Invalid {_COLLECTION} record: facets"
        images = record.get("embed", {}).get("images", [])
        if any(self._blobs.get(each["image"]["ref"]["$link"]) != handle for each in images):
            yield "Could not find blob"
        parent = record.get("reply", {}).get("parent", {}).get("uri")
        if parent is not None and self._live(parent) is None:
            yield f"Invalid {_COLLECTION} record: reply"

    def _live(self, uri: str) -> Post | None:
        post = self.book.posts.get(uri)
        return None if post is None or post.deleted else post

    async def _delete(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        post = self._live(f"at://{_did(request[HANDLE])}/{_COLLECTION}/{wanted.get('rkey')}")
        if post is not None:
            post.deleted = True
            self.book.keep(post)
        return web.json_response({})

    async def _read(self, request: web.Request) -> web.Response:
        repo = request.query["repo"]
        did = repo if repo.startswith("did:") else _did(repo)
        uri = f"at://{did}/{_COLLECTION}/{request.query['rkey']}"
        post = self._live(uri)
        if post is None or post.shown_at > time.time():
            return _error(400, "RecordNotFound", f"Could not locate record: {uri}")
        return web.json_response({"uri": uri, "cid": post.extra["cid"], "value": post.extra["record"]})

    async def _counts(self, request: web.Request) -> web.Response:
        found = [post for uri in request.query.getall("uris") if (post := self._live(uri))]
        counts = {"likeCount": self.settings["likes"], "repostCount": 0, "replyCount": 0}
        posts = [{"uri": post.id, "cid": post.extra["cid"], **counts} for post in found]
        return web.json_response({"posts": posts})

    async def _upload(self, request: web.Request) -> web.Response:
        content = await request.read()
        cid = _cid(content)
        self._blobs[cid], self._hashes[cid] = request[HANDLE], hash_of(content)
        blob = {
            "$type": "blob",
            "ref": {"$link": cid},
            "mimeType": request.content_type,
            "size": len(content),
        }
        return web.json_response({"blob": blob})

    async def _post_page(self, request: web.Request) -> web.Response:
        handle, rkey = request.match_info["handle"], request.match_info["rkey"]
        post = self._live(f"at://{_did(handle)}/{_COLLECTION}/{rkey}")
        if post is None:
            raise web.HTTPNotFound(text="This post does not exist.")
        return self.page([post])


def _did(handle: str) -> str:
    return f"did:plc:{credentials.secret('bluesky', 'did', handle)[:24]}"


def _cid(content: bytes) -> str:
    return "bafyrei" + base64.b32encode(hashlib.sha256(content).digest()).decode().rstrip("=").lower()


def _is_whole_text(text: bytes, *, byteStart: int, byteEnd: int) -> bool:  # noqa: N803 - the lexicon's names
    """Whether a byte range cuts no character in two."""
    try:
        return bool(text[byteStart:byteEnd].decode()) and byteEnd <= len(text)
    except UnicodeDecodeError:
        return False


def _is_time(text: Any) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _token(handle: str, kind: str, seconds: int) -> str:
    claims = {
        "sub": _did(handle),
        "handle": handle,
        "kind": kind,
        "exp": int(time.time()) + seconds,
        "jti": uuid4().hex,
    }
    signed = f"{_encoded({'typ': 'JWT', 'alg': 'HS256'})}.{_encoded(claims)}"
    return f"{signed}.{_signature(signed)}"


def _claims(token: str) -> dict[str, Any] | None:
    signed, _, signature = token.rpartition(".")
    if not signed or not hmac.compare_digest(signature, _signature(signed)):
        return None
    body = signed.partition(".")[2]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def _signature(signed: str) -> str:
    digest = hmac.new(_SIGNING_KEY, signed.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def _error(status: int, name: str, message: str, *, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": name, "message": message}, status=status, headers=headers)
