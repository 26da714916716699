"""Conditions compiled to plain functions of a question: no text of a policy is ever run as code."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from engage.policy.language import (
    AllCondition,
    AnyCondition,
    Condition,
    FactCondition,
    KindCondition,
    MentionsCondition,
    MomentCondition,
    NotCondition,
    SaysCondition,
)
from engage.policy.question import UNSTATED, Question, is_empty, moment_of, number_of

Test = Callable[[Question], bool]
TextTest = Callable[[tuple[str, ...]], Test]


def compile_condition(condition: Condition, *, says: TextTest, mentions: TextTest) -> Test:  # noqa: PLR0911 - one return for each kind of condition
    """The condition as a function. `says` and `mentions` build the tests on the text."""

    def compile_one(part: Condition) -> Test:
        return compile_condition(part, says=says, mentions=mentions)

    match condition:
        case FactCondition():
            return _fact_test(condition)
        case KindCondition(kind=kinds):
            return lambda question: question.kind in kinds
        case MomentCondition(moment=moments):
            return lambda question: question.moment in moments
        case SaysCondition(says=phrases):
            return says(phrases)
        case MentionsCondition(mentions=kinds):
            return mentions(kinds)
        case AllCondition(all=parts):
            return every_one(tuple(compile_one(part) for part in parts))
        case AnyCondition(any=parts):
            return any_one(tuple(compile_one(part) for part in parts))
        case NotCondition(not_=part):
            inner = compile_one(part)
            return lambda question: not inner(question)


def every_one(tests: tuple[Test, ...]) -> Test:
    """A test that all of these hold. Plain loops: this is the hot path, and all() takes twice as long."""

    def test(question: Question) -> bool:
        for each in tests:  # noqa: SIM110 - see above
            if not each(question):
                return False
        return True

    return test


def any_one(tests: tuple[Test, ...]) -> Test:
    """A test that at least one of these holds."""

    def test(question: Question) -> bool:
        for each in tests:  # noqa: SIM110 - see every_one
            if each(question):
                return True
        return False

    return test


def _fact_test(condition: FactCondition) -> Test:
    compare = _comparison(condition)
    path = tuple(condition.fact.split("."))
    when_unstated = condition.unstated
    if condition.stated is not None:
        wanted = condition.stated
        return lambda question: _is_stated(_look_up(question.context, path)) is wanted

    def test(question: Question) -> bool:
        value = _look_up(question.context, path)
        if value is UNSTATED:
            return when_unstated == "fails" or (
                when_unstated == "fails_when_submitted" and question.moment != "typing"
            )
        return compare(value, question)

    return test


def _look_up(value: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        if not (type(value) is dict or isinstance(value, Mapping)) or step not in value:
            return UNSTATED
        value = value[step]
    return value


def _is_stated(value: Any) -> bool:
    return value is not UNSTATED and not is_empty(value)


def _comparison(condition: FactCondition) -> Callable[[Any, Question], bool]:
    """Every operator given must hold. The value is stated."""
    tests: list[Callable[[Any, Question], bool]] = []
    given = condition.model_fields_set
    if "equals" in given:
        wanted = _plain(condition.equals)
        tests.append(lambda value, _: _plain(value) == wanted)
    if condition.one_of is not None:
        some = tuple(_plain(each) for each in condition.one_of)
        tests.append(lambda value, _: _plain(value) in some)
    if condition.none_of is not None:
        none = tuple(_plain(each) for each in condition.none_of)
        tests.append(lambda value, _: _plain(value) not in none)
    if condition.contains is not None:
        tests.append(_containing(tuple(word.casefold() for word in condition.contains)))
    if condition.missing is not None:
        missing = condition.missing
        tests.append(lambda value, _: is_empty(value) is missing)
    return _all_of([*tests, *_measures(condition), *_times(condition)])


def _containing(words: tuple[str, ...]) -> Callable[[Any, Question], bool]:
    def test(value: Any, _: Question) -> bool:
        text = str(value).casefold()
        return any(word in text for word in words)

    return test


def _measures(condition: FactCondition) -> list[Callable[[Any, Question], bool]]:
    tests: list[Callable[[Any, Question], bool]] = []
    below, above, length = condition.below, condition.above, condition.shorter_than
    if below is not None:
        tests.append(lambda value, _: (read := number_of(value)) is not None and read < below)
    if above is not None:
        tests.append(lambda value, _: (read := number_of(value)) is not None and read > above)
    if length is not None:
        tests.append(lambda value, _: isinstance(value, str) and len(value.strip()) < length)
    return tests


def _times(condition: FactCondition) -> list[Callable[[Any, Question], bool]]:
    tests: list[Callable[[Any, Question], bool]] = []
    minutes, after = condition.older_than_minutes, condition.after_now
    if minutes is not None:
        tests.append(lambda value, question: _is_older(value, question, minutes))
    if after is not None:
        tests.append(lambda value, question: _is_after(value, question) is after)
    return tests


def _all_of(tests: list[Callable[[Any, Question], bool]]) -> Callable[[Any, Question], bool]:
    if len(tests) == 1:
        return tests[0]
    return lambda value, question: all(test(value, question) for test in tests)


def _is_older(value: Any, question: Question, minutes: float) -> bool:
    then = moment_of(value)
    return then is not None and question.now is not None and question.now - then > timedelta(minutes=minutes)


def _is_after(value: Any, question: Question) -> bool | None:
    then = moment_of(value)
    return None if then is None or question.now is None else then > question.now


def _plain(value: Any) -> Any:
    return value.strip().casefold() if isinstance(value, str) else value
