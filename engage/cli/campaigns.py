"""`engage campaign`: what comes round by itself. Beginning, handing in and stopping are the operator's; a signature is a person's."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

import click

from engage.cli.campaigns_printed import (
    batch_json,
    campaign_json,
    print_batch,
    print_campaigns,
    print_first_round,
    print_standing,
    round_json,
    standing_json,
)
from engage.cli.drafts import stated
from engage.cli.output import NO, json_option, plain_errors, print_json
from engage.cli.people import operator
from engage.drafting.ahead import topic_of
from engage.posts.campaign import Campaign
from engage.posts.clock import utc_now
from engage.posts.errors import BadInput
from engage.posts.kinds import DRAFTED_FOR, Platform
from engage.posts.people import Person, Role
from engage.posts.places import BOROUGHS
from engage.posts.post import Post
from engage.posts.recurrence import Recurrence
from engage.signoff import campaigns as acts
from engage.signoff.refusals import NotYours, WordsChanged
from engage.store.unit import Unit
from engage.wiring import Engage, open_engage
from engage.wiring import campaign_aged as aged
from engage.wiring import campaigns as wiring
from engage.wiring.campaign_reading import first_round, signable, standing
from engage.wiring.campaigns import Batch

SHORTEST_NAME = 8
id_argument = click.argument("name", metavar="ID")
reason_option = click.option("--reason", required=True, help="Everybody who asks why will read this.")


@click.group()
def campaign() -> None:
    """One wording that comes round by itself, each of its posts signed off in its exact words."""


@campaign.command()
@click.option("--title", required=True, help="For the press office; the public does not see it.")
@click.option("--template", required=True, help="The wording: advice or figures.")
@click.option(
    "--rule",
    required=True,
    help='When it comes round, as RFC 5545 has it: "FREQ=WEEKLY;BYDAY=TU;UNTIL=20270131".',
)
@click.option("--first", required=True, help="The first day and the time, London's: 2027-01-05T17:00.")
@click.option("--borough", "boroughs", multiple=True, help="May be given more than once.")
@click.option("--all-boroughs", is_flag=True, help="All 32.")
@click.option("--platform", "platforms", multiple=True, type=click.Choice([each.value for each in Platform]))
@click.option("--topic", help="What its figures are about, where the wording has any.")
@click.option("--set", "settings", multiple=True, metavar="FIELD=VALUE", help="What is the same every time.")
@click.option("--preview", is_flag=True, help="Show what the first time would make, and keep nothing.")
@json_option
@plain_errors
def begin(
    *,
    title: str,
    template: str,
    rule: str,
    first: str,
    boroughs: Sequence[str],
    all_boroughs: bool,
    platforms: Sequence[str],
    topic: str | None,
    settings: Sequence[str],
    preview: bool,
    as_json: bool,
) -> None:
    """Begin a campaign and write its first posts. Nothing is handed in yet."""
    engage, by = open_engage(), operator()
    wording = engage.shelf.named(template)
    wanted = Campaign(
        id=uuid4(),
        title=title,
        recurrence=Recurrence.read(rule, first=_first(first)),
        template=template,
        topic=topic_of(wording, topic),
        stated=stated(settings),
        boroughs=tuple(place.name for place in BOROUGHS) if all_boroughs else tuple(boroughs),
        platforms=tuple(Platform(each) for each in platforms)
        or tuple(each for each in DRAFTED_FOR if each in wording.platforms),
        created_by=by.id,
        created_at=utc_now(),
    )
    made = first_round(engage, wanted, by=by)
    if preview:
        if as_json:
            print_json(round_json(wanted, made, engage.prices))
        else:
            print_first_round(wanted, made, engage.prices)
        return
    wiring.begin(engage, wanted, by=by)
    if as_json:
        print_json(campaign_json(wanted))
    else:
        click.echo(
            f"“{wanted.title}” is begun, as {wanted.id}. Read it with `engage campaign show {str(wanted.id)[:8]}`."
        )


@campaign.command("list")
@click.option("--all", "ended", is_flag=True, help="Also those that have ended.")
@json_option
@plain_errors
def list_(*, ended: bool, as_json: bool) -> None:
    """List the campaigns, newest first, with their state and their next time."""
    with open_engage().transaction() as unit:
        found, counts = unit.campaigns.all(), unit.campaigns.counts()
        soonest = unit.campaigns.next_times(utc_now())
    shown = [each for each in found if ended or each.state.value != "ended"]
    if as_json:
        print_json([campaign_json(each, soonest.get(each.id), counts.get(each.id)) for each in shown])
    else:
        print_campaigns(shown, soonest, counts)


@campaign.command()
@id_argument
@json_option
@plain_errors
def show(name: str, *, as_json: bool) -> None:
    """Show a campaign: each post's exact words, time and state, and the hash of what waits to be signed."""
    engage = open_engage()
    with engage.transaction() as unit:
        found = standing(engage, unit, _found(unit, name).id)
    if as_json:
        print_json(standing_json(found, engage.prices))
    else:
        print_standing(found, engage.prices)


