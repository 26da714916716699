"""What every edge server shares: faults on command, posts that outlive a restart, pages to look at.

`POST /_control/faults` queues faults, `POST /_control/settings` changes how the server behaves,
`POST /_control/revoke` withdraws an account's token, `GET /_posts` tells what was really posted, and
`GET /_seen` everything: every request that arrived, every post that ever was, every fault as it was done.
"""

import asyncio
import hashlib
import html
import json
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HANDLE = web.RequestKey("handle", str)
"""Whose token the request carries."""

FAULTS = frozenset(
    {
        "drop",  # closes before processing
        "accept_then_close",  # processes, then closes without an answer
        "accept_then_stall",  # processes, then says nothing for `seconds`
        "accept_then_503",
        "accept_then_garbage",  # processes, then answers 200 with a page of HTML
        "accept_then_page",  # processes, then answers 404 with a page of HTML
        "redirect",
        "too_many_requests",
        "server_error",  # 500 before processing
    }
)

_WORDY = frozenset({"application/json", "application/x-www-form-urlencoded"})


@dataclass
class Fault:
    """A fault for the next `times` requests to a method and path, each hit with `chance`."""

    fault: str
    times: int = 1
    method: str = "POST"
    path: str = ""
    seconds: float = 30.0
    chance: float = 1.0


def hash_of(content: bytes) -> str:
    """The SHA-256 by which tests recognise an uploaded picture."""
    return hashlib.sha256(content).hexdigest()


@dataclass
class Post:
    """One post as the platform keeps it. `created` is Unix time; `shown_at` when timelines show it."""

    id: str
    handle: str
    text: str
    created: float
    reply_to: str | None = None
    media: list[dict[str, str]] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    published: bool = True
    deleted: bool = False
    shown_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request that would change something, as it reached the platform. `at` is Unix time.

    A picture's `body` is empty.
    """

    at: float
    path: str
    body: str = field(repr=False)


class PostBook:
    """Every post ever accepted, in order, appended to a file when a folder is given."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self.posts: dict[str, Post] = {}
        if file is not None and file.exists():
            for line in file.read_text().splitlines():
                post = Post(**json.loads(line))
                self.posts[post.id] = post

    def keep(self, post: Post) -> None:
        """Add a post, or its new state."""
        self.posts[post.id] = post
        if self._file is not None:
            with self._file.open("a") as file:
                file.write(json.dumps(asdict(post)) + "\n")

    def live(self) -> list[Post]:
        """What the public can see, oldest first."""
        return [post for post in self.posts.values() if post.published and not post.deleted]


