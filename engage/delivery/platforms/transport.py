"""HTTP for the client libraries: bounded in time and size, without redirects, to a given server.

`OneServerSession` is for those built on requests, `BoundedTransport` for those built on httpx.

A redirect is never followed, because a POST followed somewhere else is a second request; and an
answer that drips in slowly is cut off, because the lease of the delivery runs out meanwhile.
"""

import time
import weakref
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
import requests
from requests import exceptions

from engage.delivery.platforms.in_time import within
from engage.delivery.platforms.last_look import LookingAdapter, LookingBackend

CONNECT_SECONDS = 3.0
READ_SECONDS = 6.0
HTTPX_TIMEOUT = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
TOTAL_SECONDS = 10.0
"""From the first byte out to the last byte in; the lease of a delivery is longer than this."""
ANSWER_BYTES = 4_000_000
A_PAGE = (
    "A web page came instead of the platform's answer. The address of the account's server may be wrong, "
    "or the server may be under repair."
)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class OneServerSession(requests.Session):
    """A session that speaks to one server, in bounded time, one request for one call.

    `instead_of` is the host the client library has built in; requests to it go to `base_url`, before
    they are signed, so that a signature is for the address the server sees.
    """

    def __init__(self, base_url: str, *, instead_of: str | None = None) -> None:
        super().__init__()
        self._base_url = base_url.rstrip("/")
        self._instead_of = instead_of or self._base_url
        self.trust_env = urlsplit(base_url).hostname not in _LOOPBACK
        adapter = LookingAdapter(pool_connections=4, pool_maxsize=100, max_retries=0)
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        weakref.finalize(self, adapter.close)

    def request(  # type: ignore[override]  # the many optional arguments pass through as they are
        self, method: str, url: str, **options: Any
    ) -> requests.Response:
        """Send to the given server in place of the one the library names."""
        if url.startswith(self._instead_of):
            url = self._base_url + url[len(self._instead_of) :]
        return super().request(method, url, **options)

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - requests' signature
        """None: requests reads the whole page of a redirect it may not follow, without end, to say where it leads."""
        return None

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send one prepared request; the whole answer is read before this returns."""
        options |= {"timeout": (CONNECT_SECONDS, READ_SECONDS), "allow_redirects": False, "stream": True}
        self.cookies.clear()
        with within(TOTAL_SECONDS) as deadline, super().send(request, **options) as response:
            if HTTPStatus.MULTIPLE_CHOICES <= response.status_code < HTTPStatus.BAD_REQUEST:
                raise exceptions.TooManyRedirects(f"redirected ({response.status_code}); a post is made once")
            if _is_a_page(response.status_code, response.headers.get("content-type")):
                raise exceptions.ContentDecodingError(A_PAGE)
            response._content = b"".join(_body(response, deadline))  # noqa: SLF001 - requests offers no bounded read
        return response


def _body(response: requests.Response, deadline: float) -> Iterator[bytes]:
    chunks = iter(lambda: response.raw.read1(65_536, decode_content=True), b"")
    return _bounded(chunks, deadline, exceptions.ReadTimeout)


class BoundedTransport(httpx.HTTPTransport):
    """The same promises for httpx: the whole answer in bounded time, and never a redirect.

    A client given a transport no longer looks for a proxy itself, so this one does.
    """

    def __init__(self, base_url: str) -> None:
        super().__init__(proxy=_proxy_for(base_url), limits=httpx.Limits(max_connections=100))
        pool = self._pool  # httpx has no other way to say by what a pool connects
        pool._network_backend = LookingBackend(pool._network_backend)  # noqa: SLF001

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Make one request; the whole answer is read before this returns."""
        with within(TOTAL_SECONDS) as deadline:
            return self._whole(request, deadline)

    def _whole(self, request: httpx.Request, deadline: float) -> httpx.Response:
        response = super().handle_request(request)
        try:
            if response.is_redirect:
                raise httpx.RemoteProtocolError(f"redirected ({response.status_code}); a post is made once")
            if _is_a_page(response.status_code, response.headers.get("content-type")):
                raise httpx.DecodingError(A_PAGE)
            if not isinstance(response.stream, httpx.SyncByteStream):
                raise httpx.RemoteProtocolError("an answer that cannot be read")
            body = b"".join(_bounded(iter(response.stream), deadline, httpx.ReadTimeout))
        finally:
            response.close()
        return httpx.Response(
            response.status_code, headers=response.headers, stream=httpx.ByteStream(body), request=request
        )


def _is_a_page(status: int, content_type: str | None) -> bool:
    """Whether a web page came with a yes or a no: no platform answers like that, but what stands before one does.

    With a 5xx nobody takes it for an answer, and a 429 asks the account to wait whoever says it.
    """
    says = status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.TOO_MANY_REQUESTS
    return says and (content_type or "").lower().startswith("text/html")


def _proxy_for(base_url: str) -> str | None:
    parts = urlsplit(base_url)
    if parts.hostname is None or parts.hostname in _LOOPBACK or proxy_bypass(parts.hostname):
        return None
    return getproxies().get(parts.scheme)


def _bounded(
    chunks: Iterator[bytes], deadline: float, too_late: Callable[[str], Exception]
) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > ANSWER_BYTES:
            raise too_late("the answer is larger than any the platform gives")
        if time.monotonic() > deadline:
            raise too_late("the answer took too long to arrive")
        yield chunk