@campaign.command("hand-in")
@id_argument
@json_option
@plain_errors
def hand_in(name: str, *, as_json: bool) -> None:
    """Hand in every post that the policy does not block; those written later are handed in by themselves."""
    engage = open_engage()
    with engage.transaction() as unit:
        asked = _found(unit, name)
    batch = wiring.hand_in(engage, asked.id, by=operator())
    _print_batch(batch, "Handed in", as_json=as_json)


@campaign.command("write-again")
@id_argument
@json_option
@plain_errors
def write_again(name: str, *, as_json: bool) -> None:
    """Write what has aged again, with the newest figures, and hand it in to be signed anew."""
    engage = open_engage()
    with engage.transaction() as unit:
        asked = _found(unit, name)
    batch = aged.write_again(engage, asked.id, by=operator())
    _print_batch(batch, "Written again", as_json=as_json)


@campaign.command()
@id_argument
@click.argument("hash_", metavar="HASH")
@click.option("--as", "username", required=True, help="Who signs; their password is asked for.")
@click.option("--password", prompt=True, hide_input=True)
@click.option(
    "--role",
    "asked_role",
    type=click.Choice([each.value for each in Role]),
    help="Where one could sign in several.",
)
@json_option
@plain_errors
def sign(
    name: str, hash_: str, *, username: str, password: str, asked_role: str | None, as_json: bool
) -> None:
    """Sign off the posts that `engage campaign show` printed under this hash, each in its exact words.

    Ends with 1 where what waits is no longer what was read, or where any post is refused.
    """
    engage = open_engage()
    with engage.transaction() as unit:
        by = _signer(unit, username, password)
        asked = _found(unit, name)
        found = standing(engage, unit, asked.id)
    ready = [each for each in found.waiting if not each.too_early(utc_now())]
    _must_have_read(hash_, acts.batch_hash([each.post for each in ready]))
    role, posts = _role(asked_role, signable(ready, by, utc_now()), by)
    read = {each.id: each.fingerprint for each in posts}
    batch = wiring.sign(engage, asked.id, by=by, role=role, having_read=read)
    _print_batch(batch, f"Signed as {role.label}", as_json=as_json)


@campaign.command()
@id_argument
@reason_option
@json_option
@plain_errors
def pause(name: str, *, reason: str, as_json: bool) -> None:
    """Keep everything of it in. When this returns, nothing of it leaves."""
    engage = open_engage()
    with engage.transaction() as unit:
        paused = acts.pause(
            engage.desk(unit), unit.campaigns, _found(unit, name).id, by=operator(), reason=reason
        )
    _print_done(engage, paused.id, "is paused. Nothing of it leaves.", as_json=as_json)


