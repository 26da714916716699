"""Procrastinate: a job in PostgreSQL for each post that only makes the request.

python -m benchmarks._procrastinate schema | work CONCURRENCY | enqueue
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector

from benchmarks._posting import Job, enqueue, post

app = App(connector=PsycopgConnector(conninfo=os.environ["DATABASE_URL"], min_size=4, max_size=10))


@app.task(name="post")
def make_request(job: Job) -> None:
    """Make the one request."""
    post(job)


async def work(concurrency: int) -> None:
    """Work until stopped, each job in a thread of its own."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(concurrency))
    async with app.open_async():
        await app.run_worker_async(concurrency=concurrency, delete_jobs="never")


def at_once(does: str) -> None:
    """Make the tables, or hand over jobs."""
    connector = SyncPsycopgConnector(conninfo=os.environ["DATABASE_URL"])
    with app.replace_connector(connector) as here, here.open():
        if does == "schema":
            here.schema_manager.apply_schema()
            return

        def hand_over(jobs: Sequence[Job]) -> None:
            here.tasks["post"].batch_defer(*({"job": job} for job in jobs))

        enqueue(hand_over)


if __name__ == "__main__":
    if sys.argv[1] == "work":
        asyncio.run(work(int(sys.argv[2])))
    else:
        at_once(sys.argv[1])
