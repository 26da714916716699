"""The platforms' windows: kept by all workers together, and while the shared count is away."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from engage.delivery.platforms.allowances import allowance, by_percent, tightest
from engage.delivery.ports import Allowance, NotSent, Outcome, Outgoing, Receipt, Sent
from engage.delivery.rates import ASK_AGAIN, Rates, RatesHere
from engage.posts.states import DeliveryState
from engage.wiring.rates import SharedRates
from tests.delivery.post_room import HANDLE, PostRoom

NOW = datetime.now(UTC).replace(microsecond=0)
"""Redis forgets a window a day after its end, by its own clock: a fixed day would be forgotten at once."""
QUARTER = timedelta(minutes=15)
NOWHERE = "redis://127.0.0.1:9/0"


@pytest.fixture(params=["shared", "here", "away"])
def rates(request: pytest.FixtureRequest) -> Iterator[Rates]:
    """The same promises from Redis, from one process, and from one whose Redis is away."""
    match request.param:
        case "shared":
            yield SharedRates(request.getfixturevalue("redis_url"))
        case "away":
            yield SharedRates(NOWHERE)
        case _:
            yield RatesHere()


@pytest.fixture
def account() -> str:
    return f"x:{uuid4().hex}"


def reserve(rates: Rates, account: str, *, now: datetime) -> datetime | None:
    (until,) = rates.reserve([account], now=now)
    return until


def taken(rates: Rates, account: str, *, now: datetime, tries: int = 50) -> int:
    return sum(reserve(rates, account, now=now) is None for _ in range(tries))


def test_an_account_nothing_is_known_of_may_send(rates: Rates, account: str) -> None:
    assert reserve(rates, account, now=NOW) is None
    assert rates.standing([account]) == {}


def test_what_is_left_is_given_out_once_and_then_the_window_is_waited_for(rates: Rates, account: str) -> None:
    rates.heard(account, Allowance(17, 3, NOW + QUARTER))
    assert taken(rates, account, now=NOW) == 3
    assert reserve(rates, account, now=NOW) == NOW + QUARTER
    assert rates.standing([account]) == {account: Allowance(17, 0, NOW + QUARTER)}


def test_a_batch_is_counted_post_by_post_also_where_an_account_has_several(
    rates: Rates, account: str
) -> None:
    rates.heard(account, Allowance(17, 2, NOW + QUARTER))
    batch = [account, f"{account}-unknown", account, account]
    assert list(rates.reserve(batch, now=NOW)) == [None, None, None, NOW + QUARTER]
    assert list(rates.reserve([], now=NOW)) == []


def test_one_accounts_limit_moves_no_other(rates: Rates, account: str) -> None:
    rates.heard(account, Allowance(17, 0, NOW + QUARTER))
    assert reserve(rates, f"{account}-other", now=NOW) is None


def test_answers_in_another_order_never_give_back_what_was_taken(rates: Rates, account: str) -> None:
    rates.heard(account, Allowance(17, 2, NOW + QUARTER))
    rates.heard(account, Allowance(17, 9, NOW + QUARTER))
    rates.heard(account, Allowance(17, 16, NOW - QUARTER))
    assert taken(rates, account, now=NOW) == 2


def test_a_new_window_is_counted_from_its_full_size_until_its_first_answer(
    rates: Rates, account: str
) -> None:
    rates.heard(account, Allowance(5, 0, NOW + QUARTER))
    later = NOW + QUARTER
    assert taken(rates, account, now=later) == 5
    assert reserve(rates, account, now=later) == later + ASK_AGAIN
    rates.heard(account, Allowance(5, 4, later + QUARTER))
    assert reserve(rates, account, now=later) == later + QUARTER


def test_where_no_answer_of_a_new_window_comes_one_post_at_a_time_goes_to_ask(
    rates: Rates, account: str
) -> None:
    rates.heard(account, Allowance(5, 0, NOW + QUARTER))
    later = NOW + QUARTER
    assert taken(rates, account, now=later) == 5
    for _ in range(3):
        later += ASK_AGAIN
        assert taken(rates, account, now=later) == 1
        assert reserve(rates, account, now=later) == later + ASK_AGAIN
    rates.heard(account, Allowance(5, 4, later + QUARTER))
    assert (
        reserve(rates, account, now=later) == later + QUARTER
    )  # as many may be on their way as it has room for
    assert taken(rates, account, now=later + QUARTER) == 5


def test_workers_together_take_no_more_than_the_window_has(redis_url: str, account: str) -> None:
    workers = [SharedRates(redis_url) for _ in range(4)]
    workers[0].heard(account, Allowance(100, 30, NOW + QUARTER))
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda worker: taken(worker, account, now=NOW, tries=25), workers)) == 30


@given(
    answers=st.lists(st.integers(0, 20), min_size=1, max_size=8), sent=st.lists(st.booleans(), max_size=30)
)
def test_within_one_window_no_more_leaves_than_the_smallest_number_the_platform_said(
    answers: list[int], sent: list[bool]
) -> None:
    rates = RatesHere()
    for number in answers:
        rates.heard("x", Allowance(20, number, NOW + QUARTER))
    assert sum(reserve(rates, "x", now=NOW) is None for _ in sent) <= min(answers)


@pytest.mark.parametrize(
    "said", [(None, None, None), ("x", "1", "2"), ("5", "", "2"), ("5", "1", "9" * 30), ("5", "1", "nan")]
)
def test_headers_nobody_can_read_say_nothing(said: tuple[str | None, ...]) -> None:
    assert allowance(*said) is None


def test_of_several_windows_the_one_with_the_least_left_counts() -> None:
    headers = {
        "x-rate-limit-limit": "100",
        "x-rate-limit-remaining": "90",
        "x-rate-limit-reset": "1800000000",
        "x-user-limit-24hour-limit": "17",
        "x-user-limit-24hour-remaining": "2",
        "x-user-limit-24hour-reset": "1800080000",
    }
    found = tightest(headers, ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour"))
    assert found == Allowance(17, 2, datetime.fromtimestamp(1_800_080_000, tz=UTC))


def test_facebooks_percentages_are_what_is_left_of_a_hundred() -> None:
    usage = '{"7": [{"call_count": 28, "total_time": 95, "estimated_time_to_regain_access": 0}]}'
    assert by_percent({"x-business-use-case-usage": usage}, now=NOW) == Allowance(
        100, 5, NOW + timedelta(minutes=5)
    )
    full = '{"7": [{"call_count": 100, "estimated_time_to_regain_access": 12}]}'
    assert by_percent({"x-business-use-case-usage": full}, now=NOW) == Allowance(
        100, 0, NOW + timedelta(minutes=12)
    )
    assert by_percent({"x-app-usage": "<html>"}, now=NOW) is None


class Window:
    """A platform that takes `size` posts of one account and then says 429, as X does by the quarter hour."""

    def __init__(self, room: PostRoom, size: int) -> None:
        self.size, self.room, self.refusals = size, room, 0
        self.opens()

    def opens(self) -> None:
        self.left, self.resets_at = self.size, self.room.now() + QUARTER

    def take(self, outgoing: Outgoing) -> Outcome:
        if outgoing.account.handle != HANDLE:
            return Sent(Receipt("other", "https://x.example/2"))
        if self.left == 0:
            self.refusals += 1
            return NotSent("429", retry_at=self.resets_at, account_wide=True)
        self.left -= 1
        said = Allowance(self.size, self.left, self.resets_at)
        return Sent(Receipt(str(outgoing.delivery_id), "https://x.example/1"), said)


def test_a_campaign_to_32_boroughs_by_one_account_spreads_out_and_never_hears_no(
    engine: Engine,
) -> None:
    room = PostRoom(engine)
    posts = [room.plan(f"Lock it, borough {number}.", latest_in=timedelta(hours=3)) for number in range(32)]
    other = room.plan("Barnet.", handle="DemoBarnet")
    window = Window(room, 10)
    room.platform.outcome = window.take
    rounds = []
    for _ in range(4):
        rounds.append(room.send_due().count(DeliveryState.SENT))
        room.later(QUARTER)
        room.rates = RatesHere()  # the database's times were moved; the count's were not
        window.opens()
    assert rounds == [11, 10, 10, 2]
    assert window.refusals == 0
    assert all(room.of(post).state is DeliveryState.SENT for post in [*posts, other])


def test_the_last_post_of_a_window_pauses_its_account_before_the_platform_says_no(engine: Engine) -> None:
    room = PostRoom(engine)
    room.platform.outcome = Window(room, 1).take
    room.plan()
    room.send_due()
    waiting = room.plan("Second.")
    assert room.claim() == []
    room.rates = SharedRates(NOWHERE)
    assert room.of(waiting).account_paused_until is not None
