"""A policy decided in the plainest way there is: what the real one is held against.

Every check of every clause of every rule, one after the other; each phrase searched by `re` by itself;
each condition read off the rule as docs/policy-language.md words it. No gates, no bits, no set of
patterns, nothing kept of a post. Checks that work something out (grounding, statistics, names …) are the
policy's own, but always asked, and told what matches by `re`.
"""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from engage.policy import Policy
from engage.policy.checks import compile_check
from engage.policy.kit import Finder, Gated, Kit
from engage.policy.language import (
    AllCondition,
    AnyCondition,
    FactCondition,
    KindCondition,
    MatrixEntry,
    MentionsCondition,
    MomentCondition,
    NotCondition,
    RoleNeed,
    SaysCondition,
)
from engage.policy.passage import Passage
from engage.policy.phrases import pattern_of
from engage.policy.question import Question, is_empty, moment_of, number_of
from engage.policy.regimes import window_for
from engage.policy.tokens import T
from engage.policy.vocabulary import (
    Clause,
    HoldsCheck,
    PatternCheck,
    PhrasesCheck,
    RequiresCheck,
    Rule,
    TogetherCheck,
)
from engage.posts.people import ALSO_CALLED

Span = tuple[int, int]
Found = tuple[Span | None, str]
NOT_THERE = object()


class Naive:
    """A policy, to be decided so. Patterns are compiled once; nothing else is."""

    def __init__(self, policy: Policy) -> None:
        self.policy, self.force, self.kit = policy, policy.force, Kit(policy.force)
        self.finders: dict[int, Finder] = {}
        for check in (each for rule in policy.rules for clause in rule.clauses for each in clause.checks):
            compiled = compile_check(check, self.kit)
            self.finders[id(check)] = compiled.find if isinstance(compiled, Gated) else compiled

    def decide(self, post: Mapping[str, Any], *, moment: str) -> dict[str, Any]:
        """The decision as JSON, but for the policy's stamp."""
        return _Deciding(self, post, moment).decision()


class _ByRe:
    """The policy's patterns, each looked for by `re`; where they match, the policy's own finders ask RE2."""

    def __init__(self, kit: Kit) -> None:
        self._bank = kit.bank

    def hits(self, text: str) -> frozenset[int]:
        patterns = enumerate(self._bank.patterns)
        return frozenset(number for number, each in patterns if _compiled(each).search(text))

    def spans(self, number: int, text: str) -> list[Span]:
        return self._bank.spans(number, text)


