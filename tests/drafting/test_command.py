"""`engage draft` prints what the desk made, and its exit code says whether the policy lets it stand."""

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from engage import wiring
from engage.cli.drafts import draft
from engage.store.unit import transaction
from tests.drafting.imported import FILE, imported


@pytest.fixture
def figures(engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A database with imported figures, named in the environment as an operator would."""
    with transaction(engine) as unit:
        unit.crime.add(FILE, rows=imported().kept)
    monkeypatch.setenv("DATABASE_URL", database_url)
    wiring.open_engage.cache_clear()
    yield
    wiring.open_engage().engine.dispose()
    wiring.open_engage.cache_clear()


def run(*words: str) -> Result:
    return CliRunner().invoke(draft, words)


@pytest.mark.usefixtures("figures")
def test_a_summary_is_drafted_from_the_database_for_every_platform() -> None:
    told = run(
        "--kind",
        "crime_summary",
        "--borough",
        "camden",
        "--topic",
        "burglary",
        "--month",
        "2025-11",
        "--json",
    )
    made = json.loads(told.output)
    assert [each["platform"] for each in made["variants"]] == ["x", "facebook", "mastodon", "bluesky"]
    assert all(each["lengths"][0]["fits"] for each in made["variants"])
    count = next(item for item in made["evidence"] if item["field"] == "count_now")
    assert count["source"]["file_name"] == "made up.csv"
    assert count["value"] in made["variants"][0]["text"]
    assert told.exit_code == (
        1 if "block" in {each["decision"]["verdict"] for each in made["variants"]} else 0
    )


@pytest.mark.usefixtures("figures")
def test_prevention_for_one_platform_is_printed_to_be_read() -> None:
    told = run("--kind", "prevention", "--borough", "Camden", "--topic", "bicycle_theft", "--platform", "x")
    assert told.exit_code == 0, told.output
    assert "── X: " in told.output
    assert "── Facebook" not in told.output
    assert "Decision: allow" in told.output


@pytest.mark.usefixtures("figures")
def test_a_draft_the_policy_blocks_exits_with_1_and_says_why() -> None:
    told = run(
        *("--kind", "reassurance", "--template", "reassurance_listening", "--borough", "Camden"),
        *("--platform", "x", "--set", "concern=a break-in", "--set", "place=on Kilburn High Road"),
        *("--set", "done=This was an isolated incident."),
    )
    assert told.exit_code == 1, told.output
    assert "Decision: block" in told.output
    assert "isolated incident" in told.output.partition("Decision:")[2]


@pytest.mark.usefixtures("figures")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--kind", "prevention", "--borough", "Camdn"), "Did you mean Camden"),
        (
            ("--kind", "prevention", "--borough", "Camden", "--topic", "witchcraft"),
            "No template words a prevention",
        ),
        (("--kind", "appeal_witness", "--borough", "Camden"), "“What was reported” (what) is empty"),
        (("--kind", "appeal_witness", "--borough", "Camden", "--set", "what"), "is not FIELD=VALUE"),
        (("--kind", "crime_summary", "--borough", "Camden"), "needs a topic"),
        (
            ("--kind", "crime_summary", "--borough", "Camden", "--topic", "robbery", "--month", "2031-01"),
            "no figures for 2031-01",
        ),
        (
            ("--kind", "engagement", "--borough", "Camden", "--template", "none"),
            "There is no template “none”",
        ),
        (("--kind", "gossip", "--borough", "Camden"), "gossip"),
    ],
)
def test_what_cannot_be_drafted_is_one_line_and_exit_code_2(words: tuple[str, ...], said: str) -> None:
    told = run(*words)
    assert told.exit_code == 2
    assert said in told.output
