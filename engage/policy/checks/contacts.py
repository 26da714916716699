"""Checks on how the public is told to reach somebody: numbers, links, handles, references."""

import re
from collections.abc import Callable, Iterator, Sequence

from engage.policy.checks.grounding import bare_reference, host_of, is_below, on_domain
from engage.policy.kit import NOTHING, Finder, Gated, Hit, Kit
from engage.policy.question import Question, moment_of
from engage.policy.record import record_of
from engage.policy.tokens import T, Token
from engage.policy.values import digits_of
from engage.policy.vocabulary import LinksCheck, PhonesCheck, ReferenceCheck

_WELL_FORMED = re.compile(
    r"\d{1,5}/(?:0[1-9]|[12]\d|3[01])(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:\d\d)?"
    r"|\d\dmis\d{6}|\d{4,8}/\d\d|[a-z]{0,4}\d{4,}[\d/-]*",
)
_CAD = re.compile(
    r"\d{1,5}/(?:0[1-9]|[12]\d|3[01])(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:\d\d)?"
)


def phones(check: PhonesCheck, kit: Kit) -> Finder | Gated:
    """A hit for each telephone number that is no contact; or one where none of those required is given."""
    known = kit.contact_digits
    wanted = {digits_of(number) for number in check.one_of}

    def unknown(question: Question) -> Iterator[Hit]:
        for token in kit.tokens(question, T.PHONE):
            if digits_of(token.text) not in known and not record_of(question).has_words(token.text):
                yield Hit((token.start, token.end), token.text)

    def required(question: Question) -> tuple[Hit, ...]:
        given = {digits_of(token.text) for token in kit.tokens(question, T.PHONE)}
        return NOTHING if given & wanted else (Hit(None),)

    return Gated(unknown, kit.tokeniser.patterns_of(T.PHONE)) if check.phones == "unknown" else required


def links(check: LinksCheck, kit: Kit) -> Gated:
    """A hit for each link, e-mail address or handle that the lists do not hold, or hold no longer."""
    contacts = kit.force.contacts
    reviewed = {handle.casefold(): until for handle, until in contacts.report_handles.items()}

    def is_stale(question: Question, text: str) -> bool:
        until = moment_of(reviewed.get(text.casefold()))
        return until is not None and question.now is not None and question.now > until

    wrong: dict[str, tuple[T, Callable[[Question, str], bool]]] = {
        "shortened": (T.LINK, lambda _, text: is_below(host_of(text), contacts.shorteners)),
        "email": (T.EMAIL, lambda _, text: text.casefold() not in contacts.emails),
        "stale_handle": (T.HANDLE, is_stale),
        "unknown": (
            T.LINK,
            lambda question, text: (
                not on_domain(kit, text)
                and not is_below(host_of(text), contacts.shorteners)
                and text not in _ours(question)
            ),
        ),
    }
    kind, is_wrong = wrong[check.links]

    def find(question: Question) -> Iterator[Hit]:
        for token in kit.tokens(question, kind):
            if is_wrong(question, token.text):
                yield Hit((token.start, token.end), token.text)

    return Gated(find, kit.tokeniser.patterns_of(kind))


def _ours(question: Question) -> Sequence[str]:
    """The addresses of the post that this one corrects, as the ledger has them."""
    links = question.fact("correction.original_links")
    return [str(each) for each in links] if isinstance(links, list | tuple) else ()


def reference(check: ReferenceCheck, kit: Kit) -> Finder | Gated:
    """A hit where the reference is missing, malformed, or not the one on the record."""
    finders: dict[str, Callable[[Sequence[Token], Question], Iterator[Hit]]] = {
        "present": _absent,
        "well_formed": _malformed,
        "as_recorded": _unlike_record,
    }
    chosen = finders[check.reference]

    def find(question: Question) -> Iterator[Hit]:
        return chosen(kit.tokens(question, T.REFERENCE), question)

    return find if chosen is _absent else Gated(find, kit.tokeniser.patterns_of(T.REFERENCE))


def _absent(references: Sequence[Token], question: Question) -> Iterator[Hit]:  # noqa: ARG001 - every finder is called alike
    if not references:
        yield Hit(None)


def _malformed(references: Sequence[Token], question: Question) -> Iterator[Hit]:  # noqa: ARG001 - every finder is called alike
    for token in references:
        pattern = _CAD if token.text.casefold().startswith("cad") else _WELL_FORMED
        if not pattern.fullmatch(bare_reference(token.text)):
            yield Hit((token.start, token.end), token.text)


def _unlike_record(references: Sequence[Token], question: Question) -> Iterator[Hit]:
    stated = [question.fact(path) for path in ("case.cad", "missing.ref", "case.crime_ref")]
    known = {bare_reference(value) for value in stated if isinstance(value, str) and value.strip()}
    if not known:
        return
    for token in references:
        said = bare_reference(token.text)
        if said not in known and not (
            any(each.startswith(said) or said.startswith(each) for each in known)
            and "/" in said
            and said[-1].isalpha()
        ):
            yield Hit((token.start, token.end), token.text)