class _Deciding:
    def __init__(self, naive: Naive, post: Mapping[str, Any], moment: str) -> None:
        self.policy, self.force, self.kit = naive.policy, naive.force, naive.kit
        self.finders = naive.finders
        self.question = Question.read(
            post, moment=moment, passage_of=lambda text: Passage(text, _ByRe(self.kit))
        )
        if "election_window" in self.question.context:
            stated = {"election_window": window_for(self.question)}
            self.question.context = {**self.question.context, **stated}
        self.text, self.masked = self.question.folded.text, self.question.masked
        self.context, self.moment = self.question.context, moment

    def decision(self) -> dict[str, Any]:
        broken: list[dict[str, Any]] = []
        asked: list[tuple[dict[str, Any], list[str], list[str]]] = []
        seen: list[object] = []
        for rule in self.policy.rules:
            for clause in rule.clauses:
                severity = clause.severity or rule.severity
                for finding in self.findings(rule, clause):
                    key = (finding["rule"], severity, finding["span"] or finding["message"])
                    if key in seen:
                        continue
                    seen.append(key)
                    if severity == "approve":
                        roles = [role.value for role in clause.roles or rule.roles]
                        asked.append((finding, roles, [role.value for role in clause.instead]))
                    else:
                        broken.append(finding)
        signoffs = self.signoffs([(role, others) for _, roles, others in asked for role in roles])
        missing = {need["role"] for need in signoffs["missing"]}
        return {
            "verdict": _verdict(broken, signoffs),
            "findings": [*broken, *(finding for finding, roles, _ in asked if missing & set(roles))],
            "signoffs": signoffs,
        }

    def findings(self, rule: Rule, clause: Clause) -> Iterator[dict[str, Any]]:
        if not self.applies(rule, clause):
            return
        for check in clause.checks:
            message, fix = (
                getattr(check, name) or getattr(clause, name) or getattr(rule, name)
                for name in ("message", "fix")
            )
            for span, detail in list(self.found(check))[:10]:
                original = None if span is None else self.question.folded.span(*span)
                words = detail if original is None else self.question.text[slice(*original)]
                yield {
                    "rule": rule.id,
                    "severity": (clause.severity or rule.severity).value,
                    "message": message.replace("{found}", words).replace("{detail}", detail or words),
                    "why": rule.why,
                    "source": f"{rule.source.code} ({rule.source.basis}, {rule.source.grade}): {rule.source.says}",
                    "span": None if original is None else list(original),
                    "fix": fix.replace("{found}", words).replace("{detail}", detail or words),
                }

    def applies(self, rule: Rule, clause: Clause) -> bool:
        kinds = rule.kinds if clause.kinds is None else clause.kinds
        return (
            (kinds == "all" or self.question.kind in kinds)
            and (rule.platforms == "all" or self.question.platform in rule.platforms)
            and all(self.holds(each) for each in (rule.when, clause.when) if each is not None)
            and not any(self.holds(each) for each in (rule.unless, clause.unless) if each is not None)
        )

    # What a check finds

    def found(self, check: Any) -> Iterator[Found]:
        match check:
            case PhrasesCheck(phrases=phrases):
                yield from self.outside(self.phrases(phrases), check.except_)
            case PatternCheck(pattern=pattern):
                yield from self.outside(self.spans(pattern), check.except_)
            case TogetherCheck():
                yield from self.together(check)
            case RequiresCheck(requires=phrases):
                if not self.in_text(phrases):
                    yield (None, "")
            case HoldsCheck(holds=condition):
                if self.holds(condition):
                    yield (None, "")
            case _:
                yield from self.of_its_own(check)

    def outside(self, spans: Sequence[Span], exceptions: Sequence[str]) -> Iterator[Found]:
        excused = self.phrases(exceptions) if exceptions else []
        yield from ((span, "") for span in spans if not any(_share(span, each) for each in excused))

    def together(self, check: TogetherCheck) -> Iterator[Found]:
        excused = self.phrases(check.except_) if check.except_ else []
        first, *others = [
            [span for span in self.phrases(group) if not any(_share(span, each) for each in excused)]
            for group in check.together
        ]
        for span in first:
            if all(
                any(not _share(span, each) and self.beside(span, each, check.within) for each in other)
                for other in others
            ):
                yield (span, "")

    def beside(self, one: Span, other: Span, within: str) -> bool:
        return within == "text" or self.sentence(one[0]) == self.sentence(other[0])

    def sentence(self, position: int) -> Span:
        return next(
            each for each in reversed(self.question.passage.sentences) if each[0] <= position or each[0] == 0
        )

    def spans(self, pattern: str) -> list[Span]:
        """Where a pattern matches the text; where it does not, the text with digits read as letters."""
        found = [each.span() for each in _compiled(pattern).finditer(self.text)]
        if not found and self.masked is not None:
            found = [each.span() for each in _compiled(pattern).finditer(self.masked)]
        return found

    def phrases(self, phrases: Sequence[str]) -> list[Span]:
        return self.spans(self.any_of(phrases))

    def any_of(self, phrases: Sequence[str]) -> str:
        listed = [
            word
            for each in phrases
            for word in (self.force.lists[each[1:]] if each.startswith("$") else (each,))
        ]
        longest_first = sorted(set(listed), key=lambda phrase: (-len(phrase), phrase))
        return "(?i)" + "|".join(f"(?:{_pattern_of(phrase)})" for phrase in longest_first)

    def in_text(self, phrases: Sequence[str]) -> bool:
        return _compiled(self.any_of(phrases)).search(self.text) is not None

    def of_its_own(self, check: Any) -> Iterator[Found]:
        """The policy's own finder, whatever it is said to need."""
        yield from ((hit.span, hit.detail) for hit in self.finders[id(check)](self.question))

    # Whether a condition holds

    def holds(self, condition: Any) -> bool:  # noqa: PLR0911 - one return for each kind of condition
        match condition:
            case AllCondition(all=parts):
                return all(self.holds(part) for part in parts)
            case AnyCondition(any=parts):
                return any(self.holds(part) for part in parts)
            case NotCondition(not_=part):
                return not self.holds(part)
            case KindCondition(kind=kinds):
                return self.question.kind in kinds
            case MomentCondition(moment=moments):
                return self.moment in moments
            case SaysCondition(says=phrases):
                return bool(self.phrases(phrases))
            case MentionsCondition(mentions=kinds):
                return any(self.kit.tokeniser.tokens(self.question, T(kind)) for kind in kinds)
            case _:
                return self.compares(condition)

    def compares(self, condition: FactCondition) -> bool:
        value: Any = self.context
        for step in condition.fact.split("."):
            value = value[step] if isinstance(value, Mapping) and step in value else NOT_THERE
        if condition.stated is not None:
            return (value is not NOT_THERE and not is_empty(value)) is condition.stated
        if value is NOT_THERE:
            return condition.unstated == "fails" or (
                condition.unstated == "fails_when_submitted" and self.moment != "typing"
            )
        return all((*self.comparisons(condition, value), *self.measures(condition, value)))

    @staticmethod
    def comparisons(condition: FactCondition, value: Any) -> Iterator[bool]:
        if "equals" in condition.model_fields_set:
            yield _plain(value) == _plain(condition.equals)
        if condition.one_of is not None:
            yield _plain(value) in [_plain(each) for each in condition.one_of]
        if condition.none_of is not None:
            yield _plain(value) not in [_plain(each) for each in condition.none_of]
        if condition.contains is not None:
            yield any(word.casefold() in str(value).casefold() for word in condition.contains)
        if condition.missing is not None:
            yield is_empty(value) is condition.missing

    def measures(self, condition: FactCondition, value: Any) -> Iterator[bool]:
        number, then, now = number_of(value), moment_of(value), moment_of(self.context.get("now"))
        if condition.below is not None:
            yield number is not None and number < condition.below
        if condition.above is not None:
            yield number is not None and number > condition.above
        if condition.shorter_than is not None:
            yield isinstance(value, str) and len(value.strip()) < condition.shorter_than
        if condition.older_than_minutes is not None:
            yield bool(then and now and now - then > timedelta(minutes=condition.older_than_minutes))
        if condition.after_now is not None:
            yield bool(then and now) and (then > now) is condition.after_now  # type: ignore[operator]

    # Who has to sign

    def signoffs(self, also: Sequence[tuple[str, list[str]]]) -> dict[str, Any]:
        entry = self.entry()
        needs = [] if entry is None else [each for each in self.needs(entry) if self.is_needed(each)]
        required = {} if entry else {"press_officer": 1}
        for need in needs:
            required[need.role.value] = max(required.get(need.role.value, 0), need.count)
        for role in sorted({role for role, _ in also}):
            if role != "press_officer" or "duty_press_officer" not in required:
                required.setdefault(role, 1)
        own = [(need.role.value, [role.value for role in need.instead]) for need in needs]
        held, missing = self.matched(required, [*own, *also])
        return {
            "required": [{"role": role, "count": count} for role, count in required.items()],
            "held": held,
            "missing": [{"role": role, "count": count} for role, count in missing.items() if count],
            "valid_for_minutes": entry.valid_for_minutes if entry else 1440,
            "approve_within_minutes": entry.approve_within_minutes if entry else 480,
        }

    def entry(self) -> MatrixEntry | None:
        """The first entry for the kind whose condition holds, else the first without a condition."""
        own = [each for each in self.force.matrix if self.question.kind in each.kinds]
        fitting = [each for each in own if each.when is not None and self.holds(each.when)]
        return next(iter([*fitting, *(each for each in own if each.when is None)]), None)

    def needs(self, entry: MatrixEntry) -> Sequence[RoleNeed]:
        after = entry.out_of_hours
        if self.context.get("out_of_hours") is not True or isinstance(after, str):
            return entry.approve
        return after

    def is_needed(self, need: RoleNeed) -> bool:
        return need.when is None or self.holds(need.when)

    def matched(
        self, required: Mapping[str, int], asked: Sequence[tuple[str, list[str]]]
    ) -> tuple[list[dict[str, str]], dict[str, int]]:
        """Everybody fills one need: of their own role, else one they stand for, else one they do instead."""
        missing, held, used = dict(required), list[dict[str, str]](), list[str]()
        stands_for = {
            role.value: [each.value for each in others] for role, others in self.force.stands_for.items()
        }
        for way in ("own", "stands for", "instead"):
            for role, by in self.approvals():
                fits = {
                    "own": [role],
                    "stands for": stands_for.get(role, []),
                    "instead": [
                        need
                        for need in {each for each, _ in asked}
                        if all(role in others for each, others in asked if each == need)
                    ],
                }[way]
                need = next((each for each in missing if missing[each] > 0 and each in fits), None)
                if need is not None and by not in used:
                    missing[need] -= 1
                    used.append(by)
                    held.append({"role": role, "by": by})
        return held, missing

    def approvals(self) -> list[tuple[str, str]]:
        """The approvals that count: by a person, not the drafter, in a role that approves."""
        listed = self.context.get("approvals")
        given = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
        pairs = [
            (str(ALSO_CALLED.get(str(each["role"]).strip().casefold(), each["role"])), str(each["by"]))
            for each in given
            if each.get("role") and each.get("by")
        ]
        return [
            (role, by)
            for role, by in pairs
            if by != self.context.get("drafter")
            and by not in {"assistant", "Engage"}
            and role not in {"administrator", "auditor"}
        ]


def _verdict(broken: Sequence[Mapping[str, Any]], signoffs: Mapping[str, Any]) -> str:
    if any(finding["severity"] in {"block", "require"} for finding in broken):
        return "block"
    press = {"press_officer", "duty_press_officer"}
    people = [need["role"] for need in signoffs["missing"] for _ in range(need["count"])]
    if not any(each["role"] in press for each in signoffs["held"]):
        for role in ("press_officer", "duty_press_officer"):
            if role in people:
                people.remove(role)
                break
    return "escalate" if people else "allow"


def _share(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _plain(value: Any) -> Any:
    return value.strip().casefold() if isinstance(value, str) else value


_pattern_of = functools.cache(pattern_of)


_TEXT_END = re.compile(r"(?<!\\)((?:\\\\)*)\\z")
"""The end of a text as RE2 writes it; Python 3.11 writes it with a capital."""


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_TEXT_END.sub(r"\1\\Z", pattern), re.ASCII)
