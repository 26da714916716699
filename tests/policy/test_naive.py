"""What makes the engine quick changes no decision: it decides as a naive reading of the same rules does."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage.policy import CaseBook, Policy
from tests.policy.builders import MET
from tests.policy.made_up import MATRICES, MOMENTS, POSTS, RULE_LISTS, made_up
from tests.policy.naive import Naive

BOOK = CaseBook.read(MET)
MET_NAIVE = Naive(BOOK.policy)
SAID = [case.post for case, _ in BOOK.cases]


def decided(policy: Policy, post: dict[str, Any], moment: str) -> dict[str, Any]:
    answer = policy.decide(post, moment=moment).to_json()
    del answer["policy"]
    return answer


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(RULE_LISTS, MATRICES, st.lists(st.tuples(POSTS, st.sampled_from(MOMENTS)), min_size=1, max_size=6))
def test_a_made_up_policy_decides_as_a_naive_reading_of_it_does(
    rules: list[dict[str, Any]], matrix: list[dict[str, Any]], asked: list[tuple[dict[str, Any], str]]
) -> None:
    policy = made_up(rules, matrix)
    naive = Naive(policy)
    for post, moment in asked:
        assert decided(policy, post, moment) == naive.decide(post, moment=moment)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_the_met_policy_decides_mixed_up_cases_as_a_naive_reading_of_it_does(data: st.DataObject) -> None:
    one, other, third = (data.draw(st.sampled_from(SAID)) for _ in range(3))
    text = data.draw(st.sampled_from([" ", "\n", ". "])).join([one["text"], other["text"]])
    post = {
        "kind": data.draw(st.sampled_from([one["kind"], third["kind"]])),
        "platform": data.draw(st.sampled_from(["x", "facebook"])),
        "text": data.draw(st.sampled_from([text, one["text"], text.upper(), _masked(text)])),
        "context": {**third.get("context", {}), **one.get("context", {})},
    }
    moment = data.draw(st.sampled_from(MOMENTS))
    assert decided(BOOK.policy, post, moment) == MET_NAIVE.decide(post, moment=moment)


def _masked(text: str) -> str:
    return text.translate(str.maketrans("olea", "01E4"))


@pytest.mark.parametrize("moment", MOMENTS)
def test_every_shipped_case_is_decided_as_a_naive_reading_of_the_policy_decides_it(moment: str) -> None:
    unlike = [
        f"{where.file}:{where.line}"
        for case, where in BOOK.cases
        if decided(BOOK.policy, case.post, moment) != MET_NAIVE.decide(case.post, moment=moment)
    ]
    assert unlike == []
