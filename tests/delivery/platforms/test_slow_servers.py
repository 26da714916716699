"""A server that never comes to an end: of a redirect, a header, a chunk, or of reading what it is sent."""

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import httpx
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engage.delivery.platforms import adapter_for, transport
from engage.delivery.platforms.failures import lost_answer
from engage.delivery.platforms.transport import BoundedTransport, OneServerSession
from engage.delivery.ports import Adapter, NotSent, TokenState, Unknown
from engage.posts.kinds import Platform
from tests.delivery.platforms.rigs import EDGES, a_post, an_account

TOTAL = 0.6
LATE = 2.5
GIVES_UP = 5.0  # seconds; a client that waits for the end of it all fails its test and does not hang
ANSWER = b"HTTP/1.1 200 OK\r\n"
ENDLESS: Mapping[str, tuple[bytes, bytes]] = {
    "header": (ANSWER + b"X-Slow: ", b"a"),
    "headers": (ANSWER, b"X-Slow: a\r\n"),
    "informational": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": (ANSWER + b"Content-Length: 1000000\r\n\r\n", b"a"),
    "chunks": (ANSWER + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
    "size of a chunk": (ANSWER + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
}
"""What comes at once, and what comes drop by drop after it."""


class Dripping:
    """Answers each request with `opening` at once and then with one `drop` after the other."""

    def __init__(self, opening: bytes, drop: bytes, tls: ssl.SSLContext | None = None) -> None:
        self._opening, self._drop, self._tls = opening, drop, tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._accept)]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._listening.getsockname()[1]}"

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
                connection.settimeout(GIVES_UP)
                self._threads.append(threading.Thread(target=self._answer, args=[connection]))
                self._threads[-1].start()

    def _answer(self, plain: socket.socket) -> None:
        until = time.monotonic() + GIVES_UP
        with contextlib.suppress(OSError), plain, self._secured(plain) as connection:
            connection.recv(65_536)
            connection.sendall(self._opening)
            while time.monotonic() < until and not self._stopped.wait(0.05):
                self._give(connection)

    def _secured(self, plain: socket.socket) -> socket.socket:
        return plain if self._tls is None else self._tls.wrap_socket(plain, server_side=True)

    def _give(self, connection: socket.socket) -> None:
        connection.sendall(self._drop)


class Sipping(Dripping):
    """Reads what it is sent in sips, and says nothing."""

    def _give(self, connection: socket.socket) -> None:
        connection.recv(32_768)


@pytest.fixture(params=sorted(EDGES), ids=lambda platform: platform.value)
def platform(request: pytest.FixtureRequest) -> Platform:
    found: Platform = request.param
    return found


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "TOTAL_SECONDS", TOTAL)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    here, now = x509.IPAddress(ipaddress.ip_address("127.0.0.1")), datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([here]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file = tmp_path_factory.mktemp("certificate") / "own.pem"
    file.write_bytes(key.private_bytes(*form) + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture(params=[False, True], ids=["plain", "tls"])
def tls(
    request: pytest.FixtureRequest, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ssl.SSLContext | None]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context if request.param else None


Post = Callable[[bytes], bytes]
Posting = Callable[[str], contextlib.AbstractContextManager[Post]]


@contextlib.contextmanager
def by_requests(url: str) -> Iterator[Post]:
    trusted = ssl.get_default_verify_paths().cafile
    with OneServerSession(url) as session:
        yield lambda content: session.post(url, data=content, verify=trusted).content


@contextlib.contextmanager
def by_httpx(url: str) -> Iterator[Post]:
    with httpx.Client(transport=BoundedTransport(url)) as client:
        yield lambda content: client.post(url, content=content).content


@pytest.fixture(params=[by_requests, by_httpx], ids=["requests", "httpx"])
def posting(request: pytest.FixtureRequest) -> Posting:
    found: Posting = request.param
    return found


def reaching(server: Dripping, platform: Platform) -> Adapter:
    return adapter_for(platform, base_urls={platform: server.url})


def test_a_redirect_is_refused_before_any_of_its_page_is_read(platform: Platform) -> None:
    opening = b"HTTP/1.1 307 Elsewhere\r\nLocation: /again\r\nContent-Length: 1000000\r\n\r\n"
    with Dripping(opening, b"a") as server:
        began = time.monotonic()
        health = reaching(server, platform).check(an_account(platform))
        assert time.monotonic() - began < 1
    assert health.state is TokenState.TRANSIENT
    assert "redirected (307)" in health.detail


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("what", ENDLESS)
def test_an_answer_that_drips_in_is_given_up_in_the_time_of_one_request(
    platform: Platform, what: str
) -> None:
    with Dripping(*ENDLESS[what]) as server:
        adapter = reaching(server, platform)
        outgoing, began = a_post(adapter), time.monotonic()
        outcome = adapter.publish(outgoing)
        assert TOTAL <= time.monotonic() - began < LATE
    two_steps = platform in {Platform.BLUESKY, Platform.FACEBOOK}
    assert isinstance(outcome, NotSent if two_steps else Unknown)
    assert not getattr(outcome, "account_wide", False)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("what", ["header", "chunks"])
def test_encryption_gives_a_dripping_server_no_more_time(
    posting: Posting, what: str, tls: ssl.SSLContext | None
) -> None:
    with Dripping(*ENDLESS[what], tls=tls) as server, posting(server.url) as post:
        began = time.monotonic()
        with pytest.raises(Exception, match=r"took too long|timed out") as raised:
            post(b"{}")
        assert TOTAL <= time.monotonic() - began < LATE
    assert isinstance(lost_answer(raised.value), Unknown)


@pytest.mark.usefixtures("hurried")
def test_a_server_that_reads_a_picture_in_sips_is_given_up_as_well(
    posting: Posting, tls: ssl.SSLContext | None
) -> None:
    with Sipping(b"", b"", tls=tls) as server, posting(server.url) as post:
        began = time.monotonic()
        with pytest.raises((requests.RequestException, httpx.TransportError)) as raised:
            post(b"p" * 30_000_000)
        assert TOTAL <= time.monotonic() - began < LATE
    assert isinstance(lost_answer(raised.value), Unknown)


@pytest.mark.usefixtures("hurried")
def test_each_request_on_a_kept_connection_has_its_own_time(
    posting: Posting, tls: ssl.SSLContext | None
) -> None:
    with echoing(tls) as (url, seen), posting(url) as post:
        assert post(b"first") == b"first"
        time.sleep(TOTAL)
        assert post(b"p" * 3_000_000) == b"p" * 3_000_000
    assert len(seen) == 1


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        assert isinstance(self.server, EchoServer)
        self.server.seen.add(self.client_address)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class EchoServer(ThreadingHTTPServer):
    """Gives back what it is sent, as one chunk; `seen` are the connections it came over."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.seen: set[object] = set()


@contextlib.contextmanager
def echoing(tls: ssl.SSLContext | None) -> Iterator[tuple[str, set[object]]]:
    server = EchoServer()
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}", server.seen
    server.shutdown()
    thread.join()
    server.server_close()
