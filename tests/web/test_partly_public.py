"""A post of which some is public and some never will be: what changes in the world is told once, and only where it matters."""

from uuid import UUID

import pytest
from sqlalchemy import text

from engage.posts.states import DeliveryState
from engage.wiring import Engage
from tests.web.stories import change, draft, sign
from tests.web.visitor import Visitor

D = DeliveryState


class Story:
    """An appeal on X and Mastodon, its deliveries put where a test wants them."""

    def __init__(self, officer: Visitor, press: Visitor, engage: Engage) -> None:
        self.officer, self.press, self.engage = officer, press, engage
        address = draft(officer)
        words = officer.words()
        more = {
            name: [f"{texts[0]}\n\nSome of you know the thief.", *texts[1:]] for name, texts in words.items()
        }
        change(officer, address, "submit", **more)
        self.address = officer.address
        sign(press, self.address)

    def stand(self, **states: DeliveryState) -> None:
        with self.engage.transaction() as unit:
            for platform, state in states.items():
                unit.session.execute(
                    text(
                        "UPDATE delivery SET state = :state, first_attempt_at = now(), receipt_id = :id, receipt_url = :url"
                        " WHERE platform = :platform"
                    ),
                    {
                        "state": state.value,
                        "platform": platform,
                        "id": "9" if state is D.SENT else None,
                        "url": "https://x.com/met_x/status/9" if state is D.SENT else None,
                    },
                )

    def needs_person(self) -> dict[str, bool]:
        with self.engage.transaction() as unit:
            found = unit.deliveries.for_post(UUID(self.address[-36:]))
        return {each.platform.value: each.needs_person for each in found}

    def has_seen_everything(self) -> None:
        with self.engage.transaction() as unit:
            unit.session.execute(text("UPDATE delivery SET needs_person = false"))

    def told(self) -> int:
        with self.engage.transaction() as unit:
            entries = unit.audit.about(self.address[-36:])
        return sum(each.action == "to be looked at again" for each in entries)

    def hold_and_lift(self) -> None:
        self.press.open("/holds")
        self.press.send("/holds", scope="force", reason="Royal funeral")
        self.press.send("/holds/1/lift")

    def is_charged(self) -> None:
        """From now on the policy would not let the words go out."""
        with self.engage.transaction() as unit:
            facts = {"status": "charged", "proceedings_active": True}
            reference = unit.posts.get(UUID(self.address[-36:])).context["case"]["cad"].removeprefix("CAD ")
            unit.regimes.set_case(reference, facts, by="press.sharma", now=unit.deliveries.clock())


@pytest.fixture
def story(officer: Visitor, press: Visitor, engage: Engage) -> Story:
    return Story(officer, press, engage)


@pytest.mark.parametrize("ended", [D.REJECTED, D.LAPSED])
def test_a_lifted_hold_asks_nobody_about_a_post_of_which_nothing_waits(
    story: Story, ended: DeliveryState
) -> None:
    story.stand(x=D.SENT, mastodon=ended)
    story.hold_and_lift()
    assert story.needs_person() == {"x": False, "mastodon": False}
    assert story.told() == 0


@pytest.mark.parametrize("other", [D.REJECTED, D.LAPSED, D.UNKNOWN, D.READY])
def test_what_the_policy_would_stop_now_is_told_once_and_not_every_minute(
    story: Story, other: DeliveryState
) -> None:
    story.stand(x=D.SENT, mastodon=other)
    story.is_charged()
    story.engage.reconsider()
    waits = other in {D.UNKNOWN, D.READY}
    assert story.needs_person()["x"] is waits
    assert story.told() == int(waits)
    story.has_seen_everything()
    story.engage.reconsider()
    assert story.needs_person() == {"x": False, "mastodon": False}
    assert story.told() == int(waits)
