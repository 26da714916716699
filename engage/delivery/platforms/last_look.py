"""Connections that look at the clock right before they hand bytes to the system (`engage.delivery.leaving`).

Not when a request begins: connecting takes its time, and among a hundred threads each line may be where one is
put aside. A worker stopped there made its request when it woke, whatever had been decided meanwhile: the
long run of `benchmarks/chaos.py` found five such posts in 5,000.

They look again before each wait, and wait for no more than the rest of the request's time
(`engage.delivery.platforms.in_time`).
"""

import io
import socket
import ssl
from collections.abc import Iterable, Iterator
from http.client import HTTPResponse
from typing import Any, Final

import httpcore
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from engage.delivery.leaving import now_or_not_at_all
from engage.delivery.platforms.in_time import patience

_PIECE: Final = 16_384
"""One record of TLS. The system waits anew for each part it takes, so what leaves is handed over in small ones."""


class _Answer(HTTPResponse):
    """An answer of which each byte is waited for in the request's time."""

    def __init__(self, sock: socket.socket, *rest: Any, **named: Any) -> None:
        super().__init__(sock, *rest, **named)
        self.fp = io.BufferedReader(_Reading(self.fp.detach(), sock))


class _Reading(io.RawIOBase):
    def __init__(self, inner: io.RawIOBase, sock: socket.socket) -> None:
        self._inner, self._sock, self._usual = inner, sock, sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(patience(self._usual))
        return self._inner.readinto(buffer)

    def close(self) -> None:
        self._inner.close()
        super().close()


class _Connection(HTTPConnection):
    response_class = _Answer

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        now_or_not_at_all()
        usual = self.sock.gettimeout()
        for piece in _pieces(data):
            self.sock.settimeout(patience(usual))
            super().send(piece)


class _TlsConnection(_Connection, HTTPSConnection):
    """The same look, over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class LookingAdapter(HTTPAdapter):
    """For sessions of requests."""

    def init_poolmanager(self, *sizes: Any, **options: Any) -> None:
        """Pools of connections that look, straight to the server."""
        super().init_poolmanager(*sizes, **options)
        _look_in(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Pools of connections that look, by way of a proxy."""
        manager = super().proxy_manager_for(proxy, **options)
        _look_in(manager)
        return manager


def _look_in(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class LookingBackend(httpcore.NetworkBackend):
    """For pools of httpcore, on which httpx is built: the streams of another backend, which look."""

    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection that looks."""
        return _Stream(self._inner.connect_tcp(host, port, timeout, local_address, socket_options))

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._inner.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, patience(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if buffer:  # an empty one ends a request all of which has left
            now_or_not_at_all()
        for piece in _pieces(buffer):
            self._inner.write(piece, patience(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _pieces(data: Any) -> Iterator[Any]:
    """Bytes in small pieces; anything else as it is."""
    if not isinstance(data, bytes):
        yield data
        return
    for start in range(0, len(data), _PIECE):
        yield data[start : start + _PIECE]
