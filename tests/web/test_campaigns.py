"""A campaign on its pages: begun without knowing a rule, read once, signed as a batch, kept in, ended."""

import html
import re
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import text

from engage.posts.campaign import CampaignState
from engage.posts.clock import LONDON, in_london, utc_now
from engage.posts.places import BOROUGHS
from engage.posts.post import Post
from engage.posts.states import PostState
from engage.signoff import acts
from engage.web import create_app
from engage.web.campaign_shown import states_counted
from engage.wiring import Engage
from engage.wiring.campaigns import keep_up
from tests.web.visitor import Visitor

BICYCLE = "prevention_bicycle_theft"
NEW = f"/campaigns/new?template={BICYCLE}"
EVERYWHERE = [place.name for place in BOROUGHS]
_READ = re.compile(r'name="read" value="([^"]+)"')


def visit(engage: Engage, username: str) -> Visitor:
    return Visitor(create_app(engage).test_client()).signed_in(username)


def tomorrow() -> date:
    return in_london(utc_now()).date() + timedelta(days=1)


def answers(**changes: str | list[str]) -> dict[str, str | list[str]]:
    """The form filled in for a weekly campaign in two boroughs, three times."""
    usual: dict[str, str | list[str]] = {
        "template": BICYCLE,
        "title": "Bikes in winter",
        "often": "week",
        "in_month": "date",
        "time": "17:00",
        "first": tomorrow().isoformat(),
        "until": (tomorrow() + timedelta(days=14)).isoformat(),
        "boroughs": ["Camden", "Brent"],
        "platforms": ["x", "mastodon"],
    }
    return {**usual, **changes}


def begun(press: Visitor, **changes: str | list[str]) -> str:
    """A campaign begun through its form and its preview; its address."""
    press.open(NEW)
    press.send("/campaigns/new", do="preview", **answers(**changes))
    press.send("/campaigns/new", do="begin", **answers(**changes))
    assert press.address.startswith("/campaigns/"), press.text
    return press.address


def handed_in(press: Visitor, **changes: str | list[str]) -> str:
    address = begun(press, **changes)
    press.send(f"{address}/hand-in")
    return address


def read(visitor: Visitor) -> list[str]:
    """What the page says was read: each post with its fingerprint."""
    return _READ.findall(visitor.page)


def sign(
    visitor: Visitor, address: str, *, expect: int = 200, having_read: list[str] | None = None
) -> Visitor:
    visitor.open(address)
    return visitor.send(
        f"{address}/sign", role="press_officer", read=having_read or read(visitor), expect=expect
    )


def posts(engage: Engage, address: str) -> list[Post]:
    with engage.transaction() as unit:
        campaign = next(each for each in unit.campaigns.all() if str(each.id) in address)
        return list(unit.campaigns.posts_of(campaign.id))


def state(engage: Engage, address: str) -> CampaignState:
    with engage.transaction() as unit:
        return next(each.state for each in unit.campaigns.all() if str(each.id) in address)


def ward(engage: Engage) -> Visitor:
    """Somebody else of the press office, to sign what Priya Sharma began."""
    with engage.transaction() as unit:
        unit.session.execute(
            text("UPDATE person SET roles = ARRAY['press_officer', 'head_of_comms'] WHERE id = 'press.ward'")
        )
    return visit(engage, "press.ward")


def test_the_form_needs_no_rule_and_shows_what_it_makes_before_anything_is_kept(
    press: Visitor, engage: Engage
) -> None:
    press.open("/campaigns/new")
    assert "Preventing bicycle theft" in press.text
    assert "Witness appeal" not in press.text
    press.open(NEW)
    press.send("/campaigns/new", do="preview", **answers())
    day = tomorrow()
    assert f"Every week on {day:%A} at 17:00, until" in press.text
    assert f"{day:%a %-d}, 17:00" in press.text
    assert "3 times from now on, for 2 boroughs each" in press.text
    assert "Locking up a bike in Brent?" in press.text
    assert "X: 2 posts, $0.40 each time" in press.text
    assert "X: 6 posts, $1.20 for all 3 times" in press.text
    with engage.transaction() as unit:
        assert unit.campaigns.all() == []
        assert unit.posts.by_state(PostState) == []


