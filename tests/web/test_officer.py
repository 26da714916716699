"""What an officer does: begins a draft, sees each variant with its count, evidence and decision, hands it in."""

import re

import pytest
from sqlalchemy import text

from engage.posts.kinds import Platform
from engage.posts.states import PostState
from engage.web import create_app
from engage.wiring import Engage
from tests.web.stories import APPEAL, BAD_WORDS, approved, change, draft, submitted
from tests.web.visitor import Visitor


def test_a_draft_has_a_text_its_length_its_evidence_and_a_decision_for_each_platform(
    officer: Visitor,
) -> None:
    draft(officer)
    assert set(officer.words()) == {"text-x", "text-mastodon"}
    assert "of 280 characters" in officer.text
    assert "of 500 characters" in officer.text
    assert "near Brockwell Park Stated by PC Amara Okafor" in officer.text
    assert officer.text.count("The policy's decision") == 2


def test_what_is_missing_from_the_form_is_named_and_nothing_typed_is_lost(officer: Visitor) -> None:
    officer.open("/drafts/new?template=appeal_witness")
    given = {**APPEAL, "slot-place": ""}
    officer.send("/drafts/new", platforms=["x"], expect=400, **given)
    assert "There is a problem" in officer.text
    assert "Where" in officer.text
    assert 'value="a robbery"' in officer.page


def test_every_empty_field_is_named_with_a_link_to_it_and_in_no_words_of_the_command_line(
    officer: Visitor,
) -> None:
    officer.open("/drafts/new?template=appeal_witness")
    empty = {"slot-what": "", "slot-place": " "}
    officer.send("/drafts/new", platforms=["x"], expect=400, **{**APPEAL, **empty})
    assert '<a href="#slot-what">Fill in “What was reported”</a>' in officer.page
    assert '<a href="#slot-place">Fill in “Where”</a>' in officer.page
    assert 'id="slot-what-error"' in officer.page
    assert "--set" not in officer.text
    assert "appeal_witness:" not in officer.text


@pytest.mark.parametrize(
    ("changes", "said", "field"),
    [
        ({"platforms": []}, "Platforms: choose at least one platform.", "platforms"),
        ({"slot-what": "Call 07700 900123"}, "What was reported: holds contact details", "slot-what"),
    ],
)
def test_what_cannot_be_used_is_said_with_the_forms_own_label(
    officer: Visitor, changes: dict[str, str | list[str]], said: str, field: str
) -> None:
    officer.open("/drafts/new?template=appeal_witness")
    officer.send("/drafts/new", expect=400, **{"platforms": ["x"], **APPEAL, **changes})
    assert f'<a href="#{field}">{said}' in officer.page


def test_words_too_long_for_a_platform_name_no_template(officer: Visitor) -> None:
    officer.open("/drafts/new?template=appeal_witness")
    officer.send("/drafts/new", platforms=["x"], expect=400, **{**APPEAL, "slot-seen": "a" * 10_000})
    assert "characters for X, which takes 280" in officer.text
    assert "template appeal_witness" not in officer.text


def test_an_officer_begins_no_draft_for_another_borough(officer: Visitor) -> None:
    officer.open("/drafts/new?template=appeal_witness")
    officer.send("/drafts/new", platforms=["x"], expect=403, **{**APPEAL, "borough": "Brent"})


def test_check_shows_the_decision_on_words_that_are_not_kept_yet(officer: Visitor) -> None:
    address = draft(officer)
    change(officer, address, "check", **{"text-x": [BAD_WORDS]})
    assert "They are not kept yet" in officer.text
    assert "Blocked" in officer.text
    officer.open(address)
    assert BAD_WORDS not in officer.words()["text-x"]


def test_blocked_words_are_kept_but_not_handed_in_and_the_page_says_why(officer: Visitor) -> None:
    address = draft(officer)
    change(officer, address, "submit", expect=422, **{"text-x": [BAD_WORDS]})
    assert "There is a problem" in officer.text
    assert "What to do:" in officer.text
    assert officer.words()["text-x"] == [BAD_WORDS]
    officer.open("/drafts")
    assert "Draft" in officer.text


def test_the_words_a_rule_is_about_are_marked(officer: Visitor) -> None:
    address = draft(officer)
    change(officer, address, "save", **{"text-x": [BAD_WORDS]})
    assert '<mark class="eng-mark"' in officer.page


def test_a_finding_leads_to_its_rule_and_the_rule_to_its_source(officer: Visitor) -> None:
    address = draft(officer)
    change(officer, address, "save", **{"text-x": [BAD_WORDS]})
    [rule, *_] = re.findall(r'href="(/policy\?q=\w+#\w+)"', officer.page)
    officer.open(rule)
    assert "To be read in" in officer.text


def test_mended_words_are_handed_in(officer: Visitor) -> None:
    address = draft(officer)
    good = officer.words()["text-x"]
    change(officer, address, "submit", expect=422, **{"text-x": [BAD_WORDS]})
    change(officer, address, "submit", **{"text-x": good})
    assert "Handed in" in officer.text
    assert "Awaiting sign-off" in officer.text


