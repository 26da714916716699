"""Words that somebody corrects are wrong: what still waits of them does not go out meanwhile, nor once that is public."""

import re
from uuid import UUID

import pytest
from sqlalchemy import text

from engage.delivery.ports import Receipt, Sent
from engage.delivery.rates import RatesHere
from engage.delivery.sending import send
from engage.posts.kinds import Platform
from engage.posts.states import DeliveryState
from engage.wiring import Engage
from engage.wiring.counter import SendingCounter
from tests.delivery.post_room import ToldPlatform
from tests.web.stories import approved, change, sign
from tests.web.visitor import Visitor

X, MASTODON = Platform.X, Platform.MASTODON
SAID = {
    "slot-what": "the robbery",
    "slot-wrong": "We gave the wrong day.",
    "slot-right": "It was on Sunday.",
    "correction-reason": "The wrong day was given.",
}


class Story:
    """An appeal that is public on X and still waits for Mastodon."""

    def __init__(self, officer: Visitor, press: Visitor, engage: Engage) -> None:
        self.officer, self.press, self.engage = officer, press, engage
        self.platforms = {
            each: ToldPlatform(each, lambda _: Sent(Receipt("41", "https://social.example/41")))
            for each in (X, MASTODON)
        }
        self.address = approved(officer, press)
        self.works(X)

    def works(self, *reached: Platform) -> None:
        """Everything that waits is due again, and workers reach only these platforms."""
        engage = self.engage
        with engage.transaction() as unit:
            unit.session.execute(text("UPDATE delivery SET not_before = now() WHERE state = 'ready'"))
            claimed = unit.deliveries.claim(20, by="dispatcher", now=unit.deliveries.clock())
        adapters = {each: self.platforms[each] for each in reached}
        counter = SendingCounter(engage.engine, engage.vault, adapters, RatesHere(), engage._books)  # type: ignore[arg-type]  # noqa: SLF001 - as its workers do
        for each in claimed:
            send(each, counter=counter, worker="worker")

    def corrects(self) -> str:
        """A correction is written, for X alone; its address."""
        self.officer.open(self.address)
        [begin] = re.findall(r'href="(/drafts/new[^"]+corrects[^"]+)"', self.officer.page)
        self.officer.open(begin.replace("&amp;", "&"))
        asked = {"template": "correction", "borough": "Lambeth", "corrects": self.address[-36:]}
        self.officer.send("/drafts/new", **asked, platforms="x", **SAID)
        return self.officer.address

    def stands(self) -> tuple[DeliveryState, str]:
        """What still waited, and why."""
        with self.engage.transaction() as unit:
            [found] = [
                each
                for each in unit.deliveries.for_post(UUID(self.address[-36:]))
                if each.platform is MASTODON
            ]
        return found.state, found.reason or ""

    def asks_mastodon(self) -> int:
        return len(self.platforms[MASTODON].requests)


@pytest.fixture
def story(officer: Visitor, press: Visitor, engage: Engage) -> Story:
    return Story(officer, press, engage)


def test_what_still_waits_of_a_post_waits_while_somebody_corrects_it(story: Story) -> None:
    story.corrects()
    story.works(X, MASTODON)
    assert story.stands() == (DeliveryState.READY, "Somebody wrote a correction of it.")
    assert story.asks_mastodon() == 0
    story.officer.open(story.address)
    assert "Somebody is correcting this: what has not gone out of it yet waits" in story.officer.text


@pytest.mark.parametrize("submitted", [False, True])
def test_a_correction_that_is_discarded_lets_the_rest_of_the_post_go(story: Story, submitted: bool) -> None:
    correction = story.corrects()
    if submitted:
        change(story.officer, correction, "submit")
        address, act, why = story.officer.address, "reject", "comment"
    else:
        address, act, why = correction, "withdraw", "reason"
    story.press.open(address)
    story.press.send(f"{address}/{act}", **{why: "It was the right day."})
    story.works(X, MASTODON)
    assert story.stands()[0] is DeliveryState.SENT
    story.officer.open(story.address)
    assert "Somebody is correcting this" not in story.officer.text


def test_once_a_correction_was_public_the_rest_of_the_post_never_goes_and_a_person_hears(
    story: Story,
) -> None:
    change(story.officer, story.corrects(), "submit")
    correction = story.officer.address
    sign(story.press, correction)
    story.works(X)
    story.press.open(correction)
    story.press.send(f"{correction}/take-down", reason="A typing error in it.")
    story.works(X, MASTODON)
    assert story.stands() == (DeliveryState.LAPSED, "A correction of it is public, or was.")
    assert story.asks_mastodon() == 0
    story.press.open("/deliveries")
    assert "A correction of it is public, or was." in story.press.text


def test_the_corrections_of_a_whole_batch_are_read_at_once(story: Story) -> None:
    story.corrects()
    with story.engage.transaction() as unit:
        waiting = unit.deliveries.for_post(UUID(story.address[-36:]))
        gate = story.engage._gate(unit)  # noqa: SLF001 - as its workers do
        gate.read_ahead(waiting)
        unit.session.execute(text("UPDATE post SET state = 'withdrawn' WHERE corrects IS NOT NULL"))
        assert {gate.world.corrected(each.post_id) for each in waiting} == {False}
