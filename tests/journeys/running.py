"""The whole of Engage running for a journey: edge servers, sample figures, web, worker, dispatcher."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography.fernet import Fernet

from tests.processes import Processes


@dataclass(frozen=True, slots=True)
class Running:
    """Where the web and the stand-in platforms answer."""

    address: str
    platforms: dict[str, str]

    def public_on(self, platform: str) -> list[dict[str, Any]]:
        """Everything that was really posted to a platform, oldest first."""
        posts: list[dict[str, Any]] = httpx.get(f"{self.platforms[platform]}/_posts").json()
        return posts


@contextmanager
def running(database_url: str, redis_url: str, folder: Path, **settings: str) -> Iterator[Running]:
    """Everything up and answering, with the demo's people, accounts and synthetic figures."""
    env = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "ENGAGE_SECRET_KEY": "a secret of the browser's journey, long",
        "ENGAGE_TOKEN_KEYS": Fernet.generate_key().decode(),
        "ENGAGE_DEMO": "true",
        "ENGAGE_OFFICE_HOURS": "always",
        **settings,
    }
    with Processes(env, folder / "logs") as processes:
        platforms = _platforms(processes, folder / "edge.json")
        urls = {f"ENGAGE_{name.upper()}_BASE_URL": url for name, url in platforms.items()}
        processes.env = env | urls
        loading = processes.start("data", "tests.demo", "data", "--samples", str(folder / "samples"))
        assert loading.wait(180) == 0, processes.log("data")
        port = str(_free_port())
        processes.start("web", "engage", "serve", "--port", port)
        processes.start("worker", "engage", "worker")
        processes.start("dispatcher", "engage", "dispatcher")
        address = f"http://127.0.0.1:{port}"
        processes.wait_for(lambda: _ready(address), "the web process to be ready")
        yield Running(address, platforms)


def _platforms(processes: Processes, ports: Path) -> dict[str, str]:
    processes.start("platforms", "tests.fakes", "--ports-file", str(ports))
    processes.wait_for(ports.exists, "the stand-in platforms")
    found: dict[str, str] = json.loads(ports.read_text())
    return found


def _ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
