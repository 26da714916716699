"""Holds and pre-election windows as a context may state them."""

from typing import Any

import pytest

from engage.policy import Policy, load_policy
from tests.policy.builders import MET, a_post


@pytest.fixture(scope="module")
def met() -> Policy:
    return load_policy(MET)


NOW = "2026-10-12T12:00"


@pytest.mark.parametrize(
    "hold",
    [
        True,
        "force",
        {"active": True},
        {"scope": "force"},
        {"scope": "borough", "value": "Camden"},
        {"active": True, "boroughs": ["Hackney", "Camden"]},
        {"active": True, "until": "2026-10-12"},
        {"active": True, "until": "2026-10-12T12:01"},
        [{"scope": "borough", "value": "Hackney"}, {"scope": "kind", "value": "prevention"}],
    ],
)
def test_a_hold_that_reaches_the_post_stops_it(met: Policy, hold: Any) -> None:
    assert "O08" in met.decide(a_post("Lock your bike.", now=NOW, borough="Camden", hold=hold)).rules


@pytest.mark.parametrize(
    "hold",
    [
        False,
        None,
        "lifted",
        [],
        {},
        {"active": False, "scope": "force"},
        {"global": False, "borough": False},
        {"active": True, "borough": "Hackney"},
        {"scope": "borough", "value": "Hackney"},
        {"scope": "kind", "value": "engagement"},
        {"scope": "platform", "value": "x"},
        {"scope": "force", "lifted_at": "2026-10-12T09:00"},
        {"active": True, "until": "2026-10-11"},
        {"active": True, "until": "2026-10-12T11:59"},
        {"active": True, "starts": "2026-10-20"},
    ],
)
def test_a_hold_that_is_lifted_or_for_others_stops_nothing(met: Policy, hold: Any) -> None:
    assert "O08" not in met.decide(a_post("Lock your bike.", now=NOW, borough="Camden", hold=hold)).rules


@pytest.mark.parametrize(
    ("window", "fires"),
    [
        ({"active": True}, True),
        (True, True),
        ({"active": True, "kind": "local", "boroughs": ["Camden"]}, True),
        ({"active": True, "kind": "local", "borough": "Hackney"}, False),
        ({"active": True, "ends": "2026-10-01"}, False),
        ({"active": False}, False),
    ],
)
def test_a_pre_election_window_counts_in_its_boroughs_and_days(met: Policy, window: Any, fires: bool) -> None:
    post = a_post(
        "Meet us at the fair.", kind="engagement", now=NOW, borough="Camden", election_window=window
    )
    assert ("L09" in met.decide(post).rules) is fires
