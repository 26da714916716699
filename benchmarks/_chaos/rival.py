"""A small honest rival: a table of posts, a lease, a Celery task for each post that is retried when it fails.

What many schedulers are made of: `acks_late`, `reject_on_worker_lost`, `autoretry_for` with a growing
wait, a lease that puts a lost post back in the queue. It looks at the sign-off, the hold and the latest time
before every request, and its clients wait ten seconds for an answer. What it has not got is a ledger.

    celery -A benchmarks._chaos.rival worker        python -m benchmarks._chaos.rival      (the scheduler)
"""

import hashlib
import hmac
import os
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import psycopg
import tweepy  # type: ignore[import-untyped]
from atproto_client import Client  # type: ignore[import-untyped]
from celery import Celery, Task, signals
from mastodon import Mastodon
from psycopg.rows import dict_row

from benchmarks._chaos.orders import FOLDER, NAME, Orders
from engage.delivery.platforms.facebook import VERSION
from engage.delivery.platforms.transport import OneServerSession
from engage.posts.kinds import Platform
from tests.fakes.credentials import for_account

TABLES = """
CREATE TABLE post (
    id int PRIMARY KEY, platform text, handle text, borough text, words text, due timestamptz,
    latest timestamptz, state text, leased_until timestamptz, platform_id text
);
CREATE TABLE hold (id serial PRIMARY KEY, scope text, value text, lifted boolean DEFAULT false);
"""
LEASE_SECONDS = 60
RETRIES = 5
_REACHED = {"connect_timeout": 5, "tcp_user_timeout": 20_000}

app = Celery("naive", broker=os.environ.get("REDIS_URL", "redis://"))
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": LEASE_SECONDS,
        "socket_timeout": 5,
        "socket_connect_timeout": 5,
    },
)


class Posting(Task):  # type: ignore[misc]  # celery is untyped
    """Writes down that all retries failed."""

    def on_failure(self, _error: Exception, _id: str, arguments: tuple[int], *_: Any) -> None:
        """A person looks at what is called failed."""
        with _database() as connection:
            connection.execute("UPDATE post SET state = 'failed' WHERE id = %s", arguments)


@app.task(  # type: ignore[untyped-decorator]
    name="naive.publish",
    base=Posting,
    autoretry_for=(Exception,),
    retry_backoff=True,
    retry_backoff_max=30,
    max_retries=RETRIES,
)
def publish(number: int) -> None:
    """Look whether it may go, post it, write down that it went."""
    _step("before claim")
    with _database() as connection:
        row = connection.execute("SELECT * FROM post WHERE id = %s", (number,)).fetchone()
        if row is None or row["state"] != "queued" or _must_wait(connection, row):
            return
        _step("after claim")
        _step("before the call")
        platform_id = _POST[Platform(row["platform"])](row["handle"], row["words"])
        _step("after accept")
        connection.execute(
            "UPDATE post SET state = 'sent', platform_id = %s WHERE id = %s AND state = 'queued'",
            (platform_id, number),
        )
        _step("before commit")


def _must_wait(connection: psycopg.Connection[dict[str, Any]], row: Mapping[str, Any]) -> bool:
    """Write down why it does not go: a hold that is in force, or its latest time has passed."""
    held = connection.execute(
        "SELECT 1 FROM hold WHERE NOT lifted AND (scope = 'force' OR value IN (%s, %s))",
        (row["borough"], row["platform"]),
    ).fetchone()
    late = connection.execute("SELECT now() > %s AS late", (row["latest"],)).fetchone()
    if held:
        connection.execute("UPDATE post SET state = 'held' WHERE id = %s AND state = 'queued'", (row["id"],))
    elif late and late["late"]:
        connection.execute("UPDATE post SET state = 'late' WHERE id = %s AND state = 'queued'", (row["id"],))
    return bool(held or (late and late["late"]))


def schedule() -> None:
    """Queue what is due, and again what was queued and is not sent when its lease runs out."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(0.3):
        try:
            for number in _due():
                publish.apply_async((number,), retry=False)
        except Exception as error:  # noqa: BLE001 - whatever is away now is there again later
            print(f"again soon: {error}", flush=True)


def _due() -> list[int]:
    with _database() as connection:
        rows = connection.execute(
            "UPDATE post SET state = 'queued', leased_until = now() + make_interval(secs => %s) WHERE id IN ("
            " SELECT id FROM post WHERE (state = 'approved' AND due <= now())"
            " OR (state = 'queued' AND leased_until < now())"
            " ORDER BY due LIMIT 100 FOR UPDATE SKIP LOCKED) RETURNING id",
            (LEASE_SECONDS,),
        ).fetchall()
    return [row["id"] for row in rows]


def _database() -> psycopg.Connection[dict[str, Any]]:
    return psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row, **_REACHED)


def _server(platform: Platform) -> str:
    return os.environ[f"ENGAGE_{platform.value.upper()}_BASE_URL"]


def _post_x(handle: str, words: str) -> str:
    client = tweepy.Client(**for_account(Platform.X, handle))
    client.session = OneServerSession(_server(Platform.X), instead_of="https://api.twitter.com")
    return str(client.create_tweet(text=words, user_auth=True).data["id"])


def _post_facebook(handle: str, words: str) -> str:
    tokens = for_account(Platform.FACEBOOK, handle)
    proof = hmac.new(tokens["app_secret"].encode(), tokens["access_token"].encode(), hashlib.sha256)
    answer = httpx.post(
        f"{_server(Platform.FACEBOOK)}/{VERSION}/{tokens['page_id']}/feed",
        headers={"Authorization": f"Bearer {tokens['access_token']}"},
        data={"message": words, "appsecret_proof": proof.hexdigest()},
        timeout=10,
    )
    return str(answer.raise_for_status().json()["id"])


def _post_mastodon(handle: str, words: str) -> str:
    token = for_account(Platform.MASTODON, handle)["access_token"]
    client = Mastodon(
        access_token=token,
        api_base_url=_server(Platform.MASTODON),
        request_timeout=10,
        mastodon_version="4.3.0",
        version_check_mode="created",
    )
    return str(client.status_post(words)["id"])


def _post_bluesky(handle: str, words: str) -> str:
    client = Client(_server(Platform.BLUESKY))
    client.login(handle, for_account(Platform.BLUESKY, handle)["password"], fetch_bsky_profile=False)
    return str(client.send_post(words).uri)


_POST = {
    Platform.X: _post_x,
    Platform.FACEBOOK: _post_facebook,
    Platform.MASTODON: _post_mastodon,
    Platform.BLUESKY: _post_bluesky,
}


def _step(name: str) -> None:
    Orders(Path(os.environ[FOLDER])).reached(name)


@signals.worker_process_init.connect  # type: ignore[untyped-decorator]
def _arrive(**_: object) -> None:
    Orders(Path(os.environ[FOLDER])).arrive(os.environ[NAME])


if __name__ == "__main__":
    schedule()
