"""The edge servers as the demo runs them: one process, posts that outlive it, links that go on working."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from engage.delivery.platforms import adapter_for
from engage.delivery.ports import Sent
from engage.posts.kinds import Platform
from tests.delivery.platforms.rigs import TEXT, a_post

ROOT = Path(__file__).parents[3]
PLATFORMS = ("x", "facebook", "mastodon", "bluesky")


class Process:
    def __init__(self, folder: Path) -> None:
        ports = folder / "ports.json"
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-W",
                "ignore",
                "-m",
                "tests.fakes",
                "--ports-file",
                ports,
                "--state",
                folder / "state",
            ],
            cwd=ROOT,
        )
        deadline = time.monotonic() + 30
        while not ports.exists() and self._process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        self.urls: dict[str, str] = json.loads(ports.read_text())

    def stop(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(20)


def get(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False)


def test_posts_and_their_links_outlive_a_restart(tmp_path: Path) -> None:
    first = Process(tmp_path)
    receipts = {}
    for name in PLATFORMS:
        adapter = adapter_for(Platform(name), base_urls={Platform(name): first.urls[name]})
        outcome = adapter.publish(a_post(adapter))
        assert isinstance(outcome, Sent), outcome
        receipts[name] = outcome.receipt
    assert first.stop() == 0
    second = Process(tmp_path)
    for name in PLATFORMS:
        [post] = get(f"{second.urls[name]}/_posts").json()
        assert (post["text"], post["id"]) == (TEXT, receipts[name].platform_id)
        assert get(receipts[name].url).is_success
        assert "practice server" in get(second.urls[name]).text
    assert second.stop() == 0


def test_faults_are_ordered_over_the_network_and_a_misspelt_one_is_refused(tmp_path: Path) -> None:
    running = Process(tmp_path)
    url = f"{running.urls['x']}/_control/faults"
    assert httpx.post(url, json=[{"fault": "drop", "times": 2}], trust_env=False).json() == {"waiting": 1}
    assert httpx.post(url, json=[{"fault": "dorp"}], trust_env=False).status_code == 400
    assert running.stop() == 0