class Edge:
    """Base of the edge servers: subclasses add the platform's own routes."""

    name = "edge"
    label = "Edge"

    def __init__(self, state: Path | None = None, *, seed: int = 0) -> None:
        self.book = PostBook(None if state is None else state / f"{self.name}.jsonl")
        self.faults: list[Fault] = []
        self.revoked: set[str] = set()
        self.settings: dict[str, Any] = {"lag_seconds": 0.0, "answer_seconds": 0.0, "likes": 3}
        self.arrivals: list[Arrival] = []
        self.broke: Counter[str] = Counter()
        self.random = Random(seed)  # noqa: S311 - chooses which answers to lose, not a secret
        self._last_id = 0

    def routes(self) -> list[web.RouteDef]:
        """The platform's own routes."""
        raise NotImplementedError

    def too_many_requests(self) -> web.Response:
        """The platform's own way to say 429."""
        raise NotImplementedError

    def link(self, post: Post) -> str:
        """The path of a post's own page."""
        raise NotImplementedError

    def app(self) -> web.Application:
        """The server as an application."""
        app = web.Application(middlewares=[self._with_faults], client_max_size=50_000_000)
        app.add_routes(
            [
                web.get("/", self._home),
                web.get("/_posts", self._posts),
                web.get("/_seen", self._seen),
                web.post("/_control/faults", self._add_faults),
                web.post("/_control/settings", self._change_settings),
                web.post("/_control/revoke", self._revoke),
                web.post("/_control/reset", self._reset),
                *self.routes(),
            ]
        )
        return app

    def new_id(self) -> str:
        """An id that grows with time, as every platform's does."""
        self._last_id = max(self._last_id + 1, int(time.time() * 1000) << 22)
        return str(self._last_id)

    @web.middleware
    async def _with_faults(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/_") or request.path == "/":
            return await handler(request)
        if request.method != "GET":
            self.arrivals.append(Arrival(time.time(), request.path, await _words(request)))
        fault = self._fault_for(request)
        await asyncio.sleep(self.settings["answer_seconds"])
        if fault is None:
            return await handler(request)
        self.broke[fault.fault] += 1
        return await self._break(fault, request, handler)

    def _fault_for(self, request: web.Request) -> Fault | None:
        for fault in self.faults:
            matches = request.method == fault.method and request.path.startswith(fault.path)
            if matches and self.random.random() < fault.chance:
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    async def _break(self, fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
        match fault.fault:
            case "redirect":
                return web.Response(status=307, headers={"Location": f"{request.path}?again"})
            case "too_many_requests":
                return self.too_many_requests()
            case "server_error":
                return web.json_response({"title": "Internal Server Error"}, status=500)
            case "drop":
                return _hang_up(request)
            case _:
                await handler(request)
                return await _lose_answer(fault, request)

    async def _add_faults(self, request: web.Request) -> web.Response:
        for item in await request.json():
            fault = Fault(**item)
            if fault.fault not in FAULTS:
                raise web.HTTPBadRequest(text=f"no such fault: {fault.fault}")
            self.faults.append(fault)
        return web.json_response({"waiting": len(self.faults)})

    async def _change_settings(self, request: web.Request) -> web.Response:
        changes = await request.json()
        unknown = set(changes) - set(self.settings)
        if unknown:
            raise web.HTTPBadRequest(text=f"no such setting: {', '.join(sorted(unknown))}")
        self.settings |= changes
        return web.json_response(self.settings)

    async def _revoke(self, request: web.Request) -> web.Response:
        change = await request.json()
        (self.revoked.discard if change.get("restore") else self.revoked.add)(change["handle"])
        return web.json_response(sorted(self.revoked))

    async def _reset(self, _: web.Request) -> web.Response:
        self.faults.clear()
        self.revoked.clear()
        return web.json_response({})

    async def _posts(self, _: web.Request) -> web.Response:
        posts = [asdict(post) | {"link": self.link(post)} for post in self.book.posts.values()]
        return web.json_response([post for post in posts if post["published"] and not post["deleted"]])

    async def _seen(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "arrivals": [asdict(each) for each in self.arrivals],
                "posts": [asdict(post) for post in self.book.posts.values()],
                "broke": self.broke,
            }
        )

    async def _home(self, _: web.Request) -> web.Response:
        return self.page(list(reversed(self.book.live())))

    def page(self, posts: list[Post]) -> web.Response:
        """A plain timeline a person can read."""
        items = "".join(self._article(post) for post in posts) or "<p>Nothing has been posted yet.</p>"
        title = f"{self.label} (practice server)"
        body = (
            f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>"
            "<meta name=viewport content='width=device-width'>"
            "<style>body{font:18px/1.5 sans-serif;max-width:36em;margin:2em auto;padding:0 1em}"
            "article{border-top:1px solid #b1b4b6;padding:1em 0;white-space:pre-wrap}</style>"
            f"<h1>{title}</h1><p>What the public would see. Nothing here left this machine.</p>{items}</html>"
        )
        return web.Response(text=body, content_type="text/html")

    def _article(self, post: Post) -> str:
        when = time.strftime("%d %b %Y %H:%M UTC", time.gmtime(post.created))
        pictures = "".join(f"\n[Picture: {html.escape(item.get('alt', ''))}]" for item in post.media)
        return (
            f"<article><strong>@{html.escape(post.handle)}</strong> "
            f"<a href='{html.escape(self.link(post))}'>{when}</a>\n{html.escape(post.text)}{pictures}</article>"
        )


async def _words(request: web.Request) -> str:
    """The body of a request that carries words; a picture's can be read only once, by its handler."""
    return await request.text() if request.content_type in _WORDY else ""


async def _lose_answer(fault: Fault, request: web.Request) -> web.Response:
    """Processed; now the client must not learn of it."""
    match fault.fault:
        case "accept_then_503":
            return web.Response(status=503, text="<html>Over capacity</html>", content_type="text/html")
        case "accept_then_garbage":
            return web.Response(text="<html>Welcome</html>", content_type="text/html")
        case "accept_then_page":
            return web.Response(status=404, text="<html>Not found</html>", content_type="text/html")
        case "accept_then_stall":
            await asyncio.sleep(fault.seconds)
    return _hang_up(request)


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


class RunningEdge:
    """An edge server on a free loopback port, in a thread of its own."""

    def __init__(self, edge: Edge, *, port: int = 0) -> None:
        self.edge = edge
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._start(port), self._loop).result(10)
        self.url = f"http://127.0.0.1:{self.port}"

    async def _start(self, port: int) -> int:
        self._runner = web.AppRunner(self.edge.app(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        bound: int = self._runner.addresses[0][1]
        return bound

    def stop(self) -> None:
        """Close the port and end the thread."""
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        waiting = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    def fault(self, fault: str, **options: Any) -> None:
        """Queue a fault, as `POST /_control/faults` does."""
        self.edge.faults.append(Fault(fault, **options))
