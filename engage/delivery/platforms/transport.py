"""One HTTP session for the clients built on requests: bounded, without redirects, to a given server.

A redirect is never followed, because a POST followed somewhere else is a second request; and an
answer that drips in slowly is cut off, because the lease of the delivery runs out meanwhile.
"""

import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions
from requests import exceptions
from requests.adapters import HTTPAdapter

from engage.delivery.ports import NotSent, Unknown

CONNECT_SECONDS = 3.0
READ_SECONDS = 6.0
TOTAL_SECONDS = 10.0
"""From the first byte out to the last byte in; the lease of a delivery is longer than this."""
ANSWER_BYTES = 4_000_000
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
        adapter = HTTPAdapter(pool_connections=4, pool_maxsize=100, max_retries=0)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def request(  # type: ignore[override]  # the many optional arguments pass through as they are
        self, method: str, url: str, **options: Any
    ) -> requests.Response:
        """Send to the given server in place of the one the library names."""
        if url.startswith(self._instead_of):
            url = self._base_url + url[len(self._instead_of) :]
        return super().request(method, url, **options)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send one prepared request; the whole answer is read before this returns."""
        deadline = time.monotonic() + TOTAL_SECONDS
        options |= {"timeout": (CONNECT_SECONDS, READ_SECONDS), "allow_redirects": False, "stream": True}
        self.cookies.clear()
        response = super().send(request, **options)
        with response:
            response._content = b"".join(_body(response, deadline))  # noqa: SLF001 - requests offers no bounded read
        return response


def _body(response: requests.Response, deadline: float) -> Iterator[bytes]:
    size = 0
    while chunk := response.raw.read1(65_536, decode_content=True):
        size += len(chunk)
        if size > ANSWER_BYTES:
            raise exceptions.ContentDecodingError("the answer is larger than any the platform gives")
        if time.monotonic() > deadline:
            raise exceptions.ReadTimeout("the answer took too long to arrive")
        yield chunk


class Home(StrEnum):
    """What an exception says about the request it came from."""

    NEVER_LEFT = "never left"
    MAY_HAVE_ARRIVED = "may have arrived"


REQUESTS_HOMES: Mapping[type[Exception], Home] = {
    exceptions.RequestException: Home.MAY_HAVE_ARRIVED,
    exceptions.InvalidJSONError: Home.MAY_HAVE_ARRIVED,
    exceptions.JSONDecodeError: Home.MAY_HAVE_ARRIVED,
    exceptions.HTTPError: Home.MAY_HAVE_ARRIVED,
    exceptions.ConnectionError: Home.MAY_HAVE_ARRIVED,
    exceptions.ProxyError: Home.MAY_HAVE_ARRIVED,
    exceptions.SSLError: Home.MAY_HAVE_ARRIVED,
    exceptions.Timeout: Home.MAY_HAVE_ARRIVED,
    exceptions.ConnectTimeout: Home.NEVER_LEFT,
    exceptions.ReadTimeout: Home.MAY_HAVE_ARRIVED,
    exceptions.URLRequired: Home.NEVER_LEFT,
    exceptions.TooManyRedirects: Home.MAY_HAVE_ARRIVED,
    exceptions.MissingSchema: Home.NEVER_LEFT,
    exceptions.InvalidSchema: Home.NEVER_LEFT,
    exceptions.InvalidURL: Home.NEVER_LEFT,
    exceptions.InvalidHeader: Home.NEVER_LEFT,
    exceptions.InvalidProxyURL: Home.NEVER_LEFT,
    exceptions.ChunkedEncodingError: Home.MAY_HAVE_ARRIVED,
    exceptions.ContentDecodingError: Home.MAY_HAVE_ARRIVED,
    exceptions.StreamConsumedError: Home.MAY_HAVE_ARRIVED,
    exceptions.RetryError: Home.MAY_HAVE_ARRIVED,
    exceptions.UnrewindableBodyError: Home.MAY_HAVE_ARRIVED,
}
"""Every exception of requests. A connection error is told apart by what lies underneath it."""

_NO_CONNECTION = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    socket.gaierror,
    ConnectionRefusedError,
    ssl.SSLCertVerificationError,
)


def lost_answer(error: Exception) -> NotSent | Unknown:
    """What became of a request whose answer never came; whatever is not recognised is `Unknown`."""
    if REQUESTS_HOMES.get(type(error)) is Home.NEVER_LEFT or _never_connected(error):
        return NotSent(f"No connection to the platform: {_in_words(error)}")
    return Unknown(f"The answer was lost: {_in_words(error)}")


def _never_connected(error: Exception) -> bool:
    return any(isinstance(each, _NO_CONNECTION) for each in _underneath(error))


def _underneath(error: BaseException) -> Iterator[BaseException]:
    """The error and all it was raised from or wraps, outermost first."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        each = waiting.pop()
        if not isinstance(each, BaseException) or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [*each.args, getattr(each, "reason", None), each.__cause__, each.__context__]


def _in_words(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"
