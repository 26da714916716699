"""The Celery app and its tasks. A task is a door: it takes ids and calls one function."""

import functools
import gc
import os
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from uuid import UUID

import structlog
from celery import Celery, signals
from sqlalchemy.exc import DBAPIError

from engage.delivery.dispatcher import BATCH
from engage.delivery.engagement import count
from engage.delivery.health import check
from engage.delivery.ports import Counted, TokenState
from engage.delivery.sending import look_up, send_together
from engage.delivery.takedown import take_down
from engage.observability import working_on
from engage.posts.errors import EngageError
from engage.wiring import broker_url, configure_logs, open_engage
from engage.wiring.campaign_aged import send_back_all
from engage.wiring.campaigns import keep_up

CONNECTIONS = BATCH
"""How many requests one process has under way at once: a whole batch."""

COUNTED_AT_ONCE = 20
"""How many public posts are asked about in one minute."""

LOOKED_THROUGH_AFTER = 20_000
"""New objects after which a worker's collector looks for cyclic garbage among them."""

URGENT = "engage.urgent"
"""A queue of its own, served in turn with the other: what is to go does not wait behind a campaign."""

log = structlog.get_logger(__name__)
app = Celery("engage", broker=broker_url())
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=False,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={"visibility_timeout": 300, "socket_timeout": 5, "socket_connect_timeout": 5},
    task_queues={"engage": {}, URGENT: {}},
    task_default_queue="engage",
    task_routes={"engage.take_down": {"queue": URGENT}},
    timezone="UTC",
)


@signals.setup_logging.connect  # type: ignore[untyped-decorator]
def _logs(**_: object) -> None:
    configure_logs()


@signals.worker_init.connect  # type: ignore[untyped-decorator]
def _warm(**_: object) -> None:
    """Read the policy and load the platforms' libraries once, before the fork: each process has both at once.

    A worker begins also where the database is away; its processes then read for themselves, later. What is
    loaded stays, so the collector of cyclic garbage need not walk it again and again; and it looks after every
    20,000 new objects instead of 700, which is a few posts: it showed clearly among what a campaign costs.
    """
    try:
        open_engage().warm_up()
    except (EngageError, DBAPIError) as error:
        log.warning("not_warmed_up", reason=str(error))
    gc.collect()
    gc.freeze()
    gc.set_threshold(LOOKED_THROUGH_AFTER)


@app.task(name="engage.deliver")  # type: ignore[untyped-decorator]
def deliver(delivery_ids: Sequence[str]) -> None:
    """Send a batch of leased deliveries."""
    ids = [UUID(each) for each in delivery_ids]
    states = send_together(ids, counter=open_engage().counter, worker=_worker(), beside=_beside)
    for each, state in states.items():
        log.info("delivery_worked", delivery=str(each), state=state.value if state else "not_ours")


@app.task(name="engage.look_up")  # type: ignore[untyped-decorator]
def look_up_unknown(delivery_ids: Sequence[str]) -> None:
    """Ask the platforms about a batch of unknown deliveries."""
    _each(_look_up, delivery_ids)


@app.task(name="engage.take_down")  # type: ignore[untyped-decorator]
def take_down_public(delivery_ids: Sequence[str]) -> None:
    """Ask the platforms to delete a batch of public posts."""
    _each(_take_down, delivery_ids)


@app.task(name="engage.look_after_accounts")  # type: ignore[untyped-decorator]
def look_after_accounts(account_ids: Sequence[str]) -> None:
    """Say that a worker is at work; ask whether these accounts' tokens work, and what became of public posts."""
    open_engage().seen(_worker(), role="worker")
    for each in account_ids:
        _check(each)
    with open_engage().counter.engagement() as book:
        to_count = book.to_count(COUNTED_AT_ONCE, now=book.clock())
    for delivery_id in to_count:
        _count(delivery_id)


@app.task(name="engage.reconsider")  # type: ignore[untyped-decorator]
def reconsider() -> None:
    """Judge what is signed off as the world stands now; what the policy would stop goes back to its people."""
    for post_id in open_engage().reconsider():
        log.info("sent_back", post=str(post_id))


@app.task(name="engage.keep_campaigns_up")  # type: ignore[untyped-decorator]
def keep_campaigns_up() -> None:
    """Write what campaigns have ahead of them; send back what nobody signed in time, or what has aged."""
    wrote, back = keep_up(open_engage()), send_back_all(open_engage())
    if wrote or back:
        log.info("campaigns_kept_up", written=wrote, sent_back=back)


@functools.cache
def _connections() -> ThreadPoolExecutor:
    """The threads of this process for requests; made in the process that uses them, never before a fork."""
    return ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="request")


def _beside(delivery_id: UUID, call: Callable[[], None]) -> None:
    _connections().submit(_about, delivery_id, call)


def _about(delivery_id: UUID, call: Callable[[], None]) -> None:
    with working_on(delivery=str(delivery_id)):
        call()


def _check(account_id: str) -> None:
    with working_on(account=account_id):
        found = check(account_id, desk=open_engage().counter)
        say = log.warning if found and found.state is TokenState.REVOKED else log.info
        say("account_checked", state=found.state.value if found else "off")


def _count(delivery_id: UUID) -> None:
    with working_on(delivery=str(delivery_id)):
        found = count(delivery_id, desk=open_engage().counter)
        log.info("delivery_counted", counted=isinstance(found, Counted))


def _worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _look_up(delivery_id: UUID) -> None:
    with working_on(delivery=str(delivery_id)):
        look_up(delivery_id, counter=open_engage().counter)
        log.info("delivery_looked_up")


def _take_down(delivery_id: UUID) -> None:
    with working_on(delivery=str(delivery_id)):
        said = take_down(delivery_id, desk=open_engage().counter)
        log.info("take_down_worked", said=type(said).__name__ if said else "nothing_to_do")


def _each(work: Callable[[UUID], None], delivery_ids: Sequence[str]) -> None:
    """Do the work for every id; what fails is raised once all others are done."""
    futures = [_connections().submit(work, UUID(each)) for each in delivery_ids]
    wait(futures)
    for future in futures:
        future.result()
