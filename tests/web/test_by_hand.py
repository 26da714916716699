"""A post that a person posts by hand: handed over, and asked about again until somebody says what became of it."""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from engage import wiring
from engage.cli.deliver import deliveries
from engage.posts.clock import in_london, utc_now
from engage.posts.states import DeliveryState
from engage.wiring import Engage
from tests.web.stories import APPEAL, by_hand_on_nextdoor, change, hand_over, sign
from tests.web.visitor import Visitor

ADVICE = {"template": "prevention_bicycle_theft", "borough": "Lambeth"}
ADDRESS = "https://nextdoor.co.uk/p/abc"
INVITATION = "Nextdoor takes posts from people only. Post these words as met_nextdoor"


@pytest.fixture
def story(officer: Visitor, press: Visitor, engage: Engage) -> "Story":
    by_hand_on_nextdoor(engage)
    return Story(officer, press, engage)


@pytest.fixture
def operator(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The command line's environment names the database of these tests."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    wiring.open_engage.cache_clear()
    yield
    wiring.open_engage().close()
    wiring.open_engage.cache_clear()


class Story:
    """A post signed off for Nextdoor and handed to the press office."""

    def __init__(self, officer: Visitor, press: Visitor, engage: Engage) -> None:
        self.officer, self.press, self.engage = officer, press, engage
        self.post = ""

    def handed_over(
        self,
        *,
        asked: Mapping[str, str] = APPEAL,
        platforms: tuple[str, ...] = ("nextdoor",),
        more: str = "",
    ) -> "Story":
        """Written, with `more` after the template's words, signed off, and handed over."""
        self.officer.open("/drafts")
        self.officer.send("/drafts/new", platforms=list(platforms), **asked)
        address = self.officer.address
        [words] = self.officer.words()["text-nextdoor"]
        change(self.officer, address, "submit", **{"text-nextdoor": [words + more]})
        self.post = self.officer.address
        sign(self.press, self.post)
        hand_over(self.engage)
        return self

    @property
    def id(self) -> UUID:
        """The delivery's id."""
        with self.engage.transaction() as unit:
            found: UUID = unit.session.execute(
                text("SELECT id FROM delivery WHERE platform = 'nextdoor'")
            ).scalar_one()
        return found

    def holds(self, scope: str, value: str = "") -> None:
        self.press.open("/holds")
        self.press.send("/holds", scope=scope, **{f"value-{scope}": value}, reason="Royal funeral")

    def lifts_the_hold(self) -> None:
        self.press.open("/holds")
        [lift] = re.findall(r'action="(/holds/\d+/lift)"', self.press.page)
        self.press.send(lift)

    def change(self, statement: str) -> None:
        with self.engage.transaction() as unit:
            unit.session.execute(text(statement))

    def is_withheld(self, why: str) -> None:
        """No page invites anybody to post it, each says why, and the words are not handed out."""
        self.press.open("/deliveries")
        assert f"{why} Do not post it." in self.press.text
        assert "Post these words" not in self.press.text
        assert "by hand, then enter its address" not in self.press.text
        assert "/bundle" not in self.press.page
        self.press.open(f"/deliveries/{self.id}/bundle", expect=409)
        assert f"{why} Do not post it." in self.press.text
        for page in (self.post, f"{self.post}/deliveries"):
            self.press.open(page)
            assert f"{why} Do not post it." in self.press.text
            assert "by hand, then enter its address" not in self.press.text

    def is_invited(self) -> None:
        """The page asks a person to post it, and hands out its words."""
        self.press.open("/deliveries")
        assert INVITATION in self.press.text
        assert "Do not post it" not in self.press.text
        [bundle] = re.findall(r'href="(/deliveries/[^"]+/bundle)"', self.press.page)
        with zipfile.ZipFile(io.BytesIO(self.press.client.get(bundle).data)) as archive:
            assert archive.namelist() == ["post.txt"]

    def decides(self, decision: str, **fields: str) -> tuple[str, str | None]:
        """What a person says became of it; its state and address then."""
        self.press.open("/deliveries")
        self.press.send(f"/deliveries/{self.id}", decision=decision, **fields)
        with self.engage.transaction() as unit:
            row = unit.session.execute(
                text("SELECT state, receipt_url FROM delivery WHERE platform = 'nextdoor'")
            ).one()
        return row.state, row.receipt_url


def test_a_post_by_hand_is_handed_over_with_its_words_and_confirmed_with_its_link(story: Story) -> None:
    story.handed_over(more="\n\n“Free” & open to all.").is_invited()
    with zipfile.ZipFile(
        io.BytesIO(story.press.client.get(f"/deliveries/{story.id}/bundle").data)
    ) as archive:
        with story.engage.transaction() as unit:
            [delivery] = unit.deliveries.needing_person()
        assert archive.read("post.txt").decode() == delivery.text
        assert delivery.text.endswith("“Free” & open to all.")
    story.press.send(
        f"/deliveries/{story.id}", decision="public", url="https://x.com/met/status/1", expect=400
    )
    assert "not on Nextdoor" in story.press.text
    assert story.decides("public", url=ADDRESS) == (DeliveryState.SENT, ADDRESS)


def test_a_post_that_will_not_be_made_by_hand_is_put_on_record(story: Story) -> None:
    assert story.handed_over().decides("give_up") == (DeliveryState.LAPSED, None)


@pytest.mark.parametrize(
    ("scope", "value", "where"),
    [
        ("force", "", "the whole force"),
        ("borough", "Lambeth", "Lambeth"),
        ("platform", "nextdoor", "Nextdoor"),
    ],
)
def test_while_held_nobody_is_asked_to_post_it_and_after_the_hold_they_are_again(
    story: Story, scope: str, value: str, where: str
) -> None:
    story.handed_over().holds(scope, value)
    story.is_withheld(f"On hold for {where}: Royal funeral.")
    story.lifts_the_hold()
    story.is_invited()


def test_a_hold_elsewhere_keeps_nobody_from_posting_it(story: Story) -> None:
    story.handed_over().holds("borough", "Camden")
    story.is_invited()


def test_a_lifted_hold_brings_no_invitation_back_where_the_sign_off_no_longer_stands(story: Story) -> None:
    story.handed_over().holds("force")
    story.change("UPDATE signoff SET voided_at = now()")
    story.lifts_the_hold()
    story.is_withheld("Its sign-off has lapsed.")


def test_a_post_taken_down_before_anybody_posted_it_must_not_be_posted(story: Story) -> None:
    story.handed_over()
    story.press.open(story.post)
    story.press.send(f"{story.post}/take-down", reason="wrong name")
    story.is_withheld("Withdrawn.")


def test_what_was_posted_before_it_was_taken_down_is_to_be_removed_once_its_address_is_known(
    story: Story,
) -> None:
    story.handed_over()
    story.press.open(story.post)
    story.press.send(f"{story.post}/take-down", reason="wrong name")
    assert story.decides("public", url=ADDRESS) == (DeliveryState.SENT, ADDRESS)
    with story.engage.transaction() as unit:
        assert unit.takedowns.to_take_down(10, now=unit.takedowns.clock()) == [story.id]


def test_a_post_taken_down_during_a_hold_is_said_to_be_withdrawn_which_no_lifted_hold_mends(
    story: Story,
) -> None:
    story.handed_over().holds("force")
    story.press.open(story.post)
    story.press.send(f"{story.post}/take-down", reason="wrong name")
    story.is_withheld("Withdrawn.")


def test_past_its_latest_time_it_waits_for_a_person_who_says_whether_it_had_been_posted(story: Story) -> None:
    story.handed_over()
    story.change("UPDATE delivery SET latest = '2026-05-03T17:00Z'")
    story.is_withheld("Its latest time, Sun 3 May 2026, 18:00, has passed.")
    assert story.decides("public", url=ADDRESS) == (DeliveryState.SENT, ADDRESS)


def test_words_that_are_corrected_elsewhere_must_not_be_posted(story: Story) -> None:
    story.handed_over(platforms=("nextdoor", "x"))
    story.change(
        "UPDATE delivery SET state = 'sent', receipt_id = '9', receipt_url = 'https://x.com/met_x/status/9' "
        "WHERE platform = 'x'"
    )
    story.is_invited()
    story.press.open(f"/drafts/new?template=correction&borough=Lambeth&corrects={story.post[-36:]}")
    story.press.send(
        "/drafts/new",
        template="correction",
        borough="Lambeth",
        corrects=story.post[-36:],
        platforms="x",
        **{
            "slot-what": "the robbery",
            "slot-wrong": "We gave the wrong day.",
            "slot-right": "It was on Sunday.",
            "correction-reason": "The wrong day was given.",
        },
    )
    correction = story.press.address
    story.is_withheld("Somebody wrote a correction of it.")
    story.press.open(correction)
    story.press.send(f"{correction}/withdraw", reason="It was the right day.")
    story.is_invited()


def test_what_the_policy_would_stop_since_somebody_was_charged_must_not_be_posted(story: Story) -> None:
    story.handed_over(more="\n\nSome of you know the thief.")
    story.press.open("/cases")
    story.press.send("/cases", reference="CAD 1204/21NOV", status="charged", proceedings_active="yes")
    story.press.open("/deliveries")
    assert "The policy no longer allows it." in story.press.text
    assert "Do not post it." in story.press.text
    assert INVITATION not in story.press.text
    story.press.open(f"/deliveries/{story.id}/bundle", expect=409)


def test_what_may_not_go_out_before_an_election_must_not_be_posted_once_the_period_begins(
    story: Story,
) -> None:
    story.handed_over(asked=ADVICE, more="\n\nA councillor was there.").is_invited()
    today = f"{in_london(utc_now()):%Y-%m-%d}"
    story.press.open("/periods")
    story.press.send("/periods", starts=today, ends="2999-05-08", note="local")
    story.is_withheld("“councillor” may not go out in the pre-election period.")


@pytest.mark.parametrize(
    ("decision", "fields", "stands"),
    [
        ("public", {"url": ADDRESS}, (DeliveryState.SENT, ADDRESS)),
        ("give_up", {}, (DeliveryState.LAPSED, None)),
    ],
)
def test_while_held_a_person_may_still_say_whether_it_had_been_posted(
    story: Story, decision: str, fields: dict[str, str], stands: tuple[str, str | None]
) -> None:
    story.handed_over().holds("force")
    story.press.open("/deliveries")
    assert "It had been posted, here is the link" in story.press.text
    assert "It was not posted" in story.press.text
    assert story.decides(decision, **fields) == stands


def test_its_own_place_in_the_months_budget_keeps_nobody_from_posting_it(story: Story) -> None:
    with story.engage.transaction() as unit:
        unit.budgets.allow("nextdoor:met_nextdoor", posts=1, mills=None)
    story.handed_over().is_invited()


def test_to_look_at_what_is_handed_over_keeps_no_decision(story: Story) -> None:
    story.handed_over()
    kept = "SELECT count(*) FROM decision"
    with story.engage.transaction() as unit:
        before = unit.session.execute(text(kept)).scalar_one()
    story.is_invited()
    with story.engage.transaction() as unit:
        assert unit.session.execute(text(kept)).scalar_one() == before > 0


@pytest.mark.usefixtures("operator")
def test_the_command_line_says_why_it_must_not_be_posted(story: Story) -> None:
    def said() -> str:
        told = CliRunner().invoke(deliveries, ["list", "--needing-person", "--json"])
        assert told.exit_code == 0, told.output
        [delivery] = json.loads(told.output)
        reason: str = delivery["reason"]
        return reason

    story.handed_over()
    assert said() == "Post it on Nextdoor by hand, then enter its address."
    story.holds("force")
    assert said() == "On hold for the whole force: Royal funeral. Do not post it."
