"""A PostgreSQL and a Redis-protocol server of one's own, each at the end of a line that can be cut."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.line import Address, Line
from tests.servers import SOCKET_NAME, Postgres, Valkey, throwaway_home


@dataclass(frozen=True, slots=True)
class RoughServers:
    """Two servers and the lines to them: "database" and "broker"."""

    postgres: Postgres
    valkey: Valkey
    lines: Mapping[str, Line]

    @property
    def over_the_lines(self) -> Mapping[str, str]:
        """DATABASE_URL and REDIS_URL as they are over the lines; they stay the same over every restart."""
        database, broker = self.lines["database"].port, self.lines["broker"].port
        here = f"@127.0.0.1:{self.valkey.port}/0"
        return {
            "DATABASE_URL": f"postgresql://engage@127.0.0.1:{database}/engage",
            "REDIS_URL": self.valkey.url.replace(here, f"@127.0.0.1:{broker}/9"),
        }


@contextlib.contextmanager
def rough_servers() -> Iterator[RoughServers]:
    """Both servers with their files on disk, gone at the end."""
    with contextlib.ExitStack() as stack:
        home: Path = stack.enter_context(throwaway_home())
        postgres, valkey = Postgres(home / "postgres"), Valkey(home / "valkey")

        def broker() -> Address:
            return "127.0.0.1", valkey.port

        for server in (postgres, valkey):
            stack.callback(server.stop)
            server.start()
        lines = {
            "database": stack.enter_context(Line(lambda: postgres.sockets / SOCKET_NAME)),
            "broker": stack.enter_context(Line(broker)),
        }
        yield RoughServers(postgres, valkey, lines)