def test_the_script_is_told_each_length_and_decision_as_the_words_are_typed(officer: Visitor) -> None:
    address = draft(officer)
    token, version = officer.hidden("csrf_token"), officer.hidden("version")
    typed = {"csrf_token": token, "version": version, "text-x": "x" * 281, "text-mastodon": "Short."}
    answer = officer.client.post(f"{address}/preview", data=typed).json
    assert answer is not None
    by_platform = {each["platform"]: each for each in answer["variants"]}
    assert by_platform["x"]["parts"] == [{"used": 281, "limit": 280, "fits": False}]
    assert by_platform["mastodon"]["parts"] == [{"used": 6, "limit": 500, "fits": True}]
    assert "eng-decision" in by_platform["x"]["decision"]


def test_two_people_cannot_overwrite_each_other_unseen(officer: Visitor, engage: Engage) -> None:
    address = draft(officer)
    colleague = Visitor(create_app(engage).test_client()).signed_in("press.sharma").open(address)
    change(officer, address, "save", **{"text-x": ["The first change."]})
    stale = {"do": "save", "version": colleague.hidden("version"), "text-x": ["The second change."]}
    colleague.send(address, expect=409, **stale)
    assert officer.open(address).words()["text-x"] == ["The first change."]


def test_whoever_was_overtaken_keeps_their_words_and_learns_by_whom(officer: Visitor, engage: Engage) -> None:
    address = draft(officer)
    colleague = Visitor(create_app(engage).test_client()).signed_in("press.sharma").open(address)
    change(officer, address, "save", **{"text-x": ["The first change."]})
    mine: dict[str, str | list[str]] = {"text-x": ["The second change."], "case-offence": "affray"}
    colleague.send(address, expect=409, do="save", version=colleague.hidden("version"), **mine)
    assert re.search(
        r"There is a problem PC Amara Okafor changed this draft .+, while you were", colleague.text
    )
    assert f'href="{address}" target="_blank"' in colleague.page
    assert colleague.words()["text-x"] == ["The second change."]
    assert 'value="affray"' in colleague.page
    colleague.send(address, do="save", version=colleague.hidden("version"), **mine)
    assert officer.open(address).words()["text-x"] == ["The second change."]


def test_checking_words_written_on_an_older_version_does_not_hide_that_they_are(
    officer: Visitor, engage: Engage
) -> None:
    address = draft(officer)
    colleague = Visitor(create_app(engage).test_client()).signed_in("press.sharma").open(address)
    change(officer, address, "save", **{"text-x": ["The first change."]})
    mine = {"text-x": ["The second change."]}
    colleague.send(address, do="check", version=colleague.hidden("version"), **mine)
    colleague.send(address, do="save", version=colleague.hidden("version"), expect=409, **mine)


@pytest.mark.parametrize("do", ["check", "save", "submit", "picture:"])
@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("x" * 100_001, "X: is longer than 100,000 characters."),
        ("Seen by\x00 nobody.", "X: holds a character that cannot be seen (U+0000)."),
        ("Seen \u202eere.", "X: holds a character that cannot be seen (U+202E)."),
        ("Seen \ufffe.", "X: holds a character that cannot be seen (U+FFFE)."),
    ],
)
def test_words_nobody_could_judge_or_read_are_not_kept_and_nothing_typed_is_lost(
    officer: Visitor, do: str, words: str, why: str
) -> None:
    address = draft(officer)
    before = officer.words()
    change(officer, address, do, expect=422, **{"text-x": [words], "text-mastodon": ["Mine."]})
    assert f"There is a problem {why}" in officer.text
    assert f"Error: {why}" in officer.text
    assert officer.words() == {"text-x": [words], "text-mastodon": ["Mine."]}
    assert officer.open(address).words() == before


def test_what_is_recorded_of_the_case_can_be_read_too(officer: Visitor) -> None:
    address = draft(officer)
    hidden = {"case-offence": "rob\u202ebery", "case-cad": "CAD\x00 1"}
    change(officer, address, "save", expect=422, **hidden, **{"text-x": ["Mine."]})
    assert "Error: Offence: holds a character that cannot be seen (U+202E)" in officer.text
    assert "Error: CAD reference: holds a character that cannot be seen (U+0000)" in officer.text
    assert officer.words()["text-x"] == ["Mine."]
    officer.open("/drafts/new?template=appeal_witness")
    officer.send("/drafts/new", platforms=["x"], expect=400, **{**APPEAL, "case-offence": "rob\x00bery"})


@pytest.mark.parametrize("do", ["check", "save"])
def test_a_draft_without_any_words_is_shown_again_with_what_to_do(officer: Visitor, do: str) -> None:
    address = draft(officer)
    before = officer.words()
    emptied = {"text-x": ["  "], "text-mastodon": [""], "case-offence": "affray"}
    change(officer, address, do, expect=422, **emptied)
    assert (
        "There is a problem Every text is empty. Write at least one, or withdraw the draft." in officer.text
    )
    assert 'id="text-x-0"' in officer.page
    assert 'value="affray"' in officer.page
    assert officer.open(address).words() == before


