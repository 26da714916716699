"""`engage hold`, `engage window` and `engage case`: the regimes that decisions depend on."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import click

from engage.cli.output import json_option, plain_errors, print_json, print_table
from engage.cli.people import operator
from engage.posts.clock import show
from engage.posts.errors import BadInput
from engage.posts.references import case_reference
from engage.signoff.cases import read_fact
from engage.signoff.regimes import Hold, HoldScope, Window, lift_hold, open_window, place_hold
from engage.wiring import open_engage


@click.group()
def hold() -> None:
    """Stop publishing, by force, borough, kind, platform or topic."""


@hold.command("add")
@click.option("--borough")
@click.option("--kind")
@click.option("--platform")
@click.option("--topic")
@click.option("--force", "whole_force", is_flag=True, help="The whole force.")
@click.option("--reason", required=True, help="Everyone who is stopped by it will read this.")
@json_option
@plain_errors
def hold_add(
    *,
    borough: str | None,
    kind: str | None,
    platform: str | None,
    topic: str | None,
    whole_force: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Put a hold in force. When this returns, nothing held leaves."""
    given = {
        HoldScope.BOROUGH: borough,
        HoldScope.KIND: kind,
        HoldScope.PLATFORM: platform,
        HoldScope.TOPIC: topic,
        HoldScope.FORCE: "" if whole_force else None,
    }
    scopes = [(scope, value) for scope, value in given.items() if value is not None]
    if len(scopes) != 1:
        raise BadInput("name one scope: --force, --borough, --kind, --platform or --topic.", where="hold add")
    engage = open_engage()
    with engage.transaction() as unit:
        placed = place_hold(engage.desk(unit), unit.regimes, *scopes[0], reason=reason, by=operator())
    _print_holds([placed], as_json=as_json)


@hold.command("lift")
@click.argument("hold_id", type=int)
@json_option
@plain_errors
def hold_lift(*, hold_id: int, as_json: bool) -> None:
    """Lift a hold. Every post it stopped is asked to be approved again."""
    engage = open_engage()
    with engage.transaction() as unit:
        again = lift_hold(
            engage.desk(unit), unit.regimes, hold_id, by=operator(), signed_off=engage.signed_off(unit)
        )
    if as_json:
        print_json({"lifted": hold_id, "approval_asked_again": [str(each) for each in again]})
    else:
        click.echo(f"Hold {hold_id} is lifted. Posts to be approved again: {len(again)}.")


@hold.command("list")
@click.option("--all", "lifted", is_flag=True, help="Also those lifted.")
@json_option
@plain_errors
def hold_list(*, lifted: bool, as_json: bool) -> None:
    """List the holds in force."""
    with open_engage().transaction() as unit:
        holds = unit.regimes.holds(lifted=lifted)
    _print_holds(holds, as_json=as_json)


@click.group()
def window() -> None:
    """Dated regimes, such as a pre-election period."""


@window.command("add")
@click.option("--kind", default="pre_election", show_default=True)
@click.option("--borough", help="All of London where not given.")
@click.option("--from", "starts", type=click.DateTime(["%Y-%m-%d"]), required=True)
@click.option("--to", "ends", type=click.DateTime(["%Y-%m-%d"]), required=True)
@click.option("--poll", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--note", default="")
@json_option
@plain_errors
def window_add(
    *,
    kind: str,
    borough: str | None,
    starts: datetime,
    ends: datetime,
    poll: datetime | None,
    note: str,
    as_json: bool,
) -> None:
    """Add a dated regime."""
    engage = open_engage()
    with engage.transaction() as unit:
        asked = Window(
            kind=kind,
            borough=borough,
            starts=starts.date(),
            ends=ends.date(),
            poll=poll.date() if poll else None,
            note=note,
        )
        added = open_window(
            engage.desk(unit), unit.regimes, asked, by=operator(), queued=engage.signed_off(unit)
        )
    _print_windows([added], as_json=as_json)


@window.command("list")
@click.option("--borough")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Only those open on this day.")
@json_option
@plain_errors
def window_list(*, borough: str | None, on: datetime | None, as_json: bool) -> None:
    """List the windows, earliest first."""
    with open_engage().transaction() as unit:
        windows = unit.regimes.windows(on=on.date() if on else None, borough=borough)
    _print_windows(windows, as_json=as_json)


@click.group()
def case() -> None:
    """What is known of a case, by its reference."""


@case.command("set")
@click.argument("reference")
@click.argument("facts", nargs=-1, required=True, metavar="FIELD=VALUE…")
@json_option
@plain_errors
def case_set(*, reference: str, facts: Sequence[str], as_json: bool) -> None:
    """Record a change of a case and judge its queued posts again: `case set 1204/03OCT status=charged`."""
    changed = dict(_fact(each) for each in facts)
    engage = open_engage()
    with engage.transaction() as unit:
        done = engage.case_changed(unit, reference, changed, by=operator())
        known = unit.regimes.case(case_reference(reference))
    back, public = [str(each) for each in done.sent_back], [str(each) for each in done.still_public]
    if as_json:
        print_json(
            {"reference": reference, "case": known, "approval_asked_again": back, "still_public": public}
        )
    else:
        click.echo(f"Case {reference}: {known}. Posts sent back to the queue: {len(back)}.")
        for each in public:
            click.echo(
                f"Public, and would not be let out now: {each}. Take it down, correct it, or leave it."
            )


commands = (hold, window, case)


def _fact(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise BadInput(f"“{text}” is not FIELD=VALUE.", where="case set")
    return read_fact(name, value)


def _print_holds(holds: Sequence[Hold], *, as_json: bool) -> None:
    if as_json:
        print_json([_hold_json(each) for each in holds])
        return
    rows = [
        (each.id, each.where, each.reason, each.placed_by, show(each.placed_at), each.lifted_by or "")
        for each in holds
    ]
    print_table("Holds", ("id", "stops", "why", "placed by", "since", "lifted by"), rows)


def _hold_json(each: Hold) -> dict[str, Any]:
    return {
        "id": each.id,
        "scope": each.scope.value,
        "value": each.value,
        "reason": each.reason,
        "placed_by": each.placed_by,
        "placed_at": each.placed_at.isoformat(),
        "lifted_by": each.lifted_by,
        "lifted_at": each.lifted_at.isoformat() if each.lifted_at else None,
    }


def _print_windows(windows: Sequence[Window], *, as_json: bool) -> None:
    if as_json:
        print_json([_window_json(each) for each in windows])
        return
    rows = [
        (w.id, w.kind, w.borough or "London", _day(w.starts), _day(w.ends), _day(w.poll)) for w in windows
    ]
    print_table("Windows", ("id", "kind", "where", "from", "to", "poll"), rows)


def _window_json(each: Window) -> dict[str, Any]:
    return {
        "id": each.id,
        "kind": each.kind,
        "borough": each.borough,
        "starts": _day(each.starts),
        "ends": _day(each.ends),
        "poll": _day(each.poll) or None,
        "note": each.note,
    }


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
