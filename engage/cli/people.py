"""`engage user`: the people who may sign in."""

import getpass
from collections.abc import Sequence

import click

from engage.cli.output import json_option, plain_errors, print_json, print_table
from engage.posts.clock import utc_now
from engage.posts.errors import BadInput
from engage.posts.people import PRESS_OFFICE, Person, Role
from engage.wiring import open_engage


def operator() -> Person:
    """Whoever has the shell: acts for the press office, and is on record as the operator it was."""
    name = getpass.getuser()
    return Person(id=f"operator:{name}", name=f"operator {name}", roles=PRESS_OFFICE)


@click.group()
def user() -> None:
    """People and their roles."""


@user.command("add")
@click.argument("username")
@click.option("--name", required=True)
@click.option("--role", "roles", multiple=True, required=True, help="May be given more than once.")
@click.option("--borough", "boroughs", multiple=True, help="A borough this person drafts for.")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@json_option
@plain_errors
def add(
    *, username: str, name: str, roles: Sequence[str], boroughs: Sequence[str], password: str, as_json: bool
) -> None:
    """Add a person; the password is asked for and never shown."""
    engage = open_engage()
    with engage.transaction() as unit:
        person = unit.people.add(
            username,
            name=name,
            password=password,
            roles=[_role(each) for each in roles],
            boroughs=boroughs,
            now=utc_now(),
        )
        engage.write(unit, operator(), "person added", f"person:{username}", **_json(person))
    _print([person], as_json=as_json)


@user.command("list")
@json_option
@plain_errors
def list_(*, as_json: bool) -> None:
    """List who may sign in."""
    with open_engage().transaction() as unit:
        people = unit.people.all()
    _print(people, as_json=as_json)


commands = (user,)


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError as error:
        known = ", ".join(role.value for role in Role)
        raise BadInput(f"“{name}” is no role.", where="--role", remedy=f"Use one of: {known}.") from error


def _print(people: Sequence[Person], *, as_json: bool) -> None:
    if as_json:
        print_json([_json(each) for each in people])
        return
    rows = [
        (each.id, each.name, ", ".join(sorted(each.roles)), ", ".join(sorted(each.boroughs)) or "—")
        for each in people
    ]
    print_table("People", ("username", "name", "roles", "boroughs"), rows)


def _json(person: Person) -> dict[str, object]:
    return {
        "username": person.id,
        "name": person.name,
        "roles": sorted(role.value for role in person.roles),
        "boroughs": sorted(person.boroughs),
    }
