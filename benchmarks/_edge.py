"""The platforms of `delivery`: X, Facebook, Mastodon and Bluesky in one process, with as little work as will do.

The edge servers of `tests/fakes` take about a millisecond of CPU for each post, as much as what is measured
here, so this one speaks HTTP itself. It still checks what matters: the OAuth 1.0a signature and that no nonce
comes twice, tokens and proofs, the owner of a record, the two phases of Facebook; and it keeps every request
with the account, the words as they came, and when. Each answer waits for its time, and states what is
left in the account's window; a post over the window gets a 429.

    python -m benchmarks._edge PORTS_FILE

`POST /_settings` changes `answer_seconds`, `window_posts` and `window_seconds`; `GET /_report` tells what
came; `POST /_forget` begins anew.
"""

import asyncio
import json
import sys
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any

from benchmarks._platforms import JSON, PLATFORMS, Answer, Came, Platforms, Request
from engage.posts.kinds import Platform


class Connection(asyncio.Protocol):
    """One client's connection, kept open; one request at a time, as HTTP/1.1 has it."""

    def __init__(self, platforms: Platforms, platform: Platform) -> None:
        self._platforms, self._platform = platforms, platform
        self._read = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer once a request is whole."""
        self._read += data
        head, blank, rest = self._read.partition(b"\r\n\r\n")
        if not blank:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        if len(rest) < int(headers.get("content-length", "0")):
            return
        self._read = b""
        method, target, _ = first.split(" ", 2)
        path, _, query = target.partition("?")
        self._answer(Request(time.time(), method, path, query, headers, rest))

    def _answer(self, request: Request) -> None:
        if request.path.startswith("/_"):
            self._write(_bytes(self._platforms.control(request)), None)
            return
        posts = self._platforms.posts
        before = len(posts)
        answer = self._platforms.answer(self._platform, request)
        new = (
            next(reversed(posts.values()))
            if len(posts) > before
            else posts.get(request.path.rpartition("/")[2])
        )
        asyncio.get_running_loop().call_later(
            self._platforms.answer_seconds, self._write, _bytes(answer), new
        )

    def _write(self, answer: bytes, post: Came | None) -> None:
        if post is not None:
            post.answered = time.time()
        self._transport.write(answer)


def _bytes(answer: Answer) -> bytes:
    status, body, more = answer
    content = json.dumps(body).encode()
    headers = {"Content-Type": JSON, "Content-Length": str(len(content)), **more}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{lines}\r\n".encode() + content


async def serve(ports_file: Path) -> None:
    """Serve the four until the process ends; the file appears once all of them answer."""
    loop, platforms = asyncio.get_running_loop(), Platforms()
    servers = {
        each: await loop.create_server(
            lambda each=each: Connection(platforms, each), "127.0.0.1", 0, backlog=1024
        )
        for each in PLATFORMS
    }
    urls = {
        each.value: f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for each, server in servers.items()
    }
    partial = ports_file.with_suffix(".new")
    partial.write_text(json.dumps(urls))
    partial.replace(ports_file)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
