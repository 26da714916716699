"""`engage dispatcher`, `worker` and `deliveries`: what leaves, and who carries it."""

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import click

from engage.cli.output import json_option, plain_errors, print_json, print_table
from engage.cli.people import operator
from engage.delivery.ledger import Delivery
from engage.delivery.takedown import Takedown
from engage.posts.clock import show
from engage.posts.errors import BadInput
from engage.signoff.taking_down import take_down as ask_take_down
from engage.wiring import open_engage


@click.command()
@plain_errors
def dispatcher() -> None:
    """Claim what is due and wake the workers, until stopped. Any number may run."""
    from engage.dispatching import run  # noqa: PLC0415 - brings the broker with it

    run()


@click.command()
@click.option("--concurrency", default=2, show_default=True)
@plain_errors
def worker(*, concurrency: int) -> None:
    """Run a Celery worker in place of this process."""
    command = [sys.executable, "-m", "celery", "-A", "engage.tasks", "worker"]
    options = [
        "--concurrency",
        str(concurrency),
        "--loglevel",
        "INFO",
        "--without-gossip",
        "--without-mingle",
    ]
    os.execv(sys.executable, [*command, *options])  # noqa: S606 - a list, and no shell


@click.group()
def deliveries() -> None:
    """What was left for delivery and where it stands."""


@deliveries.command("list")
@click.option("--needing-person", is_flag=True, help="Only those that a person must decide.")
@json_option
@plain_errors
def deliveries_list(*, needing_person: bool, as_json: bool) -> None:
    """Count deliveries by state, or list those that need a person."""
    engage = open_engage()
    with engage.transaction() as unit:
        counts = {state.value: count for state, count in unit.deliveries.counts().items()}
        waiting = unit.deliveries.needing_person() if needing_person else []
        withheld = engage.withheld(unit, waiting)
    if needing_person:
        said = [replace(each, reason=withheld.get(each.id, each.reason)) for each in waiting]
        _print_deliveries(said, as_json=as_json)
    elif as_json:
        print_json(counts)
    else:
        print_table("Deliveries", ("state", "count"), list(counts.items()))


@deliveries.command("resolve")
@click.argument("delivery_id", type=click.UUID)
@click.option("--seen-at", help="The address where you see it on the platform.")
@click.option("--give-up", is_flag=True, help="It is not there and is not to be sent again.")
@json_option
@plain_errors
def resolve(*, delivery_id: UUID, seen_at: str | None, give_up: bool, as_json: bool) -> None:
    """Decide what became of an unknown delivery."""
    if bool(seen_at) == give_up:
        raise BadInput("say either --seen-at ADDRESS or --give-up.", where="deliveries resolve")
    engage = open_engage()
    with engage.transaction() as unit:
        ledger, by = unit.deliveries, operator()
        settled = (
            engage.confirm_public(unit, delivery_id, link=seen_at, by=by.name)
            if seen_at
            else ledger.give_up(delivery_id, by=by.name, now=ledger.clock())
        )
        engage.write(
            unit,
            by,
            "delivery resolved",
            str(settled.post_id),
            delivery=str(delivery_id),
            to=settled.state.value,
        )
    _print_deliveries([settled], as_json=as_json)


@deliveries.command("take-down")
@click.argument("post_id", type=click.UUID)
@click.option("--reason", required=True, help="Why it has to go; it stays on record.")
@json_option
@plain_errors
def take_down(*, post_id: UUID, reason: str, as_json: bool) -> None:
    """Have what is public of a post deleted on every platform; what has not left never will."""
    engage = open_engage()
    with engage.transaction() as unit:
        ask_take_down(engage.desk(unit), unit.takedowns, post_id, by=operator(), reason=reason)
        asked = list(unit.takedowns.of_post(post_id).values())
    _print_takedowns(asked, as_json=as_json)


@deliveries.command("taken-down")
@click.argument("post_id", type=click.UUID)
@json_option
@plain_errors
def taken_down(*, post_id: UUID, as_json: bool) -> None:
    """How the taking down of a post stands on each platform."""
    with open_engage().transaction() as unit:
        found = list(unit.takedowns.of_post(post_id).values())
    _print_takedowns(found, as_json=as_json)


commands = (dispatcher, worker, deliveries)


def _print_takedowns(found: Sequence[Takedown], *, as_json: bool) -> None:
    if as_json:
        print_json([each.to_json() for each in found])
        return
    rows = [
        (
            each.delivery_id,
            "To be removed by hand" if each.needs_person else each.state.label,
            show(each.gone_at) if each.gone_at else "",
            each.said or "",
        )
        for each in found
    ]
    print_table("Taking down", ("delivery", "state", "gone at", "last answer"), rows)


def _print_deliveries(found: Sequence[Delivery], *, as_json: bool) -> None:
    if as_json:
        print_json([each.to_json() for each in found])
        return
    rows = [
        (each.id, each.platform.label, each.handle, each.state.label, show(each.due_at), each.reason or "")
        for each in found
    ]
    print_table("Deliveries", ("id", "platform", "account", "state", "due", "why"), rows)
