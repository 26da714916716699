"""Checks on people: who is named, what would identify them, personal data, and seeking descriptions."""

import re
from collections.abc import Callable, Iterable, Iterator

from engage.policy.kit import NOTHING, Finder, Gated, Hit, Kit, Span
from engage.policy.question import Question, is_empty
from engage.policy.record import record_of
from engage.policy.tokens import T
from engage.policy.vocabulary import DescriptionCheck, IdentifiersCheck, NamesCheck, PersonalDataCheck

_PERSONAL = {
    "email": r"(?i)\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "plate": r"\b[A-HJ-PR-Y][A-HJ-PR-Y]\d\d\s?[A-HJ-PR-Z]{3}\b",
    "postcode": r"\b(?:[A-Z]{1,2}\d[A-Z\d]?)\s?\d[ABD-HJLNP-UW-Z]{2}\b",
    "house": r"(?i)\b(?:(?:flat|house|number|no\.?|block|apartment|unit)\s+\d{1,4}[a-z]?\b(?:,?\s+[\w']+){0,3}\s+(?:road|street|avenue|lane|close|drive|way|court|house|gardens|crescent|terrace|place|grove|rd|st|ave|estate|point|tower|mansions)"
    r"|(?:flat|apartment)\s+\d{1,4}[a-z]?)\b"
    r"|\b\d{1,4}[A-Za-z]?,?\s+(?:[A-Z][\w']+\s+){1,3}(?:Road|Street|Avenue|Lane|Close|Drive|Way|Court|Gardens|Crescent|Terrace|Place|Grove|Rd|St|Ave|Mews|Square|Hill|Walk)\b",
    "phone": r"(?:\+44[\s-]?|\b0)7(?:[\s-]?\d){9}\b",
}
_PARTICULARS = {
    "school": r"(?i)\b(?:school|academy|college|sixth form|university|nursery|pupil|student|schoolgirl|schoolboy|year (?:[1-9]|1[0-3]|seven|eight|nine|ten|eleven|twelve|thirteen))\b",
    "workplace": r"(?i)\b(?:works? (?:at|for|in)|worked (?:at|for|in)|employed (?:at|by)|(?:nurse|teacher|doctor|worker|assistant|barista|cleaner|chef|manager|receptionist|bartender|waiter|waitress|carer|midwife|cashier|guard) (?:at|from) |her (?:job|office|workplace|employer|colleagues?)|his (?:job|office|workplace|employer|colleagues?)|colleague of|(?:shop|bar|office|care) (?:worker|assistant) at|staff member)\b",
    "relationship": r"(?i)\b(?:(?:her|his|their|the (?:victim|girl|boy|woman|complainant)'s) (?:ex-?\s?)?(?:husband|wife|partner|boyfriend|girlfriend|father|mother|step-?\s?(?:father|mother|dad|mum)|uncle|aunt|brother|sister|cousin|dad|mum|grandfather|step-?\s?daughter|step-?\s?son|niece|nephew|granddaughter|grandson|flatmate|neighbour|housemate|coach|teacher|boss|manager|son|daughter|family|parents)|(?:daughter|son|niece|nephew|wife|partner|stepdaughter|stepson|girlfriend) of|(?:mother|mum|father|dad|grandmother|grandfather)[\s-]of[\s-](?:one|two|three|four|five|six|\d))\b",
    "age": r"(?i)\b(?:\d{1,2}[\s-]year[\s-]old|aged? \d{1,2}\b|\d{1,2} years? old|(?:twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|eleven|ten|nine|eight)[\s-]year[\s-]old)",
    "route": r"(?i)\b(?:walk(?:s|ed|ing)? home|way home|on (?:her|his|their) way|usual route|route (?:home|to)|every (?:morning|evening|day|night)|daily (?:commute|walk|run)|her (?:bus|train) (?:home|to work)|jogs?|regular(?:ly)? (?:walks?|runs?))\b",
    "picture": r"(?i)\b(?:(?:photo|picture|image|footage|video) of (?:the |her|him|them)(?:victim|girl|boy|woman|complainant)?|pictured)\b",
    "job": r"(?i)\b(?:(?:local|well[\s-]known) [a-z]+|teacher|nurse|doctor|councillor|priest|imam|vicar|footballer|solicitor|barrister|lecturer|actor|singer|taxi driver|headteacher|shopkeeper)\b",
    "handle": r"@\w+",
    "address": r"(?i)\b(?:lives? (?:at|on|in)|living (?:at|on|in)|her (?:home|house|flat|address|street)|his (?:home|house|flat|address|street)|resident of|from [A-Z][a-z]+ (?:Road|Street|Avenue|Close|Estate))\b",
}
_FEATURES = {
    "sex": r"(?i)\b(?:man|woman|male|female|boy|girl|youth)\b",
    "age": r"(?i)\b(?:aged|years old|year[\s-]old|in (?:his|her|their) (?:\w+ )?(?:teens|twenties|thirties|forties|fifties|sixties|\d0s)|teenage|elderly|middle[\s-]aged)\b",
    "height": r"(?i)\b(?:\d ?(?:ft|feet|foot|')|\d(?:\.\d+)?m tall|tall|short in height|\d{3} ?cm)\b",
    "build": r"(?i)\b(?:slim|stocky|heavy|heavily|medium|muscular|large|athletic|thin|slender) ?(?:build|built|set)?\b",
    "hair": r"(?i)\b(?:hair|bald|shaved head|beard|moustache|goatee|clean[\s-]shaven|ponytail|dreadlocks|afro|braids)\b",
    "clothing": r"(?i)\b(?:wearing|jacket|coat|hoodie|hooded top|trousers|jeans|trainers|cap|hat|shirt|t-shirt|tracksuit|scarf|dress|shoes|boots|jumper|puffer|mask|gloves)\b",
    "mark": r"(?i)\b(?:tattoo|scar|glasses|limp|accent|piercing|earring|birthmark|missing tooth)\b",
    "carried": r"(?i)\b(?:carrying|rucksack|backpack|bag|knife|riding|on a (?:bike|moped|bicycle|scooter|motorbike|e-bike)|pushing)\b",
}
_ETHNIC = r"(?i)\b(?:black|white|asian|mixed[\s-]race|south asian|east asian|middle eastern|mediterranean|arab|chinese|african|caribbean|eastern european|hispanic|somali|romanian|albanian)\b(?:[\s-]+(?:\w+[\s-]+){0,1}(?:man|men|male|males|woman|women|female|youth|youths|boy|boys|girl|teenager|teenagers|suspect|suspects|skin|appearance|ethnicity|people|person|guy|lad|lads)|(?:,? in appearance|(?:,? and)? wearing|(?:,? and)? in a\b))"
_CHILD = 18


