"""The words on a page are the words that will be published: marking them changes none."""

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from engage.policy import Decision, Finding, PolicyStamp, Severity, Signoffs, Verdict
from engage.posts.evidence import Evidence, FileSource, StatedSource
from engage.posts.kinds import Platform
from engage.posts.post import Variant
from engage.web.words_shown import shown_evidence, shown_variant

STAMP = PolicyStamp(name="met", version="1", hash="0" * 64)


def _decision(spans: list[tuple[int, int]]) -> Decision:
    findings = tuple(
        Finding(rule=f"R{n}", severity=Severity.WARN, message="m", why="w", source="s", fix="f", span=span)
        for n, span in enumerate(spans)
    )
    return Decision(verdict=Verdict.ALLOW, policy=STAMP, findings=findings, signoffs=Signoffs())


def _variant(*parts: str) -> Variant:
    return Variant(platform=Platform.X, account="@met", parts=parts)


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6)
TEXTS = st.lists(st.text(max_size=25), min_size=1, max_size=3)


@given(texts=TEXTS, spans=SPANS)
def test_taking_the_marks_away_gives_back_every_part_exactly(
    texts: list[str], spans: list[tuple[int, int]]
) -> None:
    variant = _variant(*texts)
    shown = shown_variant(variant, _decision(spans))
    plain = tuple(html.unescape(re.sub(r"</?mark[^>]*>", "", str(part.marked))) for part in shown.parts)
    assert plain == variant.parts


def test_a_span_is_marked_in_the_part_of_the_thread_it_is_in() -> None:
    shown = shown_variant(_variant("Call 101.", "Ask for Bob."), _decision([(19, 22)]))
    assert "<mark" not in shown.parts[0].marked
    assert ">Bob</mark>" in shown.parts[1].marked


def test_overlapping_findings_share_one_mark_that_names_both_rules() -> None:
    shown = shown_variant(_variant("Call Bob Smith now."), _decision([(5, 8), (5, 14)]))
    assert shown.parts[0].marked.count("<mark") == 1
    assert 'title="R0, R1">Bob Smith</mark>' in shown.parts[0].marked


def test_words_that_look_like_html_are_shown_and_not_run() -> None:
    shown = shown_variant(_variant("<b>101</b>"), _decision([(0, 3)]))
    assert shown.parts[0].marked == '<mark class="eng-mark" title="R0">&lt;b&gt;</mark>101&lt;/b&gt;'


def test_evidence_names_topics_months_and_times_as_people_do() -> None:
    file = FileSource(
        dataset="street",
        publisher="data.police.uk",
        file_name="street.csv",
        file_sha256="0" * 64,
        licence="OGL",
        filter={"borough": "Camden", "topic": "theft_from_person"},
        period="2026-09..2026-11",
        rows=3,
        as_of="2026-12-01",
    )
    said = StatedSource(stated_by="pc.okafor", stated_at="2026-07-01T04:55:56+00:00")
    items = [
        Evidence(field="count_now", value="9", source=file),
        Evidence(field="what", value="it", source=said),
    ]
    counted, stated = shown_evidence(items, names={}, rows_at="/{}")
    chosen = dict(counted.lines)["Rows chosen"]
    assert chosen == "Borough: Camden; Topic: theft from the person; September 2026 to November 2026"
    assert dict(stated.lines)["When"] == "Wed 1 Jul 2026, 05:55"