@campaign.command()
@id_argument
@json_option
@plain_errors
def resume(name: str, *, as_json: bool) -> None:
    """Let it run again. What was due meanwhile is not sent late."""
    engage = open_engage()
    with engage.transaction() as unit:
        asked = _found(unit, name)
        missed = acts.resume(engage.desk(unit), unit.campaigns, asked.id, by=operator())
    _print_done(engage, asked.id, f"runs again. Posts that lapsed meanwhile: {len(missed)}.", as_json=as_json)


@campaign.command()
@id_argument
@reason_option
@json_option
@plain_errors
def end(name: str, *, reason: str, as_json: bool) -> None:
    """End it for good; what has not left is withdrawn."""
    engage = open_engage()
    with engage.transaction() as unit:
        asked = _found(unit, name)
        gone = acts.end(engage.desk(unit), unit.campaigns, asked.id, by=operator(), reason=reason)
    _print_done(engage, asked.id, f"is ended. Posts withdrawn: {len(gone)}.", as_json=as_json)


commands = (campaign,)


def _first(text: str) -> datetime:
    try:
        first = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            f"“{text}” is no day and time.", where="--first", remedy="Write it as 2027-01-05T17:00."
        ) from None
    if first.tzinfo is not None:
        raise BadInput(
            "is London's time, without an offset.", where="--first", remedy="Write it as 2027-01-05T17:00."
        )
    return first


def _found(unit: Unit, name: str) -> Campaign:
    """The campaign of an id, or of its first characters. Raises BadInput."""
    if len(name) < SHORTEST_NAME:
        raise BadInput(f"give at least {SHORTEST_NAME} characters of the id.", where=f"ID {name}")
    found = [each for each in unit.campaigns.all() if str(each.id).startswith(name.lower())]
    if len(found) != 1:
        problem = "is no campaign." if not found else "begins the ids of several."
        raise BadInput(problem, where=f"ID {name}", remedy="`engage campaign list --all` names them.")
    return found[0]


def _signer(unit: Unit, username: str, password: str) -> Person:
    """A named person, not whoever has the shell: a signature is a person's."""
    person = unit.people.check_password(username, password)
    if person is None:
        raise NotYours("That name and password do not go together. Nothing was changed.")
    return person


def _role(
    asked: str | None, by_role: Mapping[Role, Sequence[Post]], by: Person
) -> tuple[Role, Sequence[Post]]:
    """The role to sign in, and what waits for it. Raises NotYours for nobody's, BadInput for one of several."""
    if not by_role or (asked is not None and Role(asked) not in by_role):
        raise NotYours(
            f"None of what waits is for {by.name} to sign: they wrote it, or another role is asked for."
        )
    if asked is None and len(by_role) > 1:
        names = ", ".join(each.value for each in by_role)
        raise BadInput("say in which role you sign.", where="--role", remedy=f"One of: {names}.")
    role = Role(asked) if asked else next(iter(by_role))
    return role, by_role[role]


def _must_have_read(given: str, waiting: str) -> None:
    if len(given) < SHORTEST_NAME:
        raise BadInput(f"give at least {SHORTEST_NAME} characters of the hash.", where=f"HASH {given}")
    if not waiting.startswith(given.lower()):
        raise WordsChanged(
            "What waits is no longer what was shown under this hash. Read it again with `engage campaign show`."
        )


def _print_batch(batch: Batch, done: str, *, as_json: bool) -> None:
    """What became of each post; ends with 1 where any was refused."""
    if as_json:
        print_json(batch_json(batch))
    else:
        print_batch(batch, done)
    if batch.refused:
        sys.exit(NO)


def _print_done(engage: Engage, campaign_id: UUID, done: str, *, as_json: bool) -> None:
    with engage.transaction() as unit:
        now = unit.campaigns.get(campaign_id)
    if as_json:
        print_json(campaign_json(now))
    else:
        click.echo(f"“{now.title}” {done}")
