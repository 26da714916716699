"""Evidence is the only way into the wording, and the wording fits where it goes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.drafting import MissingEvidence, Template, TemplateShelf, TooLong, compose
from engage.posts.kinds import DRAFTED_FOR, Platform
from engage.posts.length import length
from engage.posts.places import BOROUGHS
from engage.posts.post import normalised
from tests.drafting.shelves import PLAIN, SHIPPED, examples, said, template_of

SHELF = TemplateShelf.load(SHIPPED)
THREAD = PLAIN.replace("kind:", "thread: true\nkind:").replace(
    "Meet us {{ place }}.", "{{ place }}\n\nSecond."
)


def on_x(template: Template, **fields: str) -> tuple[str, ...]:
    return compose(template, evidence=said(**fields), platforms=[Platform.X], accounts={})[0].parts


def test_what_an_officer_wrote_comes_out_as_written(tmp_path: Path) -> None:
    assert on_x(template_of(tmp_path), place="at O'Meara & <Sons>") == ("Meet us at O'Meara & <Sons>.",)


def test_evidence_is_never_read_as_a_template(tmp_path: Path) -> None:
    assert on_x(template_of(tmp_path), place="{{ 7 * 7 }}") == ("Meet us {{ 7 * 7 }}.",)


@pytest.mark.parametrize("fields", [{}, {"place": ""}, {"place": "  "}, {"plaice": "here"}])
def test_an_empty_slot_is_refused_by_template_and_slot(tmp_path: Path, fields: dict[str, str]) -> None:
    with pytest.raises(MissingEvidence, match=r"template plain: “Where” \(place\) is empty"):
        on_x(template_of(tmp_path), **fields)


def test_too_long_names_the_platform_the_count_and_the_limit(tmp_path: Path) -> None:
    with pytest.raises(TooLong, match="309 characters for X, which takes 280"):
        on_x(template_of(tmp_path), place="a" * 300)


def test_a_thread_is_split_between_paragraphs_only_where_it_must_be(tmp_path: Path) -> None:
    template = template_of(tmp_path, THREAD)
    assert on_x(template, place="Short.") == ("Short.\n\nSecond.",)
    assert on_x(template, place="a" * 275) == ("a" * 275, "Second.")
    with pytest.raises(TooLong):
        on_x(template, place="a" * 281)


@pytest.mark.parametrize("platform", [each for each in Platform if not each.takes_answers])
def test_what_takes_no_threads_gets_no_second_part(tmp_path: Path, platform: Platform) -> None:
    template, most = template_of(tmp_path, THREAD), length("", platform).limit
    with pytest.raises(TooLong, match=f"for {platform.label}, which takes {most:d}"):
        compose(template, evidence=said(place="a" * most), platforms=[platform], accounts={})


@given(st.text(min_size=1, max_size=200).filter(lambda text: bool(text.strip())))
def test_no_thread_loses_a_word_and_every_part_fits(value: str) -> None:
    template = SHELF.named("reassurance_listening")
    fields = examples(template, done=value)
    for variant in compose(template, evidence=said(**fields), platforms=DRAFTED_FOR, accounts={}):
        assert all(length(part, variant.platform).fits for part in variant.parts)
        assert normalised(value) in "\n\n".join(variant.parts)


@pytest.mark.parametrize("borough", [place.name for place in BOROUGHS])
def test_every_shipped_template_fits_every_platform_in_every_borough(borough: str) -> None:
    for template in SHELF.all():
        evidence = said(**examples(template, borough=borough))
        variants = compose(template, evidence=evidence, platforms=DRAFTED_FOR, accounts={})
        assert len(variants) == len(DRAFTED_FOR)
        for variant in variants:
            assert all(length(part, variant.platform).fits for part in variant.parts), template.name


def test_a_variant_is_for_the_account_it_was_asked_for(tmp_path: Path) -> None:
    variants = compose(
        template_of(tmp_path),
        evidence=said(place="here"),
        platforms=[Platform.MASTODON, Platform.X],
        accounts={Platform.X: "MetCamden"},
    )
    assert [(each.platform, each.account) for each in variants] == [
        (Platform.MASTODON, ""),
        (Platform.X, "MetCamden"),
    ]


def test_an_optional_slot_left_empty_leaves_no_gap_behind() -> None:
    template = SHELF.named("appeal_witness")
    evidence = said(**examples(template, seen=""))
    for variant in compose(template, evidence=evidence, platforms=DRAFTED_FOR, accounts={}):
        assert "  " not in variant.text
        assert "\n\n\n" not in variant.text
        assert " ." not in variant.text