def test_a_platform_left_empty_is_said_to_be_dropped_and_can_be_written_for_again(
    officer: Visitor, engage: Engage
) -> None:
    address = draft(officer, platforms=["x", "mastodon", "bluesky"])
    assert "Left empty, the post does not go to Bluesky." in officer.text
    change(officer, address, "save", **{"text-bluesky": [""]})
    assert "Your draft is kept. Bluesky was dropped, because its text was empty." in officer.text
    assert "Words for Bluesky As met_bluesky." in officer.text
    again = {"text-bluesky": ["Back again.", ""]}
    change(officer, address, "check", **again)
    assert officer.words()["text-bluesky"] == ["Back again."]
    change(officer, address, "save", **again)
    assert officer.words()["text-bluesky"] == ["Back again."]
    assert "dropped" not in officer.text
    change(officer, address, "submit", **{"text-bluesky": [""], "text-x": [" "]})
    assert "X and Bluesky were dropped, because their texts were empty." in officer.text
    assert "Handed in." in officer.text
    with engage.transaction() as unit:
        (post,) = unit.posts.by_state(PostState)
    assert [each.platform for each in post.variants] == [Platform.MASTODON]


def test_words_for_a_platform_that_a_colleague_dropped_are_not_lost(officer: Visitor, engage: Engage) -> None:
    address = draft(officer)
    colleague = Visitor(create_app(engage).test_client()).signed_in("press.sharma").open(address)
    change(officer, address, "save", **{"text-x": [""]})
    stale = {"do": "save", "version": colleague.hidden("version"), "text-x": ["Mine."]}
    assert colleague.send(address, expect=409, **stale).words()["text-x"] == ["Mine."]


def test_a_post_is_written_for_no_platform_that_its_template_does_not_word(
    officer: Visitor, engage: Engage
) -> None:
    with engage.transaction() as unit:
        unit.accounts.add(Platform.INSTAGRAM, "met_ig", credentials={})
    address = draft(officer)
    wording = engage.shelf.named(APPEAL["template"]).platforms
    offered = set(re.findall(r"Also post on (\w+)", officer.text))
    assert offered == {each.label for each in wording if each.label in {"Facebook", "Bluesky", "Instagram"}}
    change(officer, address, "save", **{"text-whatsapp": ["Nobody speaks there."]})
    assert set(officer.words()) == {"text-x", "text-mastodon"}


@pytest.mark.parametrize("state", ["sending", "sent", "unknown"])
def test_once_any_of_it_has_left_a_draft_leads_to_the_post_and_what_was_typed_is_shown_to_be_copied(
    officer: Visitor, press: Visitor, engage: Engage, state: str
) -> None:
    post = approved(officer, press)
    address = post.replace("posts", "drafts")
    version = officer.open(address).hidden("version")
    with engage.transaction() as unit:
        unit.session.execute(
            text("UPDATE delivery SET state = :state WHERE platform = 'mastodon'"), {"state": state}
        )
    assert officer.open(address).address == post
    officer.send(address, expect=409, do="save", version=version, **{"text-x": ["Mine."]})
    assert "What you typed is not kept: copy what you still need." in officer.text
    assert officer.words()["text-x"] == ["Mine."]
    assert "Keep as draft" not in officer.text
    assert f'href="{post}"' in officer.page
    assert "write a correction" in officer.text
    officer.open(f"{address}/pictures/new", expect=409)


def test_words_written_while_the_draft_ended_are_shown_once_more(officer: Visitor, press: Visitor) -> None:
    address = submitted(officer).replace("posts", "drafts")
    press.open(address).send(f"{address.replace('drafts', 'posts')}/reject", comment="Not ours.")
    late = {"do": "save", "version": officer.open(address).hidden("version"), "text-x": ["Mine."]}
    officer.send(address, expect=409, **late)
    assert "What you typed is not kept: copy what you still need." in officer.text
    assert officer.words()["text-x"] == ["Mine."]


def test_words_are_shown_as_written_and_never_run(officer: Visitor) -> None:
    address = draft(officer)
    hostile = "O'Meara & Borough <script>alert(1)</script>"
    change(officer, address, "save", **{"text-x": [hostile]})
    assert "<script>alert" not in officer.page
    assert officer.words()["text-x"] == [hostile]


def test_the_case_can_be_brought_up_to_date(officer: Visitor, engage: Engage) -> None:
    address = draft(officer)
    change(
        officer,
        address,
        "save",
        **{"case-status": "charged", "case-cad": "CAD 1204/21NOV", "case-offence": "robbery"},
    )
    with engage.transaction() as unit:
        (post,) = unit.posts.by_state(PostState)
    assert post.context["case"]["status"] == "charged"


def test_a_withdrawn_draft_stays_withdrawn(officer: Visitor) -> None:
    address = submitted(officer)
    officer.send(f"{address.replace('posts', 'drafts')}/withdraw", reason="The victim asked us to.")
    assert "It will not go out" in officer.text
    assert "Change the words" not in officer.text


def test_withdrawing_needs_a_reason(officer: Visitor) -> None:
    address = draft(officer)
    officer.send(f"{address}/withdraw", reason=" ", expect=422)
    assert "Say why" in officer.text
