"""Every condition can be said in words that a press officer reads."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter

from engage.policy import load_policy
from engage.policy.conditions_said import said
from engage.policy.language import Condition, FactCondition
from tests.policy.builders import MET

CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"fact": "case.status", "one_of": ["arrested", "charged"]}, "case status is arrested or charged"),
        ({"fact": "case.series", "equals": False}, "case series is no"),
        ({"fact": "image.review_at", "stated": True}, "image review at is stated"),
        ({"not": {"fact": "a", "missing": True}}, "not (a is recorded as nothing)"),
        ({"kind": ["arrest", "charge"]}, "it is of kind arrest or charge"),
        ({"mentions": ["person", "place"]}, "it mentions a person or place"),
        (
            {"all": [{"any": [{"says": ["x"]}, {"moment": ["send"]}]}, {"fact": "n", "below": 20}]},
            "(it says “x”, or it is asked at send), and n is below 20",
        ),
        (
            {"fact": "o", "contains": [str(each) for each in range(9)]},
            "o mentions 0, 1, 2, 3, 4, 5 or one of 3 more",
        ),
    ],
)
def test_a_condition_in_words(condition: dict[str, Any], words: str) -> None:
    assert said(CONDITION.validate_python(condition)) == words


def test_every_condition_of_the_shipped_policy_compares_something() -> None:
    policy = load_policy(MET)
    told = [said(each) for each in _conditions(policy)]
    assert len(told) > 20
    assert [text for text in told if "is anything" in text] == []


def test_every_comparison_of_the_language_has_its_words() -> None:
    values = {"one_of": ["a"], "none_of": ["a"], "contains": ["a"], "equals": "a"}
    for field in set(FactCondition.model_fields) - {"fact", "unstated"}:
        text = said(CONDITION.validate_python({"fact": "thing", field: values.get(field, 1)}))
        assert text.startswith("thing "), field
        assert "is anything" not in text, field


def _conditions(policy: Any) -> Iterator[Condition]:
    for rule in policy.rules:
        for each in (rule, *rule.clauses):
            yield from (condition for condition in (each.when, each.unless) if condition is not None)
    yield from (entry.when for entry in policy.force.matrix if entry.when is not None)
