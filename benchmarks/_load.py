"""How much CPU processes have taken, and what PostgreSQL and Redis were asked: read before and after."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import redis
from sqlalchemy import Engine, text

_TICK = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Load:
    """What was used up so far: CPU seconds, commits, commands."""

    cpu: float
    database_cpu: float
    commits: int
    redis_cpu: float
    commands: int

    def since(self, before: "Load") -> "Load":
        """What was used up since then."""
        return Load(
            cpu=self.cpu - before.cpu,
            database_cpu=self.database_cpu - before.database_cpu,
            commits=self.commits - before.commits,
            redis_cpu=self.redis_cpu - before.redis_cpu,
            commands=self.commands - before.commands,
        )


@dataclass(frozen=True, slots=True)
class Meter:
    """Reads the load of a database, a Redis-protocol server, and processes with all their children."""

    engine: Engine
    redis: redis.Redis

    def read(self, processes: Sequence[int]) -> Load:
        """The load so far."""
        with self.engine.connect() as connection:
            backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            commits = connection.execute(
                text("SELECT sum(xact_commit)::bigint FROM pg_stat_database")
            ).scalar_one()
        info = self.redis.info()
        return Load(
            cpu=sum(cpu_of(each) for each in processes),
            database_cpu=cpu_of(_parent(backend)),
            commits=commits,
            redis_cpu=info["used_cpu_user"] + info["used_cpu_sys"],
            commands=info["total_commands_processed"],
        )


def cpu_of(process: int) -> float:
    """The CPU seconds of a process and of every child it has or had."""
    found = {int(each.parent.name): _fields(each) for each in Path("/proc").glob("[0-9]*/stat")}
    return _with_children(process, {each: fields for each, fields in found.items() if fields})


def _with_children(process: int, found: Mapping[int, Sequence[str]]) -> float:
    """Its own time, that of children it has waited for, and that of those it has now."""
    own = sum(int(each) for each in found[process][11:15]) * _TICK if process in found else 0.0
    children = [each for each, fields in found.items() if int(fields[1]) == process]
    return own + sum(_with_children(each, found) for each in children)


def _parent(process: int) -> int:
    return int(_fields(Path(f"/proc/{process}/stat"))[1])


def _fields(stat: Path) -> Sequence[str]:
    """What follows a process's name; nothing where it has ended."""
    try:
        return stat.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ()
