"""What platforms charge and accounts may spend: whole thousandths, counted from what went out."""

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from engage.delivery.budgets import Spending, month_of
from engage.delivery.ledger import Answer, Delivery
from engage.delivery.ports import NotSent, Unknown
from engage.delivery.prices import Price, mills, money, read_prices
from engage.delivery.takedown import take_down
from engage.posts.clock import in_london
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform
from engage.posts.states import DeliveryState
from engage.settings import content_directory
from engage.store.unit import Unit
from engage.wiring.budget import MonthlyBudget
from tests.delivery.post_room import HANDLE, LINK_WITHOUT_ID, PostRoom

D = DeliveryState
CAMDEN = f"x:{HANDLE}"
X = Price(currency="USD", post_mills=15, link_mills=200, source="a test", as_of=date(2026, 8, 1))
LINK = "Lock it: https://www.met.police.uk/bikes"


@dataclass
class Gate:
    """The budget alone, remembering what it stopped."""

    unit: Unit
    stopped_for: list[str]

    def read_ahead(self, deliveries: Collection[Delivery]) -> None:
        assert all(each.state is D.LEASED for each in deliveries)

    def ask(self, delivery: Delivery, *, now: datetime) -> Answer:
        assert now
        return MonthlyBudget(self.unit, {Platform.X: X}).ask(delivery)

    def stopped(self, delivery: Delivery, *, reason: str, now: datetime) -> None:
        assert delivery
        assert now
        self.stopped_for.append(reason)


@pytest.fixture
def stopped() -> list[str]:
    return []


@pytest.fixture
def room(engine: Engine, stopped: list[str]) -> PostRoom:
    return PostRoom(engine, gate_over=lambda unit: Gate(unit, stopped))


def allow(room: PostRoom, *, posts: int | None = None, money_mills: int | None = None) -> None:
    with room.unit() as unit:
        unit.budgets.allow(CAMDEN, posts=posts, mills=money_mills)


def spent(room: PostRoom) -> tuple[int, int]:
    with room.unit() as unit:
        found = unit.budgets.spending(CAMDEN, due_at=room.now())
    return found.posts, found.mills


def asked_to_take_down(room: PostRoom) -> Sequence[UUID]:
    with room.unit() as unit:
        return unit.takedowns.to_take_down(50, now=unit.takedowns.clock())


def test_the_shipped_prices_say_what_x_charges_and_where_that_was_read() -> None:
    prices = read_prices(content_directory("policies") / "prices.yaml")
    assert prices[Platform.X].of("Lock your bike.") == 15
    assert prices[Platform.X].of(LINK) == prices[Platform.X].of("See met.police.uk.") == 200
    assert prices[Platform.X].source
    assert prices[Platform.X].as_of == date(2026, 8, 1)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("x: 3", "exactly these"),
        ("myspace: {}", "no platform"),
        ("- x", "mapping"),
        ("x: [", "cannot be read"),
        (
            'x: {currency: USD, post: "0.0155", post_with_link: "1", source: s, as_of: 2026-08-01}',
            "x, post",
        ),
        ('x: {currency: USD, post: "1", post_with_link: "1", source: s, as_of: soon}', "as_of"),
    ],
)
def test_prices_that_cannot_be_meant_are_refused_by_file_and_field(
    tmp_path: Path, written: str, said: str
) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text(written)
    with pytest.raises(BadInput) as refused:
        read_prices(file)
    assert said in str(refused.value)
    assert str(file) in str(refused.value)


@pytest.mark.parametrize("amount", ["", "a lot", "-1", "NaN", "Infinity", "0.0001", "1e-9"])
def test_an_amount_is_in_whole_thousandths_and_not_below_zero(amount: str) -> None:
    with pytest.raises(BadInput, match="no amount"):
        mills(amount, where="--money")


@given(st.integers(0, 10**9))
def test_money_read_back_is_the_money_that_was_shown(amount: int) -> None:
    assert mills(money(amount, "USD").replace("$", "").replace(",", ""), where="") == amount


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_every_moment_is_in_exactly_one_month_of_london(moment: datetime) -> None:
    first, following = month_of(moment)
    assert first <= moment < following
    assert in_london(first).day == in_london(following).day == 1
    assert month_of(following)[0] == following


