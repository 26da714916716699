"""A server that answers every request with a web page: a parked address, a login wall, a firewall, a repair notice."""

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

PAGES = (200, 400, 401, 403, 404, 410, 451)
PAGE = b"<!doctype html><title>Parked</title><h1>This address is for sale</h1>"


class Parked(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, ParkedServer)
        self.send_response(self.server.status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    do_POST = do_DELETE = do_GET  # noqa: N815 - the names the server calls

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class ParkedServer(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Parked)
        self.status = 200


@pytest.fixture
def server() -> Iterator[ParkedServer]:
    server = ParkedServer()
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(params=sorted(EDGES), ids=lambda platform: platform.value)
def adapter(request: pytest.FixtureRequest, server: ParkedServer) -> Adapter:
    return adapter_for(request.param, base_urls={request.param: f"http://127.0.0.1:{server.server_port}"})


@pytest.mark.parametrize("status", PAGES)
def test_a_web_page_is_never_taken_for_a_receipt_nor_for_a_refusal(
    adapter: Adapter, server: ParkedServer, status: int
) -> None:
    server.status = status
    outgoing = a_post(adapter)
    outcome = adapter.publish(outgoing)
    two_steps = adapter.name in {Platform.BLUESKY, Platform.FACEBOOK}
    assert isinstance(outcome, NotSent if two_steps else Unknown)
    assert A_PAGE in outcome.reason
    assert not getattr(outcome, "account_wide", False)
    lookup = adapter.find_existing(outgoing)
    assert isinstance(lookup, CannotTell)
    assert A_PAGE in lookup.reason


@pytest.mark.parametrize("status", PAGES)
def test_a_web_page_says_nothing_about_a_token_or_a_public_post(
    adapter: Adapter, server: ParkedServer, status: int
) -> None:
    server.status = status
    account = a_post(adapter).account
    health = adapter.check(account)
    assert health.state is TokenState.TRANSIENT
    assert A_PAGE in health.detail
    counted = adapter.metrics(account, "1")
    assert isinstance(counted, NotCounted)
    assert not counted.gone
    assert isinstance(adapter.delete(account, "1"), Unknown)


def test_a_page_that_asks_us_to_wait_makes_the_whole_account_wait(
    adapter: Adapter, server: ParkedServer
) -> None:
    server.status = 429
    outcome = adapter.publish(a_post(adapter))
    assert isinstance(outcome, NotSent)
    assert outcome.account_wide
    assert not outcome.token_refused
    assert adapter.check(a_post(adapter).account).state is TokenState.TRANSIENT
