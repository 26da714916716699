"""The Celery app and its two tasks. A task is a door: it takes ids and calls one function."""

import os
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import UUID

from celery import Celery

from engage.delivery.sending import look_up, send
from engage.wiring import broker_url, open_engage

CONNECTIONS = 8
"""How many requests one batch has under way at once."""

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
    broker_transport_options={"visibility_timeout": 300, "socket_timeout": 5, "socket_connect_timeout": 5},
    task_default_queue="engage",
    timezone="UTC",
)


@app.task(name="engage.deliver")
def deliver(delivery_ids: Sequence[str]) -> None:
    """Send a batch of leased deliveries."""
    worker = f"{socket.gethostname()}:{os.getpid()}"
    _each(delivery_ids, partial(send, counter=open_engage().counter, worker=worker))


@app.task(name="engage.look_up")
def look_up_unknown(delivery_ids: Sequence[str]) -> None:
    """Ask the platforms about a batch of unknown deliveries."""
    _each(delivery_ids, partial(look_up, counter=open_engage().counter))


def _each(delivery_ids: Sequence[str], work: Any) -> None:
    """Do the work for every id; what fails is raised once all others are done."""
    with ThreadPoolExecutor(min(CONNECTIONS, len(delivery_ids) or 1)) as pool:
        for future in [pool.submit(work, UUID(each)) for each in delivery_ids]:
            future.result()
