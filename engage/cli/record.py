"""`engage audit`: the record is whole, and one post's disclosure pack."""

import sys
from uuid import UUID

import click

from engage.cli.output import NO, json_option, plain_errors, print_json
from engage.posts.errors import BadInput
from engage.wiring import open_engage


@click.group()
def audit() -> None:
    """The append-only record."""


@audit.command("verify")
@json_option
@plain_errors
def verify(*, as_json: bool) -> None:
    """Walk the whole chain; exit 1 and name the first broken entry if it was tampered with."""
    with open_engage().transaction() as unit:
        chain = unit.audit.verify()
    if as_json:
        print_json(chain.to_json())
    elif chain.whole:
        click.echo(f"The record is whole: {chain.entries:,} entries, head {chain.head[:16]}.")
    else:
        click.echo(f"The record was tampered with: {chain.problem}.", err=True)
    if not chain.whole:
        sys.exit(NO)


@audit.command("export")
@click.argument("post")
@plain_errors
def export(post: str) -> None:
    """Print the disclosure pack of one post as JSON: words, evidence, sign-offs, decisions, deliveries."""
    try:
        post_id = UUID(post)
    except ValueError as error:
        raise BadInput(f"“{post}” is not a post's id.", where="audit export") from error
    engage = open_engage()
    with engage.transaction() as unit:
        print_json(engage.disclosure_pack(unit, post_id))


commands = (audit,)
