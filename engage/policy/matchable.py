"""Whether any text can match a pattern: the shortest one found is the proof that it can.

A pattern is walked from left to right, keeping for every way of standing between two characters the
shortest text that leads there. RE2 has no look-ahead and no back-references, so what stands before and
what must follow is all there is to know, and the answer is exact. Patterns see folded text only: a
character that folding never leaves (é, a zero-width joiner, a Cyrillic look-alike) can be matched by nothing.
"""

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, auto
from re import _constants as op  # type: ignore[attr-defined]  # the standard library's own reading of a pattern
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from engage.policy.fold import fold


class Undecided(ValueError):
    """A pattern written in a way that is read by RE2 alone."""


class _Side(Enum):
    """What stands on one side of a place in a text."""

    EDGE = auto()
    WORD = auto()
    NEWLINE = auto()
    OTHER = auto()


_State = tuple[_Side, frozenset[_Side]]
"""What stands before, and what may follow."""
_Texts = Mapping[_State, str]
"""The shortest text that leads to each state."""

_ANYTHING = frozenset(_Side)
_READ_ELSEWISE = re.compile(r"\[\[?:|\\[pPQC]|\{,|\(\?[a-zA-Z]*[UP]?[a-zA-Z]*U")
_TEXT_END = re.compile(r"(?<!\\)((?:\\\\)*)\\z")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ASCII = f"{_LETTERS}{_LETTERS.upper()}0123456789_ -.,:;!?'\"()/&%#@*+=<>[]{{}}|\\^~`$\n\t\r"
_BEYOND = range(0xA0, 0x110000)
_IS_IN: Mapping[Any, re.Pattern[str]] = {
    op.CATEGORY_DIGIT: re.compile(r"[0-9]"),
    op.CATEGORY_NOT_DIGIT: re.compile(r"[^0-9]"),
    op.CATEGORY_SPACE: re.compile(r"[ \t\n\f\r]"),
    op.CATEGORY_NOT_SPACE: re.compile(r"[^ \t\n\f\r]"),
    op.CATEGORY_WORD: re.compile(r"[A-Za-z0-9_]"),
    op.CATEGORY_NOT_WORD: re.compile(r"[^A-Za-z0-9_]"),
}
_TAKES_ALL_BEYOND_ASCII = {op.CATEGORY_NOT_DIGIT, op.CATEGORY_NOT_SPACE, op.CATEGORY_NOT_WORD}
_BEFORE = {_Side.EDGE: "", _Side.WORD: "a", _Side.NEWLINE: "\n", _Side.OTHER: " "}


