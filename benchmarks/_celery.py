"""Bare Celery: a task for each post that only makes the request. `python -m benchmarks._celery` hands over jobs."""

import os
from collections.abc import Sequence

from celery import Celery

from benchmarks._posting import Job, enqueue, post

app = Celery("bare", broker=os.environ["REDIS_URL"])
app.conf.update(
    task_ignore_result=True,
    task_serializer="json",
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    worker_prefetch_multiplier=4,
    broker_connection_retry_on_startup=True,
)


@app.task(name="post")
def make_request(job: Job) -> None:
    """Make the one request."""
    post(job)


def hand_over(jobs: Sequence[Job]) -> None:
    """One message for each job, over one connection."""
    with app.producer_pool.acquire(block=True) as producer:
        for job in jobs:
            make_request.apply_async((job,), producer=producer, retry=False)


if __name__ == "__main__":
    enqueue(hand_over)
