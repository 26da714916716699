"""`engage campaign`: begun with a rule, read, signed by a person for exactly what was shown, paused, ended."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet
from sqlalchemy import Engine as Database

from engage import wiring
from engage.cli.campaigns import campaign
from engage.posts.clock import in_london, utc_now
from engage.posts.kinds import Platform
from engage.signoff import acts
from engage.wiring import Engage
from tests.demo.people import PASSWORD
from tests.signed_in import add_people

FIRST = f"{in_london(utc_now() + timedelta(days=1)):%Y-%m-%d}T10:00"
USUAL = {
    "--title": "Bikes",
    "--template": "prevention_bicycle_theft",
    "--rule": "FREQ=WEEKLY;COUNT=2",
    "--first": FIRST,
    "--borough": "Camden",
    "--platform": "x",
}


@pytest.fixture(autouse=True)
def installation(engine: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engage]:  # noqa: ARG001 - it empties the tables first
    """An installation named in the environment as an operator would, with people and two accounts on X."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("ENGAGE_TOKEN_KEYS", Fernet.generate_key().decode())
    monkeypatch.setenv("ENGAGE_OFFICE_HOURS", "always")
    wiring.open_engage.cache_clear()
    made = wiring.open_engage()
    with made.transaction() as unit:
        add_people(unit)
        unit.accounts.add(Platform.X, "MPSCamden", credentials={"token": "none"}, borough="Camden")
        unit.accounts.add(Platform.X, "MPSBrent", credentials={"token": "none"}, borough="Brent")
    yield made
    made.close()
    wiring.open_engage.cache_clear()


def run(*words: str, given: str | None = None, ends: int = 0) -> Result:
    told = CliRunner().invoke(campaign, words, input=given)
    assert told.exit_code == ends, told.output
    return told


def begun(*more: str, ends: int = 0, **changes: str) -> Result:
    options = {**USUAL, **{f"--{name}": value for name, value in changes.items()}}
    return run("begin", *(word for pair in options.items() for word in pair), *more, ends=ends)


def begun_id(*more: str) -> str:
    found: str = json.loads(begun("--json", *more).stdout)["id"]
    return found


def shown(campaign_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("show", campaign_id, "--json").stdout)
    return found


def signed(
    campaign_id: str, hash_: str, *, by: str = "press.lee", ends: int = 0, password: str = PASSWORD
) -> Result:
    return run(
        "sign", campaign_id, hash_, "--as", by, "--role", "press_officer", given=f"{password}\n", ends=ends
    )


def test_a_campaign_is_begun_read_handed_in_and_signed_for_what_was_shown() -> None:
    campaign_id = begun_id("--borough", "Brent")
    told = run("show", campaign_id[:8])
    assert "Locking up a bike in Brent?" in told.output
    assert "Bikes (Draft): every week on" in told.output
    assert "Handed in: 4." in run("hand-in", campaign_id).output
    found = shown(campaign_id)
    assert found["costs"] == ["X: 4 posts, $0.80"]
    assert {each["post"]["state"] for each in found["times"]} == {"awaiting_signoff"}
    assert (
        f"engage campaign sign {campaign_id[:8]} {found['batch'][:12]} --as"
        in run("show", campaign_id).output
    )
    assert "Signed as press officer: 4." in signed(campaign_id, found["batch"][:12]).output
    listed = json.loads(run("list", "--json").stdout)
    assert [(each["state"], each["posts"]) for each in listed] == [("running", {"signed_off": 4})]
    assert "Bikes" in run("list").output


