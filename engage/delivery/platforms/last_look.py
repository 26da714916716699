"""Connections that look at the clock right before they hand bytes to the system (`engage.delivery.leaving`).

Not when a request begins: connecting takes its time, and among a hundred threads each line may be where one is
put aside. A worker stopped there made its request when it woke, whatever had been decided meanwhile: the
long run of `benchmarks/chaos.py` found five such posts in 5,000.
"""

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from engage.delivery.leaving import now_or_not_at_all


class _Connection(HTTPConnection):
    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        now_or_not_at_all()
        super().send(data)


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
        return self._inner.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if buffer:  # an empty one ends a request all of which has left
            now_or_not_at_all()
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
