"""`engage account`, `dispatcher`, `worker` and `deliveries`: what leaves, and who carries it."""

import json
import os
import sys
from collections.abc import Sequence
from typing import TextIO
from uuid import UUID

import click

from engage.cli.output import NO, json_option, plain_errors, print_json, print_table
from engage.cli.people import operator
from engage.delivery.ledger import Delivery
from engage.delivery.ports import Account, TokenState
from engage.posts.clock import show, utc_now
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform
from engage.posts.places import borough as borough_called
from engage.wiring import open_engage


@click.group()
def account() -> None:
    """Platform accounts and whether their tokens work."""


@account.command("add")
@click.argument("platform", type=click.Choice([each.value for each in Platform]))
@click.argument("handle")
@click.option("--borough", help="The borough it speaks for; the whole force where not given.")
@click.option(
    "--credentials", type=click.File(), required=True, help="A JSON file of its tokens; - for standard input."
)
@json_option
@plain_errors
def add(*, platform: str, handle: str, borough: str | None, credentials: TextIO, as_json: bool) -> None:
    """Keep an account with its tokens encrypted. Tokens are read from a file, never from the command line."""
    try:
        tokens = json.load(credentials)
    except ValueError as error:
        raise BadInput(f"is not JSON: {error}.", where=credentials.name) from error
    if not isinstance(tokens, dict) or not all(isinstance(each, str) for each in tokens.values()):
        raise BadInput('must be an object of texts, such as {"access_token": "…"}.', where=credentials.name)
    place = borough_called(borough).name if borough else None
    engage = open_engage()
    with engage.transaction() as unit:
        added = unit.accounts.add(Platform(platform), handle, credentials=tokens, borough=place)
        engage.write(unit, operator(), "account added", f"account:{added.id}", borough=place)
    _print_accounts([added], as_json=as_json)


@account.command("list")
@json_option
@plain_errors
def list_(*, as_json: bool) -> None:
    """List the accounts, without their tokens."""
    with open_engage().transaction() as unit:
        accounts = unit.accounts.all()
    _print_accounts(accounts, as_json=as_json)


@account.command("check")
@click.argument("account_ids", nargs=-1)
@json_option
@plain_errors
def check(*, account_ids: Sequence[str], as_json: bool) -> None:
    """Ask each platform whether an account's token works; exit 1 where one was revoked."""
    engage = open_engage()
    with engage.transaction() as unit:
        known = {each.id for each in unit.accounts.all()}
        for unknown in set(account_ids) - known:
            raise BadInput(f"There is no account {unknown}.", where="account check")
        accounts = [unit.accounts.with_tokens(each) for each in sorted(set(account_ids) or known)]
    found = []
    for each in accounts:
        adapter = engage.adapters.get(each.platform)
        health = adapter.check(each) if adapter else None
        state, detail = (health.state.value, health.detail) if health else ("off", "not switched on here")
        found.append({"account": each.id, "state": state, "detail": detail})
    with engage.transaction() as unit:
        for row in found:
            unit.accounts.checked(row["account"], health=row["state"], now=utc_now())
    if as_json:
        print_json(found)
    else:
        print_table("Tokens", ("account", "state", "detail"), [tuple(row.values()) for row in found])
    if any(row["state"] == TokenState.REVOKED for row in found):
        sys.exit(NO)


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
    with open_engage().transaction() as unit:
        counts = {state.value: count for state, count in unit.deliveries.counts().items()}
        waiting = unit.deliveries.needing_person()
    if needing_person:
        _print_deliveries(waiting, as_json=as_json)
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
            ledger.confirm_sent(delivery_id, url=seen_at, by=by.name, now=ledger.clock())
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


commands = (account, dispatcher, worker, deliveries)


def _print_accounts(accounts: Sequence[Account], *, as_json: bool) -> None:
    rows = [
        {"id": each.id, "platform": each.platform.value, "handle": each.handle, "borough": each.borough}
        for each in accounts
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(
            "Accounts",
            ("id", "handle", "borough"),
            [(r["id"], r["handle"], r["borough"] or "London") for r in rows],
        )


def _print_deliveries(found: Sequence[Delivery], *, as_json: bool) -> None:
    if as_json:
        print_json([each.to_json() for each in found])
        return
    rows = [
        (each.id, each.platform.label, each.handle, each.state.label, show(each.due_at), each.reason or "")
        for each in found
    ]
    print_table("Deliveries", ("id", "platform", "account", "state", "due", "why"), rows)
