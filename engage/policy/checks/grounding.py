"""Grounding: what a text states must be on its record, among the contacts, or allowed.

What nobody recorded is not judged: figures need evidence or data to be compared with, and names,
references and telephone numbers are judged always, because an invented one does harm by itself.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from engage.policy.fold import folded
from engage.policy.kit import Gated, Hit, Kit
from engage.policy.question import UNSTATED, Question, number_of
from engage.policy.record import Record, record_of
from engage.policy.tokens import T, Token
from engage.policy.values import MONTH, Share, digits_of, minutes_in, number_in, share_in, when_in
from engage.policy.vocabulary import GroundedCheck

Matches = Callable[[Token, Record, Question], bool]
_EVERY = frozenset(T)
_ALWAYS = frozenset({T.PHONE, T.LINK, T.HANDLE})
_TELLS_OF: tuple[tuple[frozenset[T], tuple[str, ...]], ...] = (
    (
        frozenset({T.NUMBER, T.PERCENTAGE}),
        ("data.n_now", "data.counts", "data.parts", "forecast.interval"),
    ),
    (frozenset({T.DATE}), ("data.period_now", "forecast.data_to")),
    (frozenset({T.REFERENCE}), ("case.cad", "missing.ref")),
)
"""Without evidence, kinds of token are compared with these facts, where they are stated."""
_BETWEEN_PLACES = re.compile(r"\s+(?:on|and|&|of)\s+|'s\s+")
"""What joins two places each of which may be on record: "Charlie's Café on Albert Street"."""
_KIND_OF_AREA = re.compile(r" (?:ward|borough|area|neighbourhood)\Z")
"""What may be said behind an area's name without making it another or a finer one."""
_CLOSE = 0.0501
"""Percentage points: a share shown to one decimal."""


def grounded(check: GroundedCheck, kit: Kit) -> Gated:
    """A hit for every token of the kinds asked for that nothing on record states."""
    matches = _matchers(kit)
    kinds = tuple(T.PERSON if name == "name" else T(name) for name in check.grounded)

    def find(question: Question) -> Iterator[Hit]:
        recorded = _recorded(question)
        judged = [kind for kind in kinds if kind in recorded]
        if T.PERSON in judged and _are_officers_judged(question):
            judged.append(T.OFFICER)
        for token in kit.tokens(question, *judged):
            if not matches[token.kind](token, record_of(question), question):
                yield Hit((token.start, token.end), token.text)

    named = (T.OFFICER,) if T.PERSON in kinds else ()
    needed = (kit.tokeniser.patterns_of(kind) for kind in (*kinds, *named))
    return Gated(find, frozenset[int]().union(*needed))


def _recorded(question: Question) -> frozenset[T]:
    """The kinds of token that there is a record to compare with."""
    if "evidence" in question.context:
        return _EVERY
    stated = [
        kinds for kinds, paths in _TELLS_OF if any(question.fact(path) is not UNSTATED for path in paths)
    ]
    return _ALWAYS.union(*stated)


def _are_officers_judged(question: Question) -> bool:
    """Whether officers may not be named, or those who may be are in evidence."""
    if question.context.get("officers_named_with_consent") is False:
        return True
    evidence = question.context.get("evidence")
    return isinstance(evidence, list | tuple) and any(
        isinstance(each, dict | Mapping) and "officer" in str(each.get("field")) for each in evidence
    )


def _matchers(kit: Kit) -> Mapping[T, Matches]:
    return {
        T.NUMBER: _number,
        T.PERCENTAGE: _percentage,
        T.DATE: _date,
        T.TIME: _time,
        T.PLACE: _place,
        T.PERSON: _words,
        T.OFFICER: _officer,
        T.REFERENCE: _reference,
        T.PHONE: lambda token, record, _: _is_contact(kit, token) or record.has_words(token.text),
        T.HANDLE: lambda token, record, _: (
            token.text.casefold() in kit.handles or record.has_words(token.text)
        ),
        T.LINK: lambda token, record, _: on_domain(kit, token.text) or record.has_words(token.text),
    }


def _number(token: Token, record: Record, question: Question) -> bool:
    value = number_in(token.text)
    if value is None or value in record.numbers:
        return True
    if not token.text.isdigit() and record.has_words(token.text):
        return True
    return _is_part_of_a_moment(value, token, record, question.folded.text)


def _is_part_of_a_moment(value: float, token: Token, record: Record, text: str) -> bool:
    """Whether a number is a day ("the 3rd", "3 and 4 October"), an hour ("2 to 4pm") or a length ("three months")."""
    after = text[token.end : token.end + 40]
    if token.text[-2:].casefold() in _NTH or _DAY_FOLLOWS.match(after):
        return any(known.day == value for known in record.dates)
    if _CLOCK.fullmatch(token.text):
        return bool(minutes_in(token.text) & record.times)
    if _MONTHS_FOLLOW.match(after):
        return value in record.months
    if value > _HOURS or not (_HOUR_FOLLOWS.match(after) or _HOUR_BEFORE.search(text[: token.start][-12:])):
        return False
    return bool({value % _HOURS * 60, (value % _HOURS + _HOURS) * 60} & record.times)


