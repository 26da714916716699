"""What the press office does: reads, signs, returns, times, holds; and what its sign-off is worth."""

import pytest
from sqlalchemy import text

from engage.posts.states import PostState
from engage.web import create_app
from engage.wiring import Engage
from tests.web.stories import add_a_thank_you, approved, change, sign, submitted
from tests.web.visitor import Visitor


def test_the_queue_shows_the_decision_and_who_must_still_sign(officer: Visitor, press: Visitor) -> None:
    submitted(officer)
    press.open("/queue")
    assert "Waiting for you 1" in press.text
    assert "Witness appeal, Lambeth" in press.text
    assert "Still to sign press officer" in press.text


def test_the_review_page_shows_the_exact_words_and_their_fingerprint(
    officer: Visitor, press: Visitor, engage: Engage
) -> None:
    address = submitted(officer)
    press.open(address)
    with engage.transaction() as unit:
        (post,) = unit.posts.by_state(PostState)
    assert post.variants[0].parts[0].split(".")[0] in press.text
    assert press.hidden("having_read") == post.fingerprint
    assert "Missing press officer" in press.text


def test_an_approved_post_is_scheduled_for_every_account(officer: Visitor, press: Visitor) -> None:
    approved(officer, press)
    assert "Signed off. It goes out now." in press.text
    assert "Waiting for its time" in press.text
    press.open("/scheduled")
    assert "Witness appeal, Lambeth" in press.text


def test_a_post_whose_time_has_passed_goes_out_only_by_one_who_was_told_that_it_goes_at_once(
    officer: Visitor, press: Visitor, engage: Engage
) -> None:
    address = submitted(officer)
    with engage.transaction() as unit:
        unit.session.execute(text("UPDATE post SET publish_at = now() - interval '2 hours'"))
    sign(press, address, expect=422)
    assert "passed while you read: it would go out at once" in press.text
    press.open(address)
    assert "has passed: signed off, it goes out at once" in press.text
    sign(press, address, at_once=press.hidden("at_once"))
    assert "Signed off. It goes out now." in press.text


def test_what_is_to_go_out_long_from_now_is_not_offered_for_signing_before_a_sign_off_would_last(
    officer: Visitor, press: Visitor
) -> None:
    address = submitted(officer)
    press.send(f"{address}/schedule", **{"publish-date": "2031-07-02", "publish-time": "09:30"})
    assert "It can be signed off from Tue 1 Jul 2031, 09:30 on" in press.text
    assert "Sign off exactly" not in press.page
    press.open("/queue")
    assert "Waiting for you 0" in press.text


def test_a_time_taken_away_again_is_said_to_be_none(officer: Visitor, press: Visitor) -> None:
    address = submitted(officer)
    press.send(f"{address}/schedule", **{"publish-date": "", "publish-time": ""})
    assert "It goes out as soon as it is signed off." in press.text


def test_nobody_signs_off_words_of_their_own(officer: Visitor, press: Visitor) -> None:
    address = submitted(officer)
    add_a_thank_you(press, address.replace("posts", "drafts"))
    press.open(address)
    assert "You wrote some of this" in press.text
    press.send(f"{address}/approve", role="press_officer", having_read="anything", expect=403)
    assert "somebody else must sign it off" in press.text


def test_a_sign_off_is_refused_when_the_words_changed_after_they_were_read(
    officer: Visitor, press: Visitor
) -> None:
    address = submitted(officer)
    press.open(address)
    read, role = press.hidden("having_read"), press.hidden("role")
    add_a_thank_you(officer, address.replace("posts", "drafts"))
    press.send(f"{address}/approve", role=role, having_read=read, expect=409)
    assert "Read them again first" in press.text


def test_editing_an_approved_post_lets_its_sign_off_fall_after_a_warning(
    officer: Visitor, press: Visitor
) -> None:
    address = approved(officer, press)
    edit = address.replace("posts", "drafts")
    officer.open(edit)
    assert "every sign-off falls" in officer.text
    change(officer, edit, "save", **{"text-x": ["Other words. Call 101."]})
    press.open(address)
    assert "Missing press officer" in press.text
    press.open("/scheduled")
    assert "Nothing is scheduled" in press.text


def test_a_returned_post_tells_its_writer_what_to_change(officer: Visitor, press: Visitor) -> None:
    address = submitted(officer)
    press.open(address)
    press.send(f"{address}/return", comment="Leave out the moped.")
    officer.open("/drafts")
    assert "Press office: Leave out the moped." in officer.text
    officer.open(address.replace("posts", "drafts"))
    assert "Priya Sharma returned this" in officer.text


def test_returning_needs_a_comment(officer: Visitor, press: Visitor) -> None:
    address = submitted(officer)
    press.open(address)
    press.send(f"{address}/return", comment="", expect=422)
    assert "Say why" in press.text


def test_a_rejected_post_cannot_be_signed(officer: Visitor, press: Visitor) -> None:
    address = submitted(officer)
    press.open(address)
    press.send(f"{address}/reject", comment="Another force deals with it.")
    press.open(address)
    assert "Sign off exactly" not in press.page
    assert "Rejected" in press.text