@pytest.mark.parametrize(
    "wrong",
    [
        ({"title": ""}, "title", "give it a name"),
        ({"often": ""}, "often", "choose how often"),
        ({"time": "25:00"}, "time", "“25:00” is no time."),
        ({"time": ""}, "time", "give the time it goes out"),
        ({"first": "soon"}, "first", "“soon” is no day."),
        ({"first": ""}, "first", "give the first day"),
        ({"until": ""}, "until", "give the last day"),
        ({"until": "2020-01-01"}, "until", "the last day is before the first"),
        ({"first": "2031-01-01", "until": "2031-02-01"}, "first", "does not come round in the next four weeks"),
        ({"until": "2099-01-01"}, "until", "goes on for more than a year"),
        ({"days": ["XX"]}, "days", "“XX” is no day of the week"),
        ({"boroughs": []}, "boroughs", "choose at least one borough"),
        ({"platforms": []}, "platforms", "choose at least one platform"),
        ({"template": "crime_summary"}, "topic", "choose what they are about"),
        ({"template": "crime_summary", "topic": "home_burglary", "slot-done": "Ring 020 7946 0000"},
         "slot-done", "holds contact details"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("do", ["preview", "begin"])
def test_what_cannot_be_used_is_named_by_its_field_and_what_was_typed_stays(
    press: Visitor, engage: Engage, do: str, wrong: tuple[dict[str, str | list[str]], str, str]
) -> None:
    changes, field, said = wrong
    press.open(NEW)
    press.send("/campaigns/new", do=do, expect=422, **answers(**changes))
    assert "There is a problem" in press.text
    assert said in press.text
    assert f'href="#{field}"' in press.page
    if field != "title":
        assert 'value="Bikes in winter"' in press.page
    if field != "boroughs":
        assert re.search(r'value="Brent" checked', press.page)
    with engage.transaction() as unit:
        assert unit.campaigns.all() == []


def test_all_32_boroughs_are_chosen_and_cleared_without_a_script_and_nothing_typed_is_lost(
    press: Visitor,
) -> None:
    press.open(NEW)
    press.send("/campaigns/new", do="all", **answers())
    assert len(re.findall(r'name="boroughs"[^>]* checked', press.page)) == 32
    assert 'value="Bikes in winter"' in press.page
    press.send("/campaigns/new", do="none", **answers(boroughs=EVERYWHERE))
    assert not re.findall(r'name="boroughs"[^>]* checked', press.page)


def test_after_the_preview_it_can_be_changed_with_everything_still_there(press: Visitor) -> None:
    press.open(NEW)
    press.send("/campaigns/new", do="preview", **answers(days=["TU", "TH"]))
    fields = re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">', press.page)
    again: dict[str, str | list[str]] = {}
    for name, value in fields:
        if name in {"boroughs", "platforms", "days"}:
            held = again.setdefault(name, [])
            assert isinstance(held, list)
            held.append(html.unescape(value))
        elif name != "csrf_token":
            again[name] = html.unescape(value)
    press.send("/campaigns/new", do="change", **again)
    for field in ('id="day-TU"', 'id="day-TH"', 'value="Camden"'):
        assert re.search(rf"{field}[^>]* checked", press.page), field


def test_both_changes_of_the_clocks_are_said_on_the_preview(press: Visitor) -> None:
    first = tomorrow()
    forward, back = changes_after(first)
    press.open(NEW)
    year = {"often": "day", "first": first.isoformat(), "until": (first + timedelta(days=365)).isoformat()}
    press.send("/campaigns/new", do="preview", **answers(**year, time="17:00"))
    assert (
        f"The clocks go forward on {forward:%A %-d %B %Y}. It stays at 17:00 by London's clocks."
        in press.text
    )
    assert f"The clocks go back on {back:%A %-d %B %Y}. It stays at 17:00 by London's clocks." in press.text
    press.send("/campaigns/new", do="preview", **answers(**year, time="01:30"))
    assert f"forward on {forward:%A %-d %B %Y}, and skip 01:30. That day it goes out at 02:30." in press.text
    assert f"back on {back:%A %-d %B %Y}, and 01:30 comes twice. It goes out the first time." in press.text
    assert f"{forward:%a %-d}, 02:30" in press.text


def changes_after(day: date) -> tuple[date, date]:
    """The next days on which London's clocks go forward and back."""
    found = {}
    for step in range(366):
        here, there = day + timedelta(days=step), day + timedelta(days=step + 1)
        before, after = (_offset(each) for each in (here, there))
        if before != after:
            found["forward" if after > before else "back"] = here
    return found["forward"], found["back"]


def _offset(day: date) -> timedelta:
    offset = datetime.combine(day, time(), tzinfo=LONDON).utcoffset()
    assert offset is not None
    return offset


def test_what_differs_in_nothing_but_the_name_is_read_once_and_each_exact_words_are_there(
    press: Visitor, engage: Engage
) -> None:
    address = handed_in(press, boroughs=EVERYWHERE, platforms=["x", "facebook", "mastodon", "bluesky"])
    keep_up(engage)
    press.open(address)
    assert "32 boroughs, 96 posts in the same words" in press.text
    for post in posts(engage, address):
        for variant in post.variants:
            assert html.escape(variant.text, quote=False).replace("'", "&#39;") in press.page
        assert f"/posts/{post.id}" in press.page


def test_a_batch_is_signed_in_the_words_shown_and_the_calendar_shows_it(
    press: Visitor, engage: Engage
) -> None:
    address = handed_in(press)
    other = ward(engage)
    other.open(address)
    assert "You are shown 6 posts" in other.text
    assert sorted(read(other)) == sorted(f"{each.id}:{each.fingerprint}" for each in posts(engage, address))
    sign(other, address)
    assert "Signed off: 6" in other.text
    assert {each.state for each in posts(engage, address)} == {PostState.SIGNED_OFF}
    assert state(engage, address) is CampaignState.RUNNING


def test_one_post_changed_meanwhile_is_refused_with_why_and_the_others_are_signed(
    press: Visitor, engage: Engage
) -> None:
    address = handed_in(press)
    other = ward(engage).open(address)
    shown = read(other)
    first = posts(engage, address)[0]
    with engage.transaction() as unit:
        by = unit.people.by_id("press.sharma")
        assert by
        assert first.publish_at
        acts.schedule(
            engage.desk(unit),
            first.id,
            by=by,
            publish_at=first.publish_at,
            latest=first.publish_at + timedelta(hours=1),
        )
    other.send(f"{address}/sign", role="press_officer", read=shown)
    assert "Signed off: 5" in other.text
    assert "Not signed: 1 post. The words or the time changed after you opened this page." in other.text
    by_id = {each.id: each.state for each in posts(engage, address)}
    assert by_id.pop(first.id) is PostState.AWAITING
    assert set(by_id.values()) == {PostState.SIGNED_OFF}


def test_nobody_signs_a_campaign_of_their_own(press: Visitor, engage: Engage) -> None:
    address = handed_in(press)
    assert "somebody else must sign its posts off" in press.open(address).text
    assert not read(press)
    own = [f"{each.id}:{each.fingerprint}" for each in posts(engage, address)]
    sign(press, address, having_read=own)
    assert "Signed off: 0" in press.text
    assert "You wrote some of this post" in press.text
    assert {each.state for each in posts(engage, address)} == {PostState.AWAITING}


@pytest.mark.parametrize("what", [["nonsense"], ["nonsense:0"]])
def test_a_form_that_says_nothing_read_signs_nothing(press: Visitor, engage: Engage, what: list[str]) -> None:
    address = handed_in(press)
    sign(ward(engage), address, having_read=what, expect=400)
    assert {each.state for each in posts(engage, address)} == {PostState.AWAITING}


def test_pausing_resuming_and_ending_need_a_reason_and_are_on_record(press: Visitor, engage: Engage) -> None:
    address = handed_in(press)
    sign(ward(engage), address)
    press.open(address)
    press.send(f"{address}/pause", reason=" ", expect=422)
    assert "Say why it is paused." in press.text
    press.send(f"{address}/pause", reason="A serious incident")
    assert "Paused by Priya Sharma" in press.text
    assert "A serious incident" in press.text
    press.send(f"{address}/resume")
    assert "It runs again." in press.text
    press.send(f"{address}/end", reason="", expect=422)
    assert "Say why it is ended." in press.text
    press.send(f"{address}/end", reason="Lighter evenings")
    assert "Posts withdrawn before they left: 6." in press.text
    assert state(engage, address) is CampaignState.ENDED
    for said in ("Campaign begun", "Campaign paused", "Campaign resumed", "Campaign ended"):
        assert f"{said} by Priya Sharma" in press.text


def test_a_button_that_the_state_does_not_allow_is_refused_and_changes_nothing(
    press: Visitor, engage: Engage
) -> None:
    address = begun(press)
    press.send(f"{address}/pause", reason="Too soon", expect=409)
    assert state(engage, address) is CampaignState.DRAFT


def test_what_has_no_account_is_named_and_written_once_there_is_one(press: Visitor, engage: Engage) -> None:
    with engage.transaction() as unit:
        unit.session.execute(text("UPDATE account SET removed_at = now() WHERE platform = 'mastodon'"))
    press.open(NEW)
    press.send("/campaigns/new", do="preview", expect=422, **answers())
    assert "No account on Mastodon speaks for Brent." in press.text
    press.send("/campaigns/new", do="begin", **answers())
    assert (
        "Brent, Camden: no post could be written. No account on Mastodon speaks for Brent." not in press.text
    )
    address = press.address
    assert "No account on Mastodon speaks for" in press.text
    with engage.transaction() as unit:
        unit.session.execute(text("UPDATE account SET removed_at = NULL"))
    press.send(f"{address}/try-again")
    assert len(posts(engage, address)) == 6


VIEWS = ("", "/status")
ACTS = ("/hand-in", "/pause", "/resume", "/end", "/try-again", "/write-again")


@pytest.mark.parametrize("username", ["pc.okafor", "admin.roy"])
def test_officers_and_administrators_see_no_campaign(press: Visitor, engage: Engage, username: str) -> None:
    address = begun(press)
    outsider = visit(engage, username)
    for page in ("/campaigns", "/campaigns/new", *(f"{address}{view}" for view in VIEWS)):
        outsider.open(page, expect=403)
    outsider.open("/figures")
    for act in (*ACTS, "/sign"):
        outsider.send(f"{address}{act}", reason="Because", expect=403)
    outsider.send("/campaigns/new", do="begin", expect=403, **answers())


@pytest.mark.parametrize("username", ["insp.reid", "audit.lin"])
def test_who_reads_the_queue_reads_campaigns_and_does_nothing_to_them(
    press: Visitor, engage: Engage, username: str
) -> None:
    address = begun(press)
    reader = visit(engage, username)
    assert "Bikes in winter" in reader.open("/campaigns").text
    assert "Begin a campaign" not in reader.text
    reader.open(address)
    for word in ("Hand it in", "Pause it", "End it", "Begin another"):
        assert word not in reader.text
    for act in ACTS:
        reader.send(f"{address}{act}", reason="Because", expect=403)
    reader.open("/campaigns/new", expect=403)
    assert state(engage, address) is CampaignState.DRAFT


def test_an_auditor_signs_nothing_of_a_campaign(press: Visitor, engage: Engage) -> None:
    address = handed_in(press)
    auditor = visit(engage, "audit.lin").open(address)
    auditor.send(f"{address}/sign", role="auditor", read=["a:b"], expect=403)


def test_a_campaign_that_is_not_there_is_a_plain_page(press: Visitor) -> None:
    press.open("/campaigns/00000000-0000-0000-0000-000000000001", expect=404)
    press.open("/campaigns/new?like=nonsense", expect=400)
    press.open("/campaigns/new?template=nonsense", expect=400)


def test_another_like_it_begins_with_its_words_boroughs_and_platforms(press: Visitor) -> None:
    address = begun(press)
    press.open(f"/campaigns/new?like={address.rsplit('/', 1)[1]}")
    assert 'value="Bikes in winter"' in press.page
    assert re.search(r'value="Brent" checked', press.page)
    assert not re.search(r'value="Barnet" checked', press.page)


def test_in_the_queue_a_campaign_is_one_line_and_not_among_its_writers_drafts(
    press: Visitor, engage: Engage
) -> None:
    address = handed_in(press)
    other = ward(engage).open("/queue")
    assert "Waiting for you 1" in other.text
    assert "Bikes in winter Campaign, 6 posts wait" in other.text
    assert f'href="{address}"' in other.page
    assert "Waiting for others 1" in press.open("/queue").text
    assert "You have written nothing yet" in press.open("/drafts").text


def test_what_happens_to_a_whole_campaign_is_told_once(press: Visitor, engage: Engage) -> None:
    address = handed_in(press)
    sign(ward(engage), address)
    press.open("/queue")
    assert press.text.count("Signed off Bikes in winter, ") == 1


def test_a_post_of_a_campaign_says_so_and_its_officers_are_not_led_where_they_may_not_go(
    press: Visitor, officer: Visitor, engage: Engage
) -> None:
    address = handed_in(press)
    post = next(each for each in posts(engage, address) if each.borough == "Camden")
    assert f'href="{address}"' in press.open(f"/posts/{post.id}").page
    officer.open(f"/posts/{post.id}")
    assert "Part of the campaign Bikes in winter" in officer.text
    assert f'href="{address}"' not in officer.page


def test_a_hold_that_reaches_a_campaign_is_on_its_page(press: Visitor) -> None:
    address = handed_in(press)
    press.open("/holds")
    press.send("/holds", scope="topic", **{"value-topic": "bicycle_theft", "reason": "A death on the road"})
    assert "what it reaches will not go out. A death on the road" in press.open(address).text


def test_what_costs_more_than_the_month_has_left_is_said_before_anybody_signs(
    press: Visitor, engage: Engage
) -> None:
    with engage.transaction() as unit:
        unit.budgets.allow("x:met_x", posts=1, mills=None)
    address = handed_in(press, until=tomorrow().isoformat())
    assert "What is written and not yet out: X: 2 posts, $0.40" in press.open(address).text
    assert "Over budget met_x" in press.text
    assert "2 more posts, 0 of 1 used" in press.text


def test_what_came_back_is_listed_with_its_reason_and_advice_is_not_written_again(
    press: Visitor, engage: Engage
) -> None:
    address = handed_in(press)
    first = posts(engage, address)[0]
    with engage.transaction() as unit:
        acts.lapse(engage.desk(unit), first.id, why="The account is gone.")
    press.open(address)
    assert "Came back 1" in press.text
    assert "Lapsed The account is gone." in press.text
    assert "Write what has aged again" not in press.text
    press.send(f"{address}/write-again")
    assert "Written again with the newest figures and handed in: 0." in press.text
    assert posts(engage, address)[0].state is PostState.LAPSED


def test_a_post_that_is_published_is_not_counted_as_signed_off_too() -> None:
    counts = {PostState.AWAITING: 2, PostState.SIGNED_OFF: 3}
    told = [("Awaiting sign-off", 2), ("Signed off", 1), ("Published", 2)]
    assert states_counted(counts, published=2) == told
    assert states_counted({PostState.SIGNED_OFF: 1}, published=1) == [("Published", 1)]
