"""Checks on how the public is told to reach somebody: numbers, links, handles, references."""

import re
from collections.abc import Callable, Iterator

from engage.policy.checks.grounding import bare_reference, digits_of, host_of, is_below, on_domain
from engage.policy.kit import NOTHING, Finder, Hit, Kit
from engage.policy.question import Question, moment_of
from engage.policy.record import record_of
from engage.policy.tokens import T
from engage.policy.vocabulary import LinksCheck, PhonesCheck, ReferenceCheck

_WELL_FORMED = re.compile(
    r"\d{1,5}/(?:0[1-9]|[12]\d|3[01])(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:\d\d)?"
    r"|\d\dmis\d{6}|\d{4,8}/\d\d|[a-z]{0,4}\d{4,}[\d/-]*",
)
_CAD = re.compile(
    r"\d{1,5}/(?:0[1-9]|[12]\d|3[01])(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:\d\d)?"
)
_PRIVATE = (
    "gmail.com",
    "hotmail.com",
    "hotmail.co.uk",
    "outlook.com",
    "yahoo.com",
    "yahoo.co.uk",
    "icloud.com",
)


def phones(check: PhonesCheck, kit: Kit) -> Finder:
    """A hit for each telephone number that is no contact; or one where none of those required is given."""
    known = {digits_of(number) for number in kit.force.contacts.numbers}
    wanted = {digits_of(number) for number in check.one_of}

    def unknown(question: Question) -> Iterator[Hit]:
        for token in kit.tokens(question, T.PHONE):
            if digits_of(token.text) not in known and not record_of(question).has_words(token.text):
                yield Hit((token.start, token.end), token.text)

    def required(question: Question) -> tuple[Hit, ...]:
        given = {digits_of(token.text) for token in kit.tokens(question, T.PHONE)}
        return NOTHING if given & wanted else (Hit(None),)

    return unknown if check.phones == "unknown" else required


def links(check: LinksCheck, kit: Kit) -> Finder:
    """A hit for each link, handle or e-mail address that the allow-lists do not hold."""
    contacts = kit.force.contacts
    handles = {handle.casefold() for handle in contacts.handles}
    reviewed = {handle.casefold(): until for handle, until in contacts.report_handles.items()}

    def handle_is_allowed(question: Question, text: str) -> bool:
        if text.casefold() in handles:
            return True
        until = moment_of(reviewed.get(text.casefold()))
        return until is not None and (question.now is None or question.now <= until)

    def find(question: Question) -> Iterator[Hit]:
        kind = {"email": T.EMAIL, "handle": T.HANDLE, "private_account": T.EMAIL}.get(check.links, T.LINK)
        for token in kit.tokens(question, kind):
            if _is_wrong(token.text, question):
                yield Hit((token.start, token.end), token.text)

    def _is_wrong(text: str, question: Question) -> bool:
        host = host_of(text)
        match check.links:
            case "shortened":
                return is_below(host, contacts.shorteners)
            case "email":
                return text.casefold() not in contacts.emails and not is_below(text.rpartition("@")[2], ())
            case "private_account":
                return is_below(text.casefold().rpartition("@")[2], _PRIVATE)
            case "handle":
                return not handle_is_allowed(question, text)
            case _:
                return not on_domain(kit, text) and not is_below(host, contacts.shorteners)

    return find


def reference(check: ReferenceCheck, kit: Kit) -> Finder:
    """A hit where the reference is missing, malformed, or not the one on the record."""
    finders: dict[str, Callable[[Question], Iterator[Hit]]] = {
        "present": _absent,
        "well_formed": _malformed,
        "as_recorded": _unlike_record,
    }
    chosen = finders[check.reference]

    def find(question: Question) -> Iterator[Hit]:
        question.found.setdefault("references", tuple(kit.tokens(question, T.REFERENCE)))
        return chosen(question)

    return find


def _absent(question: Question) -> Iterator[Hit]:
    if not question.found["references"]:
        yield Hit(None)


def _malformed(question: Question) -> Iterator[Hit]:
    for token in question.found["references"]:
        pattern = _CAD if token.text.casefold().startswith("cad") else _WELL_FORMED
        if not pattern.fullmatch(bare_reference(token.text)):
            yield Hit((token.start, token.end), token.text)


def _unlike_record(question: Question) -> Iterator[Hit]:
    stated = [question.fact(path) for path in ("case.cad", "missing.ref", "case.crime_ref")]
    known = {bare_reference(value) for value in stated if isinstance(value, str) and value.strip()}
    if not known:
        return
    for token in question.found["references"]:
        said = bare_reference(token.text)
        if said not in known and not (
            any(each.startswith(said) or said.startswith(each) for each in known)
            and "/" in said
            and said[-1].isalpha()
        ):
            yield Hit((token.start, token.end), token.text)