def test_the_time_is_londons_and_is_part_of_what_is_signed(
    officer: Visitor, press: Visitor, engage: Engage
) -> None:
    address = approved(officer, press)
    press.send(f"{address}/schedule", **{"publish-date": "2031-07-01", "publish-time": "09:30"})
    assert "Tue 1 Jul 2031, 09:30" in press.text
    assert "Missing press officer" in press.text
    with engage.transaction() as unit:
        (post,) = unit.posts.by_state(PostState)
    assert post.publish_at is not None
    assert post.publish_at.isoformat() == "2031-07-01T08:30:00+00:00"


def test_a_time_that_happens_twice_is_refused(officer: Visitor, press: Visitor) -> None:
    address = submitted(officer)
    press.open(address)
    press.send(f"{address}/schedule", expect=400, **{"publish-date": "2031-10-26", "publish-time": "01:30"})
    assert "happens twice" in press.text


def test_half_a_time_is_refused(officer: Visitor, press: Visitor) -> None:
    address = submitted(officer)
    press.open(address)
    press.send(f"{address}/schedule", expect=400, **{"publish-date": "2031-10-01", "publish-time": ""})
    assert "Give both the day and the time" in press.text


def test_a_hold_is_shown_on_every_post_it_stops_and_lifting_it_asks_again(
    officer: Visitor, press: Visitor
) -> None:
    address = approved(officer, press)
    press.open("/holds")
    press.send("/holds", **{"scope": "borough", "value-borough": "Lambeth", "reason": "A serious incident."})
    assert "The hold on Lambeth is in force" in press.text
    press.open(address)
    assert "this will not go out" in press.text
    press.open("/holds")
    press.send("/holds/1/lift")
    assert "Posts to be approved again: 1" in press.text
    press.open(address)
    assert "Awaiting sign-off" in press.text


@pytest.mark.parametrize(
    ("scope", "value", "said"),
    [
        ("borough", "Kingston upon Thames", "Kingston upon Thames"),
        ("kind", "crime_summary", "Crime summary posts"),
        ("platform", "met_engage", "Met Engage e-mail"),
        ("topic", "home_burglary", "Posts about home burglary"),
        ("topic", "dragons", "Posts about dragons"),
        ("force", "", "The whole force"),
    ],
)
def test_a_hold_is_named_as_people_name_what_it_stops(
    press: Visitor, scope: str, value: str, said: str
) -> None:
    press.open("/holds")
    press.send("/holds", **{"scope": scope, f"value-{scope}": value, "reason": "A serious incident."})
    assert f"<strong>{said}</strong>" in press.page
    press.send("/holds/1/lift")
    assert f"<li>{said}: A serious incident." in press.page


def test_a_hold_needs_a_reason(press: Visitor) -> None:
    press.open("/holds")
    press.send("/holds", scope="force", reason="", expect=400)
    assert '<a href="#reason">Say why: everyone who is stopped by it will read it.</a>' in press.page
    press.send("/holds", scope="", reason="Tension.", expect=400)
    assert '<a href="#scope-borough">Choose what to stop.</a>' in press.page
    press.send("/holds", **{"scope": "kind", "value-kind": "none"}, reason="Tension.", expect=400)
    assert 'href="#value-kind"' in press.page


def test_an_inspector_may_read_but_not_hold(engage: Engage) -> None:
    inspector = Visitor(create_app(engage).test_client()).signed_in("insp.reid").open("/holds")
    assert "Place a hold" not in inspector.text
    inspector.send("/holds", scope="force", reason="Because", expect=403)


def test_the_history_tells_who_did_what_and_when(officer: Visitor, press: Visitor) -> None:
    address = approved(officer, press)
    press.open(f"{address}/history")
    for said in (
        "Drafted by PC Amara Okafor",
        "Handed in for sign-off by PC Amara Okafor",
        "Signed off by one person by Priya Sharma",
        "delivery planned",
    ):
        assert said in press.text


def test_the_script_is_told_where_each_delivery_is(officer: Visitor, press: Visitor) -> None:
    address = approved(officer, press)
    fragment = press.client.get(f"{address}/deliveries").text
    assert 'data-moving="yes"' in fragment
    assert "<html" not in fragment


def test_once_all_of_it_is_public_a_post_is_called_published_and_offers_no_change(
    engage: Engage, officer: Visitor, press: Visitor
) -> None:
    address = approved(officer, press)
    assert "Set the time" in press.open(address).text
    with engage.transaction() as unit:
        unit.session.execute(text("UPDATE delivery SET state = 'sent', sent_at = now()"))
    shown = press.open(address).text
    assert "Published" in shown
    assert "Set the time" not in shown
    assert "Change the words" not in shown
    assert "Published" in officer.open("/drafts").text


def test_a_second_sign_off_by_the_same_person_is_refused(officer: Visitor, press: Visitor) -> None:
    address = submitted(officer)
    press.open(address)
    read = press.hidden("having_read")
    sign(press, address)
    press.send(f"{address}/approve", role="press_officer", having_read=read, expect=409)
    assert "not waiting for a sign-off" in press.text