def test_all_boroughs_and_a_preview_that_keeps_nothing(installation: Engage) -> None:
    told = begun("--all-boroughs", "--preview")
    assert "Barnet would get none. No account on X speaks for Barnet." in told.output
    assert "X: 2 posts, $0.40 each time." in told.output
    made = json.loads(begun("--all-boroughs", "--preview", "--json").stdout)
    assert len(made["campaign"]["boroughs"]) == 32
    assert len(made["times"]) == 2
    with installation.transaction() as unit:
        assert unit.campaigns.all() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rule": "FREQ=HOURLY;COUNT=2"}, "recurrence: must come round by the day, week or month."),
        ({"rule": "FREQ=DAILY"}, "recurrence: needs one end."),
        ({"rule": "nonsense"}, "recurrence: “NONSENSE” is no part of a rule."),
        ({"first": "soon"}, "--first: “soon” is no day and time."),
        ({"first": "2027-01-05T10:00+00:00"}, "--first: is London's time, without an offset."),
        ({"first": "2031-01-05T10:00"}, "does not come round in the next four weeks."),
        ({"template": "appeal_witness"}, "template: a witness appeal cannot come round by itself."),
        ({"template": "no_such"}, "There is no template “no_such”."),
        ({"borough": "Atlantis"}, "“Atlantis” is not a London borough"),
        ({"borough": "Barnet"}, "No account on X speaks for Barnet."),
        ({"title": " "}, "title: give it a name"),
        ({"set": "colour=red"}, "takes no colour from an officer."),
        ({"set": "nonsense"}, "--set: “nonsense” is not FIELD=VALUE."),
    ],
)
def test_bad_input_is_one_line_exit_2_and_nothing_kept(
    installation: Engage, changes: dict[str, str], said: str
) -> None:
    told = begun(ends=2, **changes)
    assert said in told.output
    assert len(told.output.splitlines()) == 1
    with installation.transaction() as unit:
        assert unit.campaigns.all() == []


@pytest.mark.parametrize("name", ["abc", "00000000-0000-0000-0000-000000000001"])
@pytest.mark.parametrize("words", [("show",), ("hand-in",), ("resume",), ("pause", "--reason", "x"), ("end", "--reason", "x")])  # fmt: skip
def test_an_id_that_names_no_campaign_is_refused(words: tuple[str, ...], name: str) -> None:
    assert f"ID {name}: " in run(words[0], name, *words[1:], ends=2).output


def test_a_signature_is_for_what_was_shown_and_by_somebody_who_wrote_none_of_it(installation: Engage) -> None:
    campaign_id = begun_id()
    run("hand-in", campaign_id)
    found = shown(campaign_id)
    assert "do not go together" in signed(campaign_id, found["batch"], password="wrong", ends=1).output
    assert "HASH abc: give at least" in signed(campaign_id, "abc", ends=2).output
    assert "is for Una Doyle to sign" in signed(campaign_id, found["batch"], by="audit.doyle", ends=1).output
    with installation.transaction() as unit:
        post = unit.campaigns.posts_of(unit.campaigns.all()[0].id)[0]
        lee = unit.people.by_id("press.lee")
        assert lee
        assert post.publish_at
        acts.schedule(
            installation.desk(unit),
            post.id,
            by=lee,
            publish_at=post.publish_at,
            latest=post.publish_at + timedelta(minutes=5),
        )
    assert "no longer what was shown" in signed(campaign_id, found["batch"], ends=1).output
    assert {each["post"]["state"] for each in shown(campaign_id)["times"]} == {"awaiting_signoff"}


def test_who_could_sign_in_several_roles_says_in_which() -> None:
    campaign_id = begun_id()
    run("hand-in", campaign_id)
    hash_ = shown(campaign_id)["batch"]
    told = run("sign", campaign_id, hash_, "--as", "press.lee", given=f"{PASSWORD}\n")
    assert "Signed as press officer: 2." in told.output


def test_a_campaign_is_paused_resumed_and_ended_with_reasons() -> None:
    campaign_id = begun_id()
    run("hand-in", campaign_id)
    signed(campaign_id, shown(campaign_id)["batch"])
    assert "is paused. Nothing of it leaves." in run("pause", campaign_id, "--reason", "An incident").output
    assert "cannot become paused" in run("pause", campaign_id, "--reason", "Again", ends=1).output
    assert json.loads(run("resume", campaign_id, "--json").stdout)["state"] == "running"
    assert "Posts withdrawn: 2." in run("end", campaign_id, "--reason", "Lighter evenings").output
    assert "Bikes" not in run("list").output
    assert "Bikes" in run("list", "--all").output


def test_what_stops_needs_a_reason() -> None:
    campaign_id = begun_id()
    run("hand-in", campaign_id)
    assert "Say why" in run("pause", campaign_id, "--reason", " ", ends=1).output
