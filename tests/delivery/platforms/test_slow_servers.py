"""A server that never comes to an end: of a redirect, a header, a chunk, or of reading what it is sent."""

import contextlib
import socket
import threading
import time
from typing import Self

import pytest

from engage.delivery.platforms import adapter_for
from engage.delivery.ports import Adapter, TokenState
from engage.posts.kinds import Platform
from tests.delivery.platforms.rigs import EDGES, an_account

GIVES_UP = 5.0  # seconds; a client that waits for the end of it all fails its test and does not hang


class Dripping:
    """Answers each request with `opening` at once and then with one `drop` after the other."""

    def __init__(self, opening: bytes, drop: bytes) -> None:
        self._opening, self._drop = opening, drop
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._accept)]
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self._threads.append(threading.Thread(target=self._answer, args=[connection]))
                self._threads[-1].start()

    def _answer(self, connection: socket.socket) -> None:
        until = time.monotonic() + GIVES_UP
        with connection, contextlib.suppress(OSError):
            connection.settimeout(GIVES_UP)
            connection.recv(65_536)
            connection.sendall(self._opening)
            while time.monotonic() < until and not self._stopped.wait(0.05):
                connection.sendall(self._drop)


@pytest.fixture(params=sorted(EDGES), ids=lambda platform: platform.value)
def platform(request: pytest.FixtureRequest) -> Platform:
    found: Platform = request.param
    return found


def reaching(server: Dripping, platform: Platform) -> Adapter:
    return adapter_for(platform, base_urls={platform: f"http://{server.address}"})


def test_a_redirect_is_refused_before_any_of_its_page_is_read(platform: Platform) -> None:
    opening = b"HTTP/1.1 307 Elsewhere\r\nLocation: /again\r\nContent-Length: 1000000\r\n\r\n"
    with Dripping(opening, b"a") as server:
        began = time.monotonic()
        health = reaching(server, platform).check(an_account(platform))
        assert time.monotonic() - began < 1
    assert health.state is TokenState.TRANSIENT
    assert "redirected (307)" in health.detail
