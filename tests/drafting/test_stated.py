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
