"""Grounding: what a text states must be on its record, among the contacts, or allowed.

What nobody recorded is not judged: figures need evidence or data to be compared with, and names,
references and telephone numbers are judged always, because an invented one does harm by itself.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from engage.policy.fold import folded
from engage.policy.kit import Gated, Hit, Kit
from engage.policy.question import UNSTATED, Question
from engage.policy.record import Record, record_of
from engage.policy.tokens import T, Token
from engage.policy.values import digits_of, minutes_in, number_in, when_in
from engage.policy.vocabulary import GroundedCheck

Matches = Callable[[Token, Record, Question], bool]
_EVERY = frozenset(T)
_ALWAYS = frozenset({T.PHONE, T.LINK, T.HANDLE})
_FIGURES = frozenset({T.NUMBER, T.PERCENTAGE, T.DATE})
_BETWEEN_PLACES = re.compile(r"\s+(?:on|and|&|of)\s+|'s\s+")
"""What joins two places each of which may be on record: "Charlie's Café on Albert Street"."""
_CLOSE = 0.0501
"""Percentage points: a share shown to one decimal."""


def grounded(check: GroundedCheck, kit: Kit) -> Gated:
    """A hit for every token of the kinds asked for that nothing on record states."""
    matches = _matchers(kit)
    kinds = tuple(T.PERSON if name == "name" else T(name) for name in check.grounded)

    def find(question: Question) -> Iterator[Hit]:
        recorded = _recorded(question)
        judged = [kind for kind in kinds if kind in recorded]
        if T.PERSON in judged and question.context.get("officers_named_with_consent") is False:
            judged.append(T.OFFICER)
        for token in kit.tokens(question, *judged):
            if not matches[token.kind](token, record_of(question), question):
                yield Hit((token.start, token.end), token.text)

    named = (T.OFFICER,) if T.PERSON in kinds else ()
    needed = (kit.tokeniser.patterns_of(kind) for kind in (*kinds, *named))
    return Gated(find, frozenset[int]().union(*needed))


def _recorded(question: Question) -> frozenset[T]:
    """The kinds of token that there is a record to compare with."""
    context = question.context
    if "evidence" in context:
        return _EVERY
    known = _FIGURES | _ALWAYS if "data" in context or "forecast" in context else _ALWAYS
    if any(question.fact(path) is not UNSTATED for path in ("case.cad", "missing.ref")):
        return known | {T.REFERENCE}
    return known


def _matchers(kit: Kit) -> Mapping[T, Matches]:
    return {
        T.NUMBER: _number,
        T.PERCENTAGE: _percentage,
        T.DATE: _date,
        T.TIME: _time,
        T.PLACE: _place,
        T.PERSON: _words,
        T.OFFICER: _words,
        T.REFERENCE: _reference,
        T.PHONE: lambda token, record, _: _is_contact(kit, token) or record.has_words(token.text),
        T.HANDLE: lambda token, record, _: (
            token.text.casefold() in kit.handles or record.has_words(token.text)
        ),
        T.LINK: lambda token, record, _: on_domain(kit, token.text) or record.has_words(token.text),
    }


def _number(token: Token, record: Record, question: Question) -> bool:  # noqa: ARG001 - every matcher is called alike
    value = number_in(token.text)
    return value is None or value in record.numbers or record.has_words(token.text)


def _percentage(token: Token, record: Record, question: Question) -> bool:  # noqa: ARG001 - every matcher is called alike
    value = number_in(token.text)
    return value is None or any(abs(value - known) <= _CLOSE for known in record.numbers)


def _date(token: Token, record: Record, question: Question) -> bool:
    when = when_in(token.text)
    year = question.now.year if question.now else None
    return any(when.said_by(known, year=year) for known in record.dates) or record.has_words(token.text)


def _time(token: Token, record: Record, question: Question) -> bool:  # noqa: ARG001 - every matcher is called alike
    return bool(minutes_in(token.text) & record.times) or record.has_words(token.text)


def _place(token: Token, record: Record, question: Question) -> bool:
    borough = question.context.get("borough")
    own = folded(borough) if isinstance(borough, str) else ""
    name = token.text.removesuffix("'s")
    parts = [folded(name)]
    if not record.has_words(name):
        parts = [folded(part) for part in _BETWEEN_PLACES.split(name)]
    return all(part == own or record.has_words(part) or (bool(own) and part in own) for part in parts)


def _words(token: Token, record: Record, question: Question) -> bool:  # noqa: ARG001 - every matcher is called alike
    return record.has_words(token.text)


def _reference(token: Token, record: Record, question: Question) -> bool:
    said = bare_reference(token.text)
    stated = [question.fact(path) for path in ("case.cad", "missing.ref", "case.crime_ref")]
    known = [bare_reference(value) for value in stated if isinstance(value, str) and value]
    if said in known:
        return True
    return not known and (record.has_words(token.text) or said in record.words.replace(" ", ""))


def bare_reference(text: str) -> str:
    """A reference without the words around it: "CAD 1204/03OCT" is 1204/03oct."""
    words = (
        folded(text).replace("cad", " ").replace("reference", " ").replace("ref", " ").replace("cris", " ")
    )
    return "".join(word for word in words.replace(":", " ").replace("number", " ").split() if word != "no.")


def _is_contact(kit: Kit, token: Token) -> bool:
    return digits_of(token.text) in kit.contact_digits


def on_domain(kit: Kit, link: str) -> bool:
    """Whether a link is on an allowed domain or below one; user parts and look-alikes are not."""
    return is_below(host_of(link), kit.force.contacts.domains)


def host_of(link: str) -> str:
    """The host of a link as written, in lower case; empty where it hides behind a user part."""
    rest = link.casefold().split("://", 1)[-1]
    authority = rest.split("/", 1)[0].split("?", 1)[0].split("#", 1)[0]
    return "" if "@" in authority or "\\" in authority else authority.split(":", 1)[0].removeprefix("www.")


def is_below(host: str, domains: tuple[str, ...]) -> bool:
    """Whether a host is one of the domains or a part of one."""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
