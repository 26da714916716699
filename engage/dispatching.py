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
from engage.tasks import deliver, look_up_unknown
from engage.wiring import Engage, configure_logs, open_engage
from engage.wiring.waking import Waker

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
    with Waker(engine=engage.engine) as waker:
        while not stop.is_set():
            waker.wait(_one_round(engage, name), stop)
    log.info("dispatcher_stopped", by=name)


def _one_round(engage: Engage, name: str) -> timedelta:
    try:
        done = go_round(engage.counter, by=name, send=_waking(deliver), look_up=_waking(look_up_unknown))
    except Unavailable as error:
        log.warning("database_away", reason=str(error))
        return RETRY_AFTER
    except BrokerDown as error:
        log.warning("broker_away", reason=str(error))
        return RETRY_AFTER
    if done.to_send or done.to_look_up:
        log.info("woke_workers", deliveries=len(done.to_send), look_ups=len(done.to_look_up))
    return done.sleep


def _waking(task: Callable[..., object]) -> Callable[[Sequence[UUID]], None]:
    def wake(ids: Sequence[UUID]) -> None:
        task.apply_async(([str(each) for each in ids],), retry=False)  # type: ignore[attr-defined]

    return wake