def names(check: NamesCheck, kit: Kit) -> Gated:
    """A hit for each person named who is not an officer, not allowed, and (if so asked) not in evidence."""
    near = kit.phrases(check.role_words) if check.role_words else None

    def find(question: Question) -> Iterator[Hit]:
        told = None if near is None else kit.sentences(question, near)
        for token in kit.tokens(question, T.PERSON):
            if told is not None and question.sentence_at(token.start) not in told:
                continue
            if check.names == "not_in_evidence" and record_of(question).has_words(token.text):
                continue
            yield Hit((token.start, token.end), token.text)

    return Gated(find, frozenset({near} if near is not None else kit.tokeniser.people))


def personal(check: PersonalDataCheck, kit: Kit) -> Gated:
    """A hit for each piece of personal data of these shapes that is not a contact of the force."""
    numbers = [kit.bank.add(_PERSONAL[name], ours=True) for name in check.personal]

    def find(question: Question) -> Iterator[Hit]:
        for number in numbers:
            for start, end in kit.spans(question, number):
                words = question.folded.text[start:end]
                if words.casefold() not in kit.force.contacts.emails:
                    yield Hit((start, end), words)

    return Gated(find, frozenset(numbers))


def identifiers(check: IdentifiersCheck, kit: Kit) -> Finder | Gated:
    """A hit for each particular, when together with those already public there are enough.

    `context.published_identifiers` lists what is public for this case: {"kind", "value"} or plain kinds.
    """
    particulars = _Particulars(check, kit)
    near = kit.phrases(check.near) if check.near else None

    def given(question: Question) -> dict[str, list[Span]]:
        found = particulars.found(question)
        if near is not None:
            told = kit.sentences(question, near)
            found = {
                name: [span for span in spans if span == _NOWHERE or question.sentence_at(span[0]) in told]
                for name, spans in found.items()
            }
        return {name: spans for name, spans in found.items() if spans}

    def find(question: Question) -> Iterable[Hit]:
        found = given(question)
        here = set(found)
        public = _published(question) & set(check.identifiers)
        if not here or len(here | public) < check.at_least:
            return NOTHING
        return [Hit(found[name][0] if found[name][0] != _NOWHERE else None, name) for name in sorted(here)]

    if near is None:
        return find
    kit.particulars.append(given)
    return Gated(find, frozenset({near}))


