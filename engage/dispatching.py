"""The dispatcher's process: rounds of `engage.delivery.dispatcher`, woken by PostgreSQL or by the clock."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from kombu.exceptions import OperationalError as BrokerDown

from engage.delivery.dispatcher import go_round
from engage.posts.errors import Unavailable
from engage.tasks import (
    deliver,
    keep_campaigns_up,
    look_after_accounts,
    look_up_unknown,
    reconsider,
    take_down_public,
)
from engage.wiring import Engage, configure_logs, open_engage
from engage.wiring.waking import Waker

MINUTE = 60.0
ACCOUNTS_AT_ONCE = 20
RETRY_AFTER = timedelta(seconds=2)
log = structlog.get_logger(__name__)


def run() -> None:
    """Go round until SIGTERM or Ctrl-C. A database or broker that is away is waited for."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    configure_logs()
    engage = open_engage()
    name = f"{socket.gethostname()}:{os.getpid()}"
    log.info("dispatcher_started", by=name)
    chores = threading.Thread(target=_every_minute, args=(engage, name, stop), name="every minute")
    chores.start()
    try:
        with Waker(engine=engage.engine) as waker:
            while not stop.is_set():
                waker.wait(_one_round(engage, name), stop)
    finally:
        stop.set()  # also where a round broke: a process that only does its chores would look alive
        chores.join()
    log.info("dispatcher_stopped", by=name)


def _every_minute(engage: Engage, name: str, stop: threading.Event) -> None:
    """What is to be done at once and then every minute, beside the rounds: no post waits for it."""
    while not stop.is_set():
        try:
            _look_after_accounts(engage, name)
            _reconsider()
            _keep_campaigns_up()
        except Exception:
            log.exception("chores_failed")  # the next minute tries again; posts go out meanwhile
        stop.wait(MINUTE)


def _look_after_accounts(engage: Engage, name: str) -> None:
    """Say that this dispatcher is at work, and have a worker ask about tokens and say that it is too."""
    try:
        with engage.counter.accounts() as book:
            accounts = book.to_check(ACCOUNTS_AT_ONCE, now=book.clock())
        engage.seen(name, role="dispatcher")
        look_after_accounts.apply_async((list(accounts),), retry=False, expires=MINUTE)
    except (Unavailable, BrokerDown) as error:
        log.warning("accounts_not_looked_after", reason=str(error))


def _reconsider() -> None:
    """Have a worker judge again what is signed off: a case, a window or the clock may have changed."""
    try:
        reconsider.apply_async(retry=False, expires=MINUTE)
    except BrokerDown as error:
        log.warning("nothing_reconsidered", reason=str(error))


def _keep_campaigns_up() -> None:
    """Have a worker write campaigns ahead: their posts are there long before they are due."""
    try:
        keep_campaigns_up.apply_async(retry=False, expires=MINUTE)
    except BrokerDown as error:
        log.warning("campaigns_not_written_ahead", reason=str(error))


def _one_round(engage: Engage, name: str) -> timedelta:
    try:
        done = go_round(
            engage.counter,
            by=name,
            send=_waking(deliver),
            look_up=_waking(look_up_unknown),
            take_down=_waking(take_down_public),
        )
    except Unavailable as error:
        log.warning("database_away", reason=str(error))
        return RETRY_AFTER
    except BrokerDown as error:
        log.warning("broker_away", reason=str(error))
        return RETRY_AFTER
    if done.to_send or done.to_look_up or done.to_take_down:
        log.info(
            "woke_workers",
            deliveries=len(done.to_send),
            look_ups=len(done.to_look_up),
            take_downs=len(done.to_take_down),
        )
    return done.sleep


def _waking(task: Callable[..., object]) -> Callable[[Sequence[UUID]], None]:
    def wake(ids: Sequence[UUID]) -> None:
        task.apply_async(([str(each) for each in ids],), retry=False)  # type: ignore[attr-defined]

    return wake