def example_of(pattern: str) -> str | None:
    """A short text, as a reader sees it, that RE2 finds the pattern in; None where there is none.

    Raises Undecided where the pattern is no pattern, or uses what only RE2 reads.
    """
    if _READ_ELSEWISE.search(pattern):
        raise Undecided(pattern)
    try:
        tree = _parser.parse(_TEXT_END.sub(r"\1\\Z", pattern), re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise Undecided(pattern) from error
    begun = {(side, _ANYTHING): text for side, text in _BEFORE.items()}
    ended = _walk(tree, begun, tree.state.flags)
    return min((_closed(state, text) for state, text in ended.items()), key=len, default=None)


def _closed(state: _State, text: str) -> str:
    """The text with what has to follow."""
    return text + min((_BEFORE[side] for side in state[1]), key=len)


def _walk(parts: Iterable[tuple[Any, Any]], texts: _Texts, flags: int) -> _Texts:
    """The states after these parts in turn."""
    for kind, value in parts:
        texts = _step(kind, value, texts, flags)
    return texts


def _step(kind: Any, value: Any, texts: _Texts, flags: int) -> _Texts:
    match kind:
        case op.AT:
            return _shortest((_at(value, state, flags), text) for state, text in texts.items())
        case op.LITERAL | op.NOT_LITERAL | op.IN | op.ANY:
            return _after_one_of(_members(_items(kind, value), flags), texts)
        case op.BRANCH:
            ways = [_walk(way, texts, flags).items() for way in value[1]]
            return _shortest(itertools.chain.from_iterable(ways))
        case op.SUBPATTERN:
            _, added, removed, inner = value
            return _walk(inner, texts, (flags | added) & ~removed)
        case op.MAX_REPEAT | op.MIN_REPEAT:
            least, most, part = value
            return _repeated(part, texts, flags, least=least, most=most)
        case _:
            raise Undecided(str(kind))


def _shortest(found: Iterable[tuple[_State, str]]) -> _Texts:
    """The shortest text for each state that anything can follow."""
    best: dict[_State, str] = {}
    for state, text in found:
        if state[1] and (state not in best or len(text) < len(best[state])):
            best[state] = text
    return best


def _repeated(part: Any, texts: _Texts, flags: int, *, least: int, most: int) -> _Texts:
    for _ in range(least):
        texts = _walk(part, texts, flags)
    known = dict(texts)
    for _ in range(most - least):
        texts = {state: text for state, text in _walk(part, texts, flags).items() if state not in known}
        if not texts:
            break
        known.update(texts)
    return known


def _at(where: Any, state: _State, flags: int) -> _State:
    """The state with what an anchor asks of either side; one that nothing may follow is dead."""
    before, after = state
    lines = {_Side.EDGE, _Side.NEWLINE} if flags & re.MULTILINE else {_Side.EDGE}
    word = {_Side.WORD}
    match where:
        case op.AT_BEGINNING:
            return (before, after if before in lines else frozenset())
        case op.AT_BEGINNING_STRING:
            return (before, after if before is _Side.EDGE else frozenset())
        case op.AT_END:
            return (before, after & lines)
        case op.AT_END_STRING:
            return (before, after & {_Side.EDGE})
        case op.AT_BOUNDARY:
            return (before, after - word if before is _Side.WORD else after & word)
        case op.AT_NON_BOUNDARY:
            return (before, after & word if before is _Side.WORD else after - word)
        case _:
            raise Undecided(str(where))


def _after_one_of(members: Mapping[_Side, str], texts: _Texts) -> _Texts:
    return _shortest(
        ((side, _ANYTHING), text + character)
        for (_, after), text in texts.items()
        for side, character in members.items()
        if side in after
    )


_Items = tuple[tuple[Any, Any], ...]


def _items(kind: Any, value: Any) -> _Items:
    """A literal, a negated one and a full stop, as the sets they are."""
    match kind:
        case op.LITERAL:
            return ((op.LITERAL, value),)
        case op.NOT_LITERAL:
            return ((op.NEGATE, None), (op.LITERAL, value))
        case op.ANY:
            return ((op.ANY, None),)
        case _:
            return tuple(value)


@functools.lru_cache(maxsize=4096)
def _members(items: _Items, flags: int) -> Mapping[_Side, str]:
    """One character of the set for each side it can be, of those that folded text has."""
    found: dict[_Side, str] = {}
    for character in itertools.chain(_ASCII, _beyond_ascii(items)):
        side = _side_of(character)
        if side not in found and _is_in(character, items, flags) and fold(character).text == character:
            found[side] = character
            if not character.isascii():
                break
    return found


def _side_of(character: str) -> _Side:
    if character == "\n":
        return _Side.NEWLINE
    return _Side.WORD if character.isascii() and (character.isalnum() or character == "_") else _Side.OTHER


def _is_in(character: str, items: _Items, flags: int) -> bool:
    same = _cases(character) if flags & re.IGNORECASE else (character,)
    negated = items[0][0] is op.NEGATE
    return negated != any(_has(item, character, same, flags) for item in items)


def _has(item: tuple[Any, Any], character: str, same: Iterable[str], flags: int) -> bool:
    kind, value = item
    match kind:
        case op.LITERAL:
            return chr(value) in same
        case op.RANGE:
            return any(value[0] <= ord(each) <= value[1] for each in same)
        case op.CATEGORY:
            return _IS_IN[value].match(character) is not None
        case op.ANY:
            return bool(flags & re.DOTALL) or character != "\n"
        case _:
            return False


def _beyond_ascii(items: _Items) -> Iterator[str]:
    """The characters beyond ASCII that may be in the set: those named, and all others where it is open."""
    named = [(value, value) for kind, value in items if kind is op.LITERAL]
    named += [value for kind, value in items if kind is op.RANGE]
    for first, last in named:
        for code in range(max(first, _BEYOND.start), last + 1):
            yield from _cases(chr(code))
    negated = items[0][0] is op.NEGATE
    is_open = any(kind is op.ANY or value in _TAKES_ALL_BEYOND_ASCII for kind, value in items)
    if negated != is_open:
        yield from map(chr, _BEYOND)


def _cases(character: str) -> tuple[str, ...]:
    """The characters that are one letter to a search that ignores case."""
    if character.isascii():
        return (character.lower(), character.upper())
    return (character, *_same_letter().get(character.casefold(), ()))


@functools.cache
def _same_letter() -> Mapping[str, tuple[str, ...]]:
    letters: dict[str, list[str]] = {}
    for character in map(chr, _BEYOND):
        if character.isalpha() and character.casefold() != character:
            letters.setdefault(character.casefold(), [character.casefold()]).append(character)
    return {key: tuple(each for each in letters[key] if len(each) == 1) for key in letters}
