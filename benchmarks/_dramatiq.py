"""Dramatiq: an actor's message for each post that only makes the request. Run as a module it hands over jobs."""

import os
from collections.abc import Sequence

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from benchmarks._posting import Job, enqueue, post

dramatiq.set_broker(RedisBroker(url=os.environ["REDIS_URL"]))


@dramatiq.actor(max_retries=0)
def make_request(job: Job) -> None:
    """Make the one request."""
    post(job)


def hand_over(jobs: Sequence[Job]) -> None:
    """One message for each job."""
    for job in jobs:
        make_request.send(job)


if __name__ == "__main__":
    enqueue(hand_over)
