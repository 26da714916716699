"""X, Facebook, Mastodon and Bluesky as `benchmarks/_edge.py` plays them: what each checks, keeps and answers."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from engage.delivery.platforms.facebook import VERSION
from engage.posts.kinds import Platform
from tests.fakes import credentials

GRAPH = f"/{VERSION}/"
JSON = "application/json"
Answer = tuple[int, Mapping[str, Any], Mapping[str, str]]
"""A status, a JSON body, and more headers."""


class Wrong(Exception):
    """What the platform would not take: a status and why."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """One request, whole. `at` is Unix time when its last byte was read; header names are in lower case."""

    at: float
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def bearer(self) -> str:
        """The token it carries."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    @property
    def form(self) -> dict[str, str]:
        """Its fields."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(slots=True)
class Came:
    """One post as the platform has it: when the first request for it came and when it was shown (Unix time)."""

    platform: str
    handle: str
    text: str
    came: float
    answered: float = 0.0
    public: bool = True


@dataclass(slots=True)
class Window:
    """What one account has spent of its window."""

    ends: float
    left: int


@dataclass
class Platforms:
    """Everything the four platforms know."""

    answer_seconds: float = 0.1
    window_posts: int = 10_000
    window_seconds: int = 900
    posts: dict[str, Came] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    over: int = 0
    last_id: int = 10**18
    nonces: set[str] = field(default_factory=set)
    windows: dict[tuple[str, str], Window] = field(default_factory=dict)

    def new_id(self) -> str:
        """An id that nothing had before."""
        self.last_id += 1
        return str(self.last_id)

    def keep(
        self, request: Request, platform: Platform, handle: str, text: str, *, public: bool = True
    ) -> str:
        """Keep a post and give its id. Raises Wrong where the window is spent."""
        self.spend(platform, handle)
        post_id = self.new_id()
        self.posts[post_id] = Came(platform.value, handle, text, request.at, public=public)
        return post_id

    def window(self, platform: Platform, handle: str) -> Window:
        """The account's window as it stands now."""
        now, key = time.time(), (platform.value, handle)
        known = self.windows.get(key)
        if known is None or now >= known.ends:
            known = self.windows[key] = Window(float(int(now) + self.window_seconds), self.window_posts)
        return known

    def spend(self, platform: Platform, handle: str) -> None:
        """Count one post against the window. Raises Wrong where none is left."""
        window = self.window(platform, handle)
        if window.left <= 0:
            self.over += 1
            raise Wrong(HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests")
        window.left -= 1

    def stated(self, platform: Platform, handle: str, prefix: str) -> dict[str, str]:
        """The headers in which a platform says what is left."""
        window = self.window(platform, handle)
        said = {"limit": self.window_posts, "remaining": window.left, "reset": int(window.ends)}
        return {f"{prefix}-{name}": str(value) for name, value in said.items()}

    def answer(self, platform: Platform, request: Request) -> Answer:
        """What the platform answers."""
        try:
            return PLATFORMS[platform](self, request)
        except Wrong as wrong:
            self.refused.append(f"{platform.value}: {wrong}")
            return wrong.status, {"title": str(wrong), "error": str(wrong)}, {}

    def told(self) -> dict[str, Any]:
        """Everything that came."""
        posts = [
            [each.platform, each.handle, each.text, each.came, each.answered]
            for each in self.posts.values()
            if each.public
        ]
        return {"posts": posts, "refused": self.refused, "over": self.over, "cpu": time.process_time()}

    def control(self, request: Request) -> Answer:
        """The measuring side: settings, report, forgetting."""
        if request.path == "/_forget":
            self.posts.clear()
            self.refused.clear()
            self.windows.clear()
            self.over = 0
        elif request.path == "/_settings":
            for name, value in json.loads(request.body).items():
                setattr(self, name, value)
        return 200, self.told() if request.path == "/_report" else {}, {}


# ---------------------------------------------------------------- the four


def x(platforms: Platforms, request: Request) -> Answer:
    """`POST /2/tweets`, signed."""
    handle = _signer(platforms, request)
    if request.path == "/2/users/me":
        return 200, {"data": {"id": "1", "name": handle, "username": handle}}, {}
    if (request.method, request.path) != ("POST", "/2/tweets"):
        raise Wrong(HTTPStatus.NOT_FOUND, f"no {request.path}")
    post_id = platforms.keep(request, Platform.X, handle, json.loads(request.body)["text"])
    return 201, {"data": {"id": post_id}}, platforms.stated(Platform.X, handle, "x-rate-limit")


def _signer(platforms: Platforms, request: Request) -> str:
    """Whose signature the request carries: RFC 5849, section 3.4, HMAC-SHA1. Raises Wrong."""
    scheme, _, said = request.headers.get("authorization", "").partition(" ")
    pairs = (each.strip().partition("=") for each in said.split(","))
    given = {unquote(name): unquote(value.strip('"')) for name, _, value in pairs}
    signature, nonce = given.pop("oauth_signature", ""), given.get("oauth_nonce", "")
    handle = "-".join(given.get("oauth_token", "").split("-")[1:-1])
    known = credentials.for_account(Platform.X, handle)
    signed = "&".join(f"{_escaped(name)}={_escaped(given[name])}" for name in sorted(given))
    base = (
        f"{request.method}&{_escaped('http://' + request.headers['host'] + request.path)}&{_escaped(signed)}"
    )
    key = f"{_escaped(known['consumer_secret'])}&{_escaped(known['access_token_secret'])}"
    right = base64.b64encode(hmac.digest(key.encode(), base.encode(), "sha1")).decode()
    owns = scheme == "OAuth" and given.get("oauth_token") == known["access_token"]
    if not owns or not hmac.compare_digest(right, signature) or nonce in platforms.nonces:
        raise Wrong(HTTPStatus.UNAUTHORIZED, "the signature is not right")
    platforms.nonces.add(nonce)
    return handle


def _escaped(text: str) -> str:
    return quote(text, safe="~")


def facebook(platforms: Platforms, request: Request) -> Answer:
    """A Page's feed, hidden first; then the post itself, shown."""
    handle = request.bearer.partition("-")[2].rpartition("-")[0]
    known = credentials.for_account(Platform.FACEBOOK, handle)
    form = request.form if request.body else dict(parse_qsl(request.query))
    proof = hmac.digest(known["app_secret"].encode(), request.bearer.encode(), hashlib.sha256).hex()
    if request.bearer != known["access_token"] or form.get("appsecret_proof") != proof:
        raise Wrong(HTTPStatus.UNAUTHORIZED, "the token or its proof is not right")
    if request.path == f"{GRAPH}me":
        return 200, {"id": known["page_id"], "name": handle, "username": handle}, {}
    if request.path == f"{GRAPH}{known['page_id']}/feed" and form.get("published") == "false":
        post_id = platforms.keep(request, Platform.FACEBOOK, handle, form["message"], public=False)
        return 200, {"id": post_id}, {}
    post = platforms.posts.get(request.path.removeprefix(GRAPH))
    if post is None or post.handle != handle or form.get("is_published") != "true":
        raise Wrong(HTTPStatus.NOT_FOUND, "there is no such post")
    post.public = True
    window = platforms.window(Platform.FACEBOOK, handle)
    used = 100 - 100 * window.left // platforms.window_posts
    return 200, {"success": True}, {"x-page-usage": json.dumps({"call_count": used})}


def mastodon(platforms: Platforms, request: Request) -> Answer:
    """`POST /api/v1/statuses` under a key."""
    handle = request.bearer.rpartition("-")[0]
    if request.bearer != credentials.for_account(Platform.MASTODON, handle)["access_token"]:
        raise Wrong(HTTPStatus.UNAUTHORIZED, "the token is not right")
    if request.path == "/api/v1/accounts/verify_credentials":
        return 200, {"id": "1", "acct": handle}, {}
    if request.path != "/api/v1/statuses" or not request.headers.get("idempotency-key"):
        raise Wrong(HTTPStatus.NOT_FOUND, f"no {request.path} without a key")
    post_id = platforms.keep(request, Platform.MASTODON, handle, request.form["status"])
    said = platforms.stated(Platform.MASTODON, handle, "x-ratelimit")
    ends = time.gmtime(int(said["x-ratelimit-reset"]))
    headers = {**said, "x-ratelimit-reset": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", ends)}
    return 200, {"id": post_id, "url": f"http://mastodon.example/@{handle}/{post_id}"}, headers


def bluesky(platforms: Platforms, request: Request) -> Answer:
    """Sessions, and `com.atproto.repo.putRecord` for their own repository."""
    method = request.path.removeprefix("/xrpc/com.atproto.")
    if method == "server.createSession":
        wanted = json.loads(request.body)
        handle = wanted["identifier"]
        if wanted["password"] != credentials.for_account(Platform.BLUESKY, handle)["password"]:
            raise Wrong(HTTPStatus.UNAUTHORIZED, "the password is not right")
        tokens = {"accessJwt": session_token(handle), "refreshJwt": session_token(handle)}
        return 200, {"handle": handle, "did": did(handle), **tokens}, {}
    handle = _signed_in(request)
    if method == "server.getSession":
        return 200, {"handle": handle, "did": did(handle)}, {}
    wanted = json.loads(request.body)
    if method != "repo.putRecord" or wanted["repo"] != did(handle) or wanted.get("swapRecord", 0) is not None:
        raise Wrong(HTTPStatus.NOT_FOUND, f"no {method} for this repository")
    platforms.keep(request, Platform.BLUESKY, handle, wanted["record"]["text"])
    uri = f"at://{wanted['repo']}/{wanted['collection']}/{wanted['rkey']}"
    return 200, {"uri": uri, "cid": "bafyrei"}, platforms.stated(Platform.BLUESKY, handle, "ratelimit")


def did(handle: str) -> str:
    """The identity of an account."""
    return f"did:plc:{credentials.secret('bluesky', 'did', handle)[:24]}"


def session_token(handle: str) -> str:
    """A JSON Web Token for a day, as the client library reads it."""
    claims = {"sub": did(handle), "handle": handle, "exp": int(time.time()) + 86_400}
    head = {"typ": "JWT", "alg": "HS256"}
    signed = ".".join(_encoded(json.dumps(each).encode()) for each in (head, claims))
    return f"{signed}.{_encoded(_mac(signed))}"


def _signed_in(request: Request) -> str:
    """Whose session it is. Raises Wrong."""
    signed, _, signature = request.bearer.rpartition(".")
    if not hmac.compare_digest(signature, _encoded(_mac(signed))):
        raise Wrong(HTTPStatus.UNAUTHORIZED, "the session is not right")
    body = signed.partition(".")[2]
    handle: str = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["handle"]
    return handle


def _mac(signed: str) -> bytes:
    return hmac.digest(credentials.secret("bluesky", "signing").encode(), signed.encode(), "sha256")


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


PLATFORMS: Mapping[Platform, Callable[[Platforms, Request], Answer]] = {
    Platform.X: x,
    Platform.FACEBOOK: facebook,
    Platform.MASTODON: mastodon,
    Platform.BLUESKY: bluesky,
}
