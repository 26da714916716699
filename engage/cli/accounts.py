"""`engage account`: who speaks where, with which tokens, and whether those work."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

import click

from engage.cli.output import NO, json_option, plain_errors, print_json, print_table
from engage.cli.people import operator
from engage.delivery import health
from engage.delivery.ports import Account, Health, TokenState
from engage.delivery.prices import mills
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform
from engage.posts.places import borough as borough_called
from engage.wiring import Engage, open_engage

_credentials = click.option(
    "--credentials", type=click.File(), required=True, help="A JSON file of its tokens; - for standard input."
)


@click.group()
def account() -> None:
    """Platform accounts and whether their tokens work."""


@account.command("add")
@click.argument("platform", type=click.Choice([each.value for each in Platform]))
@click.argument("handle")
@click.option("--borough", help="The borough it speaks for; the whole force where not given.")
@click.option("--server", help="Its own Mastodon instance or Bluesky server, from https:// on.")
@_credentials
@json_option
@plain_errors
def add(
    *,
    platform: str,
    handle: str,
    borough: str | None,
    server: str | None,
    credentials: TextIO,
    as_json: bool,
) -> None:
    """Keep an account with its tokens encrypted. Tokens are read from a file, never from the command line."""
    tokens = _tokens(credentials)
    place = borough_called(borough).name if borough else None
    engage = open_engage()
    asked = Account(
        id=f"{platform}:{handle}",
        platform=Platform(platform),
        handle=handle,
        base_url=server,
        credentials=tokens,
    )
    _refuse_what_does_not_work(engage, asked)
    with engage.transaction() as unit:
        added = unit.accounts.add(
            Platform(platform), handle, credentials=tokens, borough=place, base_url=server
        )
        engage.write(unit, operator(), "account added", f"account:{added.id}", borough=place)
    _print_accounts([added], as_json=as_json)


@account.command("renew")
@click.argument("account_id")
@_credentials
@plain_errors
def renew(*, account_id: str, credentials: TextIO) -> None:
    """Give an account new tokens; posts that waited for them go on."""
    tokens = _tokens(credentials)
    engage = open_engage()
    with engage.transaction() as unit:
        known = unit.accounts.get(account_id)
    _refuse_what_does_not_work(
        engage,
        Account(
            id=known.id,
            platform=known.platform,
            handle=known.handle,
            base_url=known.base_url,
            credentials=tokens,
        ),
    )
    with engage.transaction() as unit:
        unit.accounts.renew(account_id, tokens)
        engage.write(unit, operator(), "account renewed", f"account:{account_id}")
    found = health.check(account_id, desk=engage.counter)
    click.echo(f"{account_id} has new tokens. {found.detail if found else 'Not switched on here.'}")


@account.command("remove")
@click.argument("account_id")
@plain_errors
def remove(*, account_id: str) -> None:
    """Stop speaking by an account. What still waits to leave by it lapses to its people; its tokens are destroyed."""
    sent_back = open_engage().remove_account(account_id, by=operator())
    click.echo(f"{account_id} was removed. {sent_back} deliveries lapsed to a person.")


@account.command("budget")
@click.argument("account_id")
@click.option("--posts", type=click.IntRange(min=0), help="The most posts in a calendar month.")
@click.option("--money", help='The most its platform may charge in a month, such as "25.00".')
@plain_errors
def budget(*, account_id: str, posts: int | None, money: str | None) -> None:
    """Set what an account may spend in each calendar month; without options it is not limited."""
    most = None if money is None else mills(money, where="--money")
    engage = open_engage()
    with engage.transaction() as unit:
        unit.accounts.get(account_id)
        unit.budgets.allow(account_id, posts=posts, mills=most)
        engage.write(unit, operator(), "budget set", f"account:{account_id}", posts=posts, money=money)
    click.echo(f"The budget of {account_id} is set.")


@account.command("rotate-keys")
@plain_errors
def rotate_keys() -> None:
    """Lock every account's tokens under the first key of ENGAGE_TOKEN_KEYS. Safe to run twice."""
    engage = open_engage()
    with engage.transaction() as unit:
        count = unit.accounts.rotate()
        engage.write(unit, operator(), "token keys rotated", "accounts", accounts=count)
    click.echo(f"{count} accounts are locked under the first key. The keys behind it are no longer needed.")


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
    for unknown in sorted(set(account_ids) - known):
        raise BadInput(f"There is no account {unknown}.", where="account check")
    found = [
        _row(each, health.check(each, desk=engage.counter)) for each in sorted(set(account_ids) or known)
    ]
    if as_json:
        print_json(found)
    else:
        print_table("Tokens", ("account", "state", "detail"), [tuple(row.values()) for row in found])
    if any(row["state"] == TokenState.REVOKED for row in found):
        sys.exit(NO)


commands = (account,)


def _tokens(file: TextIO) -> Mapping[str, str]:
    try:
        tokens = json.load(file)
    except ValueError as error:
        raise BadInput(f"is not JSON: {error}.", where=file.name) from error
    if not isinstance(tokens, dict) or not all(isinstance(each, str) for each in tokens.values()):
        raise BadInput('must be an object of texts, such as {"access_token": "…"}.', where=file.name)
    return tokens


def _refuse_what_does_not_work(engage: Engage, asked: Account) -> None:
    """A token that the platform refuses, or that is another account's, is never kept."""
    adapter = engage.adapters.get(asked.platform)
    found = adapter.check(asked) if adapter else None
    if found is not None and found.state is TokenState.REVOKED:
        raise BadInput(found.detail, where="--credentials", remedy="Nothing was kept.")


def _row(account_id: str, found: Health | None) -> dict[str, str]:
    state, detail = (found.state.value, found.detail) if found else ("off", "not switched on here")
    return {"account": account_id, "state": state, "detail": detail}


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