_CLOCK = re.compile(r"(?:[01]?\d|2[0-3])\.[0-5]\d")
_HOURS = 12
_NTH = frozenset({"st", "nd", "rd", "th"})
_DAY_FOLLOWS = re.compile(rf"(?i)\s*(?:-|,|and|to|or)\s*\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{MONTH}\b")
_MONTHS_FOLLOW = re.compile(r"(?i)\s+(?:\w+\s+)?months?\b")
_HOUR_FOLLOWS = re.compile(r"(?i)\s*(?:-|to|and|until|till)\s*(?:\d|noon|midday|midnight)")
_HOUR_BEFORE = re.compile(r"(?i)\b(?:at|from|until|till|by|and|to|before|after|about|around)\s+\Z|[ap]m-\Z")


def _officer(token: Token, record: Record, question: Question) -> bool:  # noqa: ARG001 - every matcher is called alike
    """An officer as recorded, with the rank written out or not, or by surname alone."""
    named = token.text.removesuffix("'s")
    if record.has_words(named):
        return True
    each = (part.split() for part in _BETWEEN_OFFICERS.split(named))
    return all(
        record.has_words(" ".join(word for word in words if not _RANK.fullmatch(word))) for words in each
    )


_RANK = re.compile(
    r"(?i)(?:pc|pcso|pd|ph|ps|spc|sgt|sergeant|insp|inspector|dc|ds|di|dci|dcs|dsu|dac|acc|cmdr|det|detective|supt"
    r"|superintendent|commander|commissioner|constable|ch|chief|t/|a/|acting|temporary|deputy|assistant|special"
    r"|police|support|ward|liaison|prevention|school|neighbourhood|officer)s?\.?"
)
_BETWEEN_OFFICERS = re.compile(r",\s*|\s+and\s+")


def _share(token: Token, record: Record, question: Question) -> bool:
    """A share in words, as recorded or as it follows from the counts; within a quarter, as words are."""
    share = share_in(token.text)
    before, after = question.folded.text[: token.start][-12:], question.folded.text[token.end :][:16]
    if share is None or record.has_words(token.text) or _NO_SHARE.search(f"{before}|{after}"):
        return True
    data = question.section("data")
    now, base = number_of(data.get("n_now")), number_of(data.get("n_base"))
    if now and base and any(share.is_like(ratio) for ratio in _ratios(share, now, base)):
        return True
    if share.ratio < 1 and any(abs(share.ratio * 100 - known) <= 1 for known in record.numbers):
        return True
    return not share.is_change and any(
        abs(share.ratio - part / whole) <= _ROUND_SHARE
        for whole in record.numbers
        for part in record.numbers
        if whole >= part > 0
    )


def _ratios(share: Share, now: float, base: float) -> Iterator[float]:
    """What two counts give for a share: a change, one of the other, or (“one in seven fewer”) either."""
    if share.is_change or share.ratio < 1:
        yield abs(now - base) / base
    if not share.is_change:
        yield now / base


_ROUND_SHARE = 0.03
"""How far a share of two counts may be from the words for it."""


_NO_SHARE = re.compile(
    r"(?i)\b(?:first|second|latter|other)\s+\||\|\s*(?:an? |the )?(?:hour|mile|minute|day|way|you|us)\b"
)


def _percentage(token: Token, record: Record, question: Question) -> bool:
    if "%" not in token.text and not token.text.casefold().endswith("cent"):
        return _share(token, record, question)
    value = number_in(token.text)
    return value is None or any(abs(value - known) <= _CLOSE for known in record.numbers)


def _date(token: Token, record: Record, question: Question) -> bool:
    when = when_in(token.text)
    year = question.now.year if question.now else None
    for known in record.dates:
        if when.said_by(known, year=year):
            return True
    return record.has_words(token.text)


def _time(token: Token, record: Record, question: Question) -> bool:  # noqa: ARG001 - every matcher is called alike
    return bool(minutes_in(token.text) & record.times) or record.has_words(token.text)


def _place(token: Token, record: Record, question: Question) -> bool:
    borough = question.context.get("borough")
    own = folded(borough) if isinstance(borough, str) else ""
    name = token.text.removesuffix("'s")
    parts = [folded(name)]
    if not record.has_words(name):
        parts = [folded(part) for part in _BETWEEN_PLACES.split(name)]
    if len(parts) == 1 and _begins_sentence(token, question):
        parts = [parts[0].partition(" ")[2] or parts[0]]
    bare = [_KIND_OF_AREA.sub("", part) for part in parts]
    return all(part == own or record.has_words(part) or (bool(own) and part in own) for part in bare)


def _begins_sentence(token: Token, question: Question) -> bool:
    """Whether a name's first word may have its capital from the sentence: "Visiting Highbury Fields"."""
    return question.folded.text[: token.start].rstrip(" \n")[-1:] in {"", ".", "!", "?", ":"}


def _words(token: Token, record: Record, question: Question) -> bool:  # noqa: ARG001 - every matcher is called alike
    return record.has_words(token.text.removesuffix("'s"))


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
    for domain in domains:  # noqa: SIM110 - plain loops: this is the hot path
        if host == domain or host.endswith(f".{domain}"):
            return True
    return False
