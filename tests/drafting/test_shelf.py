"""A template with a mistake is refused when it is loaded, by file and line."""

from pathlib import Path

import pytest

from engage.drafting import BadTemplate, NoSuchTemplate, Origin, TemplateShelf
from engage.posts.kinds import Kind
from tests.drafting.shelves import PLAIN, SHIPPED, shelf_of, template_of


@pytest.mark.parametrize(
    ("before", "after", "line", "problem"),
    [
        ("title: Plain", "titel: Plain", 3, "titel"),
        ("title: Plain\n", "", 2, "title"),
        ("kind: engagement", "kind: enagement", 4, "kind"),
        ("kind: engagement", "kind: [engagement", 5, "expected"),
        ("from: officer", "from: oficer", 6, "from"),
        ("label: Where", "lable: Where", 6, "lable"),
        ("name: place", "name: Place Name", 6, "name"),
        ("{{ place }}", "{{ plaice }}", 9, "plaice"),
        ("{{ place }}", "here", 1, "place"),
        ("{{ place }}", "{{ place }", 9, "unexpected"),
        ("{{ place }}", "{{ place.upper() }}", 9, "words, slots"),
        ("{{ place }}", "{{ place | upper }}", 9, "Filter"),
        ("{{ place }}", "{% for a in place %}{{ place }}{% endfor %}", 9, "For"),
        ("{{ place }}", "{% include 'other' %}{{ place }}", 9, "Include"),
        ("{{ place }}", "{{ ''.__class__ }}{{ place }}", 9, "Getattr"),
        ("block short", "block shrot", 8, "shrot"),
        ("{% endblock %}", "{% endblock %}\nLeft over", 11, "outside a block"),
        ("block short", "block long", 0, "no wording for X"),
        ("---\nname", "name", 1, "front matter"),
    ],
)
def test_a_mistake_is_named_by_file_and_line(
    tmp_path: Path, before: str, after: str, line: int, problem: str
) -> None:
    assert before in PLAIN
    with pytest.raises(BadTemplate) as refused:
        template_of(tmp_path, PLAIN.replace(before, after, 1))
    assert refused.value.where == (f"one.j2, line {line}" if line else "one.j2")
    assert problem in refused.value.problem


def test_a_template_in_another_encoding_is_refused_by_line(tmp_path: Path) -> None:
    (tmp_path / "one.j2").write_bytes(PLAIN.replace("Where", "Où").encode("cp1252"))
    with pytest.raises(BadTemplate, match=r"one\.j2, line 6: is not UTF-8"):
        TemplateShelf.load(tmp_path)


def test_two_templates_cannot_share_a_name(tmp_path: Path) -> None:
    with pytest.raises(BadTemplate, match=r"two\.j2: the name plain is taken by one\.j2"):
        shelf_of(tmp_path, one=PLAIN, two=PLAIN)


def test_an_empty_directory_is_no_shelf(tmp_path: Path) -> None:
    with pytest.raises(BadTemplate, match=r"holds no \.j2 file"):
        TemplateShelf.load(tmp_path)


def test_a_name_nobody_has_is_answered_with_the_names_there_are(tmp_path: Path) -> None:
    with pytest.raises(NoSuchTemplate, match="There are: plain"):
        shelf_of(tmp_path, one=PLAIN).named("plane")


def test_a_changed_word_changes_the_hash_a_draft_records(tmp_path: Path) -> None:
    first = template_of(tmp_path)
    second = template_of(tmp_path, PLAIN.replace("Meet", "Join"))
    assert first.hash != second.hash


def test_the_shipped_shelf_holds_what_the_force_needs() -> None:
    shelf = TemplateShelf.load(SHIPPED)
    assert shelf.named("appeal_witness").kind is Kind.APPEAL_WITNESS
    assert len(shelf.for_kind(Kind.REASSURANCE)) >= 2
    assert len(shelf.for_kind(Kind.PREVENTION)) >= 3
    assert shelf.for_kind(Kind.CRIME_SUMMARY)
    assert shelf.for_kind(Kind.FORECAST_ADVISORY)
    assert [each.name for each in shelf.for_topic("bicycle_theft")] == ["prevention_bicycle_theft"]


def test_no_officer_is_asked_for_a_figure() -> None:
    for template in TemplateShelf.load(SHIPPED).all():
        for slot in template.asks(Origin.OFFICER):
            assert not slot.name.startswith(("count", "forecast", "rate", "period")), template.name


def test_every_slot_of_the_shipped_shelf_shows_an_example() -> None:
    for template in TemplateShelf.load(SHIPPED).all():
        assert all(slot.example for slot in template.slots), template.name
