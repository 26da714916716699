"""The edge servers as the demo runs them: one process, posts that outlive it, links that go on working."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from engage.delivery.platforms import adapter_for
from engage.delivery.ports import Receipt, Sent
from engage.posts.kinds import Platform
from tests.delivery.platforms.rigs import TEXT, a_post

ROOT = Path(__file__).parents[3]
PLATFORMS = ("x", "facebook", "mastodon", "bluesky")


@contextmanager
def running(folder: Path) -> Iterator[dict[str, str]]:
    """The servers' addresses; they have to end cleanly."""
    ports = folder / "ports.json"
    ports.unlink(missing_ok=True)  # A file left from before would name servers that have gone.
    command = [sys.executable, "-W", "ignore", "-m", "tests.fakes"]
    options = ["--ports-file", ports, "--state", folder / "state"]
    with subprocess.Popen([*command, *options], cwd=ROOT) as process:
        try:
            deadline = time.monotonic() + 30
            while not ports.exists() and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            yield json.loads(ports.read_text())
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(20)
    assert code == 0


def published(name: str, url: str) -> Receipt:
    adapter = adapter_for(Platform(name), base_urls={Platform(name): url})
    outcome = adapter.publish(a_post(adapter))
    assert isinstance(outcome, Sent), outcome
    return outcome.receipt


def get(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False)


def test_posts_and_their_links_outlive_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as urls:
        receipts = {name: published(name, urls[name]) for name in PLATFORMS}
    with running(tmp_path) as urls:
        for name in PLATFORMS:
            [post] = get(f"{urls[name]}/_posts").json()
            assert (post["text"], post["id"]) == (TEXT, receipts[name].platform_id)
            assert get(receipts[name].url).is_success
            assert "practice server" in get(urls[name]).text


def test_faults_are_ordered_over_the_network_and_a_misspelt_one_is_refused(tmp_path: Path) -> None:
    with running(tmp_path) as urls:
        url = f"{urls['x']}/_control/faults"
        assert httpx.post(url, json=[{"fault": "drop", "times": 2}], trust_env=False).json() == {"waiting": 1}
        assert httpx.post(url, json=[{"fault": "dorp"}], trust_env=False).status_code == 400
