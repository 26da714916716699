"""A line between a program and its server that can be cut, silenced and mended: a partition, made on purpose.

with Line(lambda: ("127.0.0.1", server.port)) as line:
    ...  # the program is told 127.0.0.1 and line.port
    line.silence()
    line.mend()
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

Address = tuple[str, int] | Path
"""Where a server listens: host and port, or its Unix socket."""

_CHUNK = 65_536


class Line:
    """A TCP port of this machine that leads to a server; asked for each connection where that is now."""

    def __init__(self, to: Callable[[], Address]) -> None:
        self.port = 0
        self._to = to
        self._cut = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._flowing = asyncio.Event()
        self._ends: set[asyncio.StreamWriter] = set()
        self._joins: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def cut(self) -> None:
        """End every connection, and each new one as soon as it is made, until mended."""
        self._loop.call_soon_threadsafe(self._on_cut)

    def silence(self) -> None:
        """Connections stand, old and new, and nothing comes through in either direction, until mended."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def mend(self) -> None:
        """What was held up comes through, in order; new connections are served."""
        self._loop.call_soon_threadsafe(self._on_mend)

    async def _open(self) -> None:
        self._flowing.set()
        self._server = await asyncio.start_server(self._joined, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        self._abort()
        for each in self._joins:
            each.cancel()
        await asyncio.gather(*self._joins, return_exceptions=True)

    def _on_cut(self) -> None:
        self._cut = True
        self._abort()

    def _on_mend(self) -> None:
        self._cut = False
        self._flowing.set()

    def _abort(self) -> None:
        for each in list(self._ends):
            each.transport.abort()

    def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A task of our own for each connection: asyncio logs those of its own that are cancelled."""
        joined = self._loop.create_task(self._join(reader, writer))
        self._joins.add(joined)
        joined.add_done_callback(self._joins.discard)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        try:
            await self._flowing.wait()
            if not self._cut:
                await self._carry(reader, writer)
        except OSError:
            pass  # Nobody answers there: this end learns it by being hung up on.
        finally:
            self._ends.discard(writer)
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        where = self._to()
        far_reader, far_writer = await (
            asyncio.open_unix_connection(where)
            if isinstance(where, Path)
            else asyncio.open_connection(*where)
        )
        self._ends.add(far_writer)
        try:
            there = asyncio.ensure_future(self._pump(reader, far_writer))
            back = asyncio.ensure_future(self._pump(far_reader, writer))
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            for each in (there, back):
                each.cancel()
            await asyncio.gather(there, back, return_exceptions=True)
        finally:
            self._ends.discard(far_writer)
            far_writer.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(_CHUNK):
                await self._flowing.wait()
                target.write(data)
                await target.drain()
        await self._flowing.wait()
