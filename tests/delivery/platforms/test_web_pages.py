"""A server that answers every request with a web page: a parked address, a login wall, a repair notice."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from engage.delivery.platforms import adapter_for
from engage.delivery.platforms.transport import A_PAGE
from engage.delivery.ports import (
    Adapter,
    CannotTell,
    NotCounted,
    NotSent,
    TokenState,
    Unknown,
)
from engage.posts.kinds import Platform
from tests.delivery.platforms.rigs import EDGES, a_post

PAGE = b"<!doctype html><title>Parked</title><h1>This address is for sale</h1>"


class Parked(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    do_POST = do_DELETE = do_GET  # noqa: N815 - the names the server calls

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(params=sorted(EDGES), ids=lambda platform: platform.value)
def adapter(request: pytest.FixtureRequest) -> Iterator[Adapter]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Parked)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield adapter_for(request.param, base_urls={request.param: f"http://127.0.0.1:{server.server_port}"})
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_web_page_is_never_taken_for_a_receipt_nor_for_a_refusal(adapter: Adapter) -> None:
    outgoing = a_post(adapter)
    outcome = adapter.publish(outgoing)
    two_steps = adapter.name in {Platform.BLUESKY, Platform.FACEBOOK}
    assert isinstance(outcome, NotSent if two_steps else Unknown)
    assert A_PAGE in outcome.reason
    lookup = adapter.find_existing(outgoing)
    assert isinstance(lookup, CannotTell)
    assert A_PAGE in lookup.reason


def test_a_web_page_says_nothing_about_a_token_or_a_public_post(adapter: Adapter) -> None:
    account = a_post(adapter).account
    health = adapter.check(account)
    assert health.state is TokenState.TRANSIENT
    assert A_PAGE in health.detail
    counted = adapter.metrics(account, "1")
    assert isinstance(counted, NotCounted)
    assert not counted.gone
    assert isinstance(adapter.delete(account, "1"), Unknown)
