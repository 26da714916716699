"""Short ways to a post in a given state, always through the pages a person would use."""

from engage.delivery.sending import send
from engage.posts.kinds import Platform
from engage.posts.states import DeliveryState
from engage.wiring import Engage
from tests.web.visitor import Visitor

APPEAL = {
    "template": "appeal_witness",
    "borough": "Lambeth",
    "slot-what": "a robbery",
    "slot-place": "near Brockwell Park",
    "slot-when": "on Saturday 21 November, between 9pm and 10pm",
    "slot-seen": "A dark blue moped was seen leaving towards Dulwich Road.",
    "slot-reference": "CAD 1204/21NOV",
    "case-offence": "robbery",
    "case-status": "report",
}
BAD_WORDS = "Call Sergeant Smith on 07700 900123 or go to 14 Acacia Road SW2 1AA."


def draft(officer: Visitor, *, platforms: list[str] | None = None, **changes: str) -> str:
    """A new witness appeal; its address. The visitor is left on its page."""
    officer.open("/drafts/new?template=appeal_witness&borough=Lambeth")
    officer.send("/drafts/new", platforms=platforms or ["x", "mastodon"], **{**APPEAL, **changes})
    return officer.address


def change(
    officer: Visitor, address: str, do: str, *, expect: int = 200, **words: str | list[str]
) -> Visitor:
    """Write something else into a draft's form and press one of its buttons."""
    officer.open(address)
    return officer.send(
        address, do=do, version=officer.hidden("version"), expect=expect, **{**officer.words(), **words}
    )


def add_a_thank_you(writer: Visitor, address: str) -> Visitor:
    """Change the words harmlessly and hand them in again."""
    first, *rest = writer.open(address).words()["text-mastodon"]
    return change(writer, address, "submit", **{"text-mastodon": [f"{first}\n\nThank you.", *rest]})


def submitted(officer: Visitor) -> str:
    """A witness appeal handed in; the address of its review page."""
    address = draft(officer)
    change(officer, address, "submit")
    return officer.address


def approved(officer: Visitor, press: Visitor) -> str:
    """A witness appeal signed off by the press office."""
    address = submitted(officer)
    sign(press, address)
    return address


def sign(press: Visitor, address: str, *, expect: int = 200, **changes: str) -> Visitor:
    """Sign off what the review page shows."""
    press.open(address)
    fields = {"role": press.hidden("role"), "having_read": press.hidden("having_read"), **changes}
    return press.send(f"{address}/approve", expect=expect, **fields)


def by_hand_on_nextdoor(engage: Engage) -> None:
    """An account that a person posts to."""
    with engage.transaction() as unit:
        unit.accounts.add(Platform.NEXTDOOR, "met_nextdoor", credentials={})


def hand_over(engage: Engage) -> None:
    """What is due by hand is handed to a person, as a worker does it; other platforms are not reached from here."""
    with engage.transaction() as unit:
        claimed = unit.deliveries.claim(10, by="dispatcher", now=unit.deliveries.clock())
    states = [send(each, counter=engage.counter, worker="worker") for each in claimed]
    assert states.count(DeliveryState.UNKNOWN) == 1