def test_what_went_out_or_may_have_is_spent_and_what_certainly_did_not_is_not(room: PostRoom) -> None:
    room.plan("Words only.")
    room.send_due()
    room.plan(LINK)
    room.platform.outcome = lambda _: Unknown("cut")
    room.send_due()
    room.plan("Refused for now.")
    room.platform.outcome = lambda _: NotSent("429")
    room.send_due()
    assert spent(room) == (2, 215)


def test_what_was_taken_down_again_has_been_paid_for(room: PostRoom) -> None:
    post = room.plan(LINK)
    room.send_due()
    with room.unit() as unit:
        unit.takedowns.ask(post.id, by="press.bailey", reason="wrong picture", now=room.now())
    [delivery_id] = asked_to_take_down(room)
    take_down(delivery_id, desk=room)
    assert room.of(post).state is D.WITHDRAWN
    assert spent(room) == (1, 200)


def test_what_a_person_confirmed_without_its_id_is_paid_for_once_it_is_taken_down_too(room: PostRoom) -> None:
    post = room.plan(LINK)
    room.send_due_but_lose_the_answer()
    room.confirm(post, LINK_WITHOUT_ID)
    with room.unit() as unit:
        unit.takedowns.ask(post.id, by="press.bailey", reason="wrong picture", now=room.now())
        unit.takedowns.removed_by_hand(room.of(post).id, by="press.bailey", now=room.now())
    assert room.of(post).state is D.WITHDRAWN
    assert spent(room) == (1, 200)


def test_over_the_number_of_posts_the_next_stops_and_a_person_is_told_why(
    room: PostRoom, stopped: list[str]
) -> None:
    allow(room, posts=2)
    posts = [room.plan(f"Post {number}.") for number in range(3)]
    other = room.plan("Barnet.", handle="DemoBarnet")
    assert sorted(str(each) for each in room.send_due()) == ["lapsed", "sent", "sent", "sent"]
    [reason] = stopped
    assert f"The budget of {HANDLE}" in reason
    assert "2 posts, all of them used" in reason
    assert "engage account budget" in reason
    assert [room.of(post).needs_person for post in posts].count(True) == 1
    assert room.of(other).state is D.SENT


def test_over_the_money_a_dear_post_stops_while_a_cheap_one_still_fits(
    room: PostRoom, stopped: list[str]
) -> None:
    allow(room, money_mills=215)
    room.plan(LINK)
    room.send_due()
    dear, cheap = room.plan(LINK), room.plan("Words only.")
    room.send_due()
    assert (room.of(dear).state, room.of(cheap).state) == (D.LAPSED, D.SENT)
    assert "is $0.215, $0.20 of it used, and this post costs $0.20" in stopped[0]
    assert spent(room) == (2, 215)


def test_two_workers_never_both_take_the_last_of_a_budget(room: PostRoom) -> None:
    allow(room, posts=5)
    for number in range(12):
        room.plan(f"Post {number}.")
    claimed = room.claim()
    with ThreadPoolExecutor(4) as pool:
        states = list(pool.map(room.send, claimed))
    assert states.count(D.SENT) == 5
    assert states.count(D.LAPSED) == 7


def test_posts_of_one_batch_never_take_the_last_of_a_budget_twice(room: PostRoom) -> None:
    allow(room, posts=2)
    for number in range(4):
        room.plan(f"Post {number}.")
    states = room.send_together(room.claim()).values()
    assert sorted(each.value for each in states if each) == ["lapsed", "lapsed", "sent", "sent"]
    assert spent(room) == (2, 30)


def test_a_budget_is_for_the_month_the_post_is_due_in(room: PostRoom) -> None:
    allow(room, posts=1)
    room.plan()
    room.send_due()
    with room.unit() as unit:
        next_month = month_of(room.now())[1] + timedelta(hours=1)
        assert unit.budgets.spending(CAMDEN, due_at=next_month).posts == 0


def test_a_budget_of_nothing_takes_nothing() -> None:
    nothing = Spending(posts=0, mills=0, most_posts=0, most_mills=None)
    now = datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert "December 2026 is 0 posts" in str(nothing.refusal(0, currency="USD", handle="x", now=now))


def test_every_accounts_month_read_at_once_is_what_each_is_alone(room: PostRoom) -> None:
    allow(room, posts=9)
    room.plan(LINK)
    room.plan("Barnet.", handle="DemoBarnet")
    room.send_due()
    with room.unit() as unit:
        now = room.now()
        assert unit.budgets.limited_accounts(due_at=now) == {
            CAMDEN: unit.budgets.spending(CAMDEN, due_at=now)
        }
