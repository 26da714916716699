"""What an officer states is evidence with their name on it."""

from datetime import UTC, datetime

import pytest

from engage.drafting import stated_evidence
from engage.posts.errors import BadInput
from engage.posts.evidence import StatedSource
from engage.posts.people import Person, Role

OKAFOR = Person(id="pc.okafor", name="PC Okafor", roles=frozenset({Role.OFFICER}))
NOON = datetime(2026, 10, 12, 12, tzinfo=UTC)


def test_each_item_says_who_stated_it_when_and_under_which_reference() -> None:
    fields = {"place": "near Brockwell Park", "reference": "CAD 1204/03OCT"}
    for item in stated_evidence(fields, OKAFOR, NOON):
        assert item.source == StatedSource(
            stated_by="pc.okafor", stated_at="2026-10-12T12:00:00+00:00", reference="CAD 1204/03OCT"
        )


def test_nothing_said_is_no_evidence_and_spaces_are_made_single() -> None:
    items = stated_evidence({"seen": "  ", "place": " near\n Brockwell   Park "}, OKAFOR, NOON)
    assert [(item.field, item.value) for item in items] == [("place", "near Brockwell Park")]


@pytest.mark.parametrize("hidden", ["\u200b", "\u202e", "\x00", "\ufeff", "\u2066"])
def test_a_character_nobody_can_see_is_refused_by_field(hidden: str) -> None:
    with pytest.raises(BadInput, match="place: holds a character that cannot be seen"):
        stated_evidence({"place": f"near {hidden}here"}, OKAFOR, NOON)


@pytest.mark.parametrize(
    "words",
    [
        "Call 0800 555 112.",
        "call 020 7946 0018 now",
        "+44 20 7946 0018",
        "07700900123",
        "see https://example.com",
        "www.example.com",
        "tell @MetCamden",
        "write to a.b@example.com",
        "\uff10800 555 112",
    ],
)
def test_contact_details_cannot_come_in_as_their_own_evidence(words: str) -> None:
    with pytest.raises(BadInput, match="done: holds contact details"):
        stated_evidence({"done": words}, OKAFOR, NOON)


@pytest.mark.parametrize(
    "words", ["CAD 1204/03OCT", "26MIS000123", "at about 9.20pm on 3 October 2026", "0912/11NOV", "the 101"]
)
def test_references_times_and_dates_are_no_contact_details(words: str) -> None:
    assert stated_evidence({"done": words}, OKAFOR, NOON)[0].value == words