class _Particulars:
    """Finds each kind of particular that a check counts."""

    def __init__(self, check: IdentifiersCheck, kit: Kit) -> None:
        self.kit = kit
        self.patterns = [
            (name, kit.bank.add(_PARTICULARS[name], ours=True))
            for name in check.identifiers
            if name in _PARTICULARS
        ]
        if "address" in check.identifiers:
            self.patterns.append(("address", kit.bank.add(_PERSONAL["house"], ours=True)))
        self.names = "name" in check.identifiers
        self.pictures = "picture" in check.identifiers

    def found(self, question: Question) -> dict[str, list[Span]]:
        """The spans of each kind found."""
        found: dict[str, list[Span]] = {}
        for name, number in self.patterns:
            found.setdefault(name, []).extend(self.kit.spans(question, number))
        if self.names:
            found["name"] = [(token.start, token.end) for token in self.kit.tokens(question, T.PERSON)]
        if self.pictures and _pictures_the_person(question):
            found.setdefault("picture", []).append(_NOWHERE)
        return found


_NOWHERE = (0, 0)
"""Where an image stands: not in the text."""


def _pictures_the_person(question: Question) -> bool:
    image = question.section("image")
    return image.get("present") is True and image.get("type") in {"victim", "family", "complainant"}


def _published(question: Question) -> frozenset[str]:
    listed = question.context.get("published_identifiers")
    if not isinstance(listed, list | tuple):
        return frozenset()
    kinds = (each.get("kind", each.get("field")) if hasattr(each, "get") else each for each in listed)
    return frozenset(_kind_of(str(kind)) for kind in kinds if not is_empty(kind))


def _kind_of(said: str) -> str:
    """The kind of particular an entry names, or is an example of: "age 34" is an age."""
    lower = said.casefold().strip()
    named = next((name for name in (*_PARTICULARS, "name") if lower.startswith(name)), None)
    if named is not None:
        return named
    return next((name for name, pattern in _EXAMPLES.items() if pattern.search(said)), lower)


_EXAMPLES: dict[str, re.Pattern[str]] = {name: re.compile(pattern) for name, pattern in _PARTICULARS.items()}


def description(check: DescriptionCheck, kit: Kit) -> Gated:
    """One hit where a seeking description gives too few features, or only ethnicity and dress."""
    features = {name: kit.bank.add(pattern) for name, pattern in _FEATURES.items()}
    ethnic = kit.bank.add(_ETHNIC)
    describes = kit.phrases(
        (
            "described as",
            "description",
            "described him|her|them as",
            "looking for a|two|three|the",
            "suspect(s) is|was|are|were",
            "suspect(s) in|wearing",
            "by a|two|three man|men|woman|women|male(s)|female(s)|boy(s)|youth(s)|teenager(s) in|wearing",
            "wanted",
            "we are looking for",
            "are seeking",
            "seeking a",
        )
    )
    counted = _counter(features)
    needed = (describes, ethnic) if check.description == "only_ethnicity" else (describes,)
    only_ethnic = check.description == "only_ethnicity"

    def find(question: Question) -> Iterable[Hit]:
        if question.hits.isdisjoint(needed):
            return NOTHING
        seen = counted(question)
        if only_ethnic:
            if ethnic in question.hits and not seen - {"sex", "clothing"} - (
                {"age"} if "clothing" not in seen else set()
            ):
                return [Hit(span, "") for span in list(kit.spans(question, ethnic))[:1]]
            return NOTHING
        if seen and len(seen - {"sex"}) + (ethnic in question.hits) < check.at_least:
            return [Hit(span, "") for span in list(kit.spans(question, describes))[:1]]
        return NOTHING

    return Gated(find, frozenset(needed))


def _counter(features: dict[str, int]) -> Callable[[Question], frozenset[str]]:
    return lambda question: frozenset(name for name, number in features.items() if number in question.hits)
