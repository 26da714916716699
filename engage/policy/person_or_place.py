"""Whether capitalised words are told of as a person or as a place: "ask for Peter Vale", "in Maida Vale"."""

import re

_NEAR = 30
"""Characters before and behind that are looked at."""
_THERE = re.compile(r"[A-Z][a-z]+ (?:on|of|in|at) (?:the )?(?=[A-Z])")
_INITIALS_THERE = re.compile(r"[A-Z][A-Z0-9]+ (?:on|in|at) (?:the )?(?=[A-Z])")
_SENTENCE_BEGINS = re.compile(r"(?:\A|[.!?:]\s+|\n\s*)\Z")
_PERSON_AFTER = re.compile(
    r"(?:,? (?:said|says|who|aged|added|told|appeared|pleaded|admitted|denied)\b|, \d\d?\b"
    r"| (?:was|has been|is|were) (?:arrested|charged|wanted|accused|convicted|jailed|sentenced|named|described))"
)
_PERSON_BEFORE = re.compile(
    r"(?i)\b(?:named|called|ask for|contact|arrested|charged|suspect|victim|man|woman|mr|mrs|ms|speak to|thank)\s\Z"
)
_PLACE_BEFORE = re.compile(
    r"(?i)\b(?:in|at|on|near|outside|along|around|of|to|from|through|by|opposite|towards|behind|into|and|the|across)\s\Z"
)


def past_what_is_there(text: str, start: int, end: int) -> int:
    """Where a place begins behind what is there: "Neighbours on the Ampthill Estate", "an RTC on Euston Road"."""
    initials = _INITIALS_THERE.match(text[start:end])
    if initials is not None:
        return start + initials.end()
    found = _THERE.match(text[start:end])
    if found is None or not _SENTENCE_BEGINS.search(text[max(start - _NEAR, 0) : start]):
        return start
    return start + found.end()


def is_of_a_person(text: str, start: int, end: int, *, sure: bool) -> bool:
    """Whether a first name and a word that can end a place's name are told of as a person.

    `sure`: the first name is no ordinary word and no common name of places, so only a preposition of
    place before it makes it one.
    """
    before = text[max(start - _NEAR, 0) : start]
    if _PERSON_AFTER.match(text[end : end + _NEAR]) or _PERSON_BEFORE.search(before):
        return True
    return sure and not _PLACE_BEFORE.search(before)
