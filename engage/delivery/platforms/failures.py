"""What an exception says about the request it came from: it never left, or it may have arrived.

Every exception of the HTTP libraries underneath has a home here. What is not recognised may have
arrived, because to believe otherwise is how a post goes out twice.
"""

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import TypeVar

import httpx
import urllib3.exceptions
from requests import exceptions

from engage.delivery.leaving import PausedTooLong
from engage.delivery.ports import Counted, Health, NotCounted, NotSent, Refused, TokenState, Unknown
from engage.posts.readable import keepable

Failure = NotSent | Refused | Unknown
T = TypeVar("T")


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

HTTPX_HOMES: Mapping[type[Exception], Home] = {
    httpx.HTTPError: Home.MAY_HAVE_ARRIVED,
    httpx.RequestError: Home.MAY_HAVE_ARRIVED,
    httpx.TransportError: Home.MAY_HAVE_ARRIVED,
    httpx.TimeoutException: Home.MAY_HAVE_ARRIVED,
    httpx.ConnectTimeout: Home.NEVER_LEFT,
    httpx.ReadTimeout: Home.MAY_HAVE_ARRIVED,
    httpx.WriteTimeout: Home.MAY_HAVE_ARRIVED,
    httpx.PoolTimeout: Home.NEVER_LEFT,
    httpx.NetworkError: Home.MAY_HAVE_ARRIVED,
    httpx.ConnectError: Home.NEVER_LEFT,
    httpx.ReadError: Home.MAY_HAVE_ARRIVED,
    httpx.WriteError: Home.MAY_HAVE_ARRIVED,
    httpx.CloseError: Home.MAY_HAVE_ARRIVED,
    httpx.ProxyError: Home.MAY_HAVE_ARRIVED,
    httpx.UnsupportedProtocol: Home.NEVER_LEFT,
    httpx.ProtocolError: Home.MAY_HAVE_ARRIVED,
    httpx.LocalProtocolError: Home.MAY_HAVE_ARRIVED,
    httpx.RemoteProtocolError: Home.MAY_HAVE_ARRIVED,
    httpx.DecodingError: Home.MAY_HAVE_ARRIVED,
    httpx.TooManyRedirects: Home.MAY_HAVE_ARRIVED,
    httpx.HTTPStatusError: Home.MAY_HAVE_ARRIVED,
    httpx.InvalidURL: Home.NEVER_LEFT,
    httpx.CookieConflict: Home.MAY_HAVE_ARRIVED,
    httpx.StreamError: Home.MAY_HAVE_ARRIVED,
    httpx.StreamConsumed: Home.MAY_HAVE_ARRIVED,
    httpx.StreamClosed: Home.MAY_HAVE_ARRIVED,
    httpx.ResponseNotRead: Home.MAY_HAVE_ARRIVED,
    httpx.RequestNotRead: Home.MAY_HAVE_ARRIVED,
}
"""Every exception of httpx."""

_NEVER_LEFT: tuple[type[BaseException], ...] = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    socket.gaierror,
    ConnectionRefusedError,
    ssl.SSLCertVerificationError,
    *(
        kind
        for homes in (REQUESTS_HOMES, HTTPX_HOMES)
        for kind, home in homes.items()
        if home is Home.NEVER_LEFT
    ),
)


def attempt(call: Callable[[], T], told: Callable[[Exception], Failure | None]) -> T | Failure:
    """The call's value, or the failure its exception stands for; nothing is ever raised.

    `told` recognises the exceptions in which the platform itself answered, and gives None for others.
    """
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - an adapter never raises
        failure = _recognised(error, told) or lost_answer(error)
        return failure if failure.reason.isprintable() else replace(failure, reason=keepable(failure.reason))


def _recognised(error: Exception, told: Callable[[Exception], Failure | None]) -> Failure | None:
    try:
        return told(error)
    except Exception as unreadable:  # noqa: BLE001 - an answer nobody can read says nothing
        return Unknown(f"The platform's answer could not be read: {_in_words(unreadable)}")


def lost_answer(error: Exception) -> NotSent | Unknown:
    """What became of a request whose answer never came; whatever is not recognised is `Unknown`."""
    for each in _underneath(error):
        if isinstance(each, PausedTooLong):
            return NotSent(str(each))
        if isinstance(each, _NEVER_LEFT):
            return NotSent(f"No connection to the platform ({type(each).__name__}).")
    return Unknown(f"The answer was lost: {_in_words(error)}")


def answered(status: int, reason: str, *, own: bool, retry_at: datetime | None = None) -> Failure:
    """What an HTTP status (not 2xx) says. A redirect or a 5xx may stand in front of a post that was made.

    `own`: it came with words of the platform's own. A no without them may be any server's on the way: it shows neither
    that nothing was made, nor that something is gone, nor that the token is refused. A wish to wait is believed of all.
    """
    match status:
        case 429:
            return NotSent(reason, retry_at=retry_at, account_wide=True)
        case _ if not own:
            return Unknown(reason)
        case 401:
            return NotSent(reason, account_wide=True, token_refused=True)
        case 408:
            return Unknown(reason)
        case _ if HTTPStatus(400) <= status < HTTPStatus(500):
            return Refused(reason, str(status))
        case _:
            return Unknown(reason)


def before_posting(failure: Failure) -> NotSent | Refused:
    """The same failure of a step that posts nothing, such as an upload: certainly not sent."""
    if isinstance(failure, Unknown):
        return NotSent(f"Stopped before posting. {failure.reason}")
    return failure


def health_after(failure: Failure) -> Health:
    """What a failed token check says: refused needs a person, anything else only time."""
    refused = isinstance(failure, Refused) or (isinstance(failure, NotSent) and failure.token_refused)
    return Health(TokenState.REVOKED if refused else TokenState.TRANSIENT, failure.reason)


def not_counted(failure: Failure) -> NotCounted:
    """What a failed request for a post's counts says: that it is gone, or only that nobody knows."""
    gone = isinstance(failure, Refused) and failure.code == str(HTTPStatus.NOT_FOUND.value)
    return NotCounted(failure.reason, gone=gone)


def whole_numbers(said: Mapping[str, object], names: Iterable[str]) -> Counted:
    """The counts of these names, of those that are whole numbers."""
    found = {name: said.get(name) for name in names}
    return Counted({name: count for name, count in found.items() if isinstance(count, int)})


def moment(said: object) -> datetime | None:
    """A time as a platform writes it (ISO 8601 with its offset); None for anything else."""
    try:
        read = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return read if read.tzinfo else None


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
    """The first of the chain that says anything: libraries wrap errors in ones without words."""
    try:
        said = next((each for each in _underneath(error) if str(each)), error)
        return f"{type(said).__name__}: {str(said)[:200]}"
    except Exception:  # noqa: BLE001 - an exception that cannot be printed must not become a second one
        return type(error).__name__
