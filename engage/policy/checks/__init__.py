"""Every check of the vocabulary, compiled to a function of a question."""

from collections.abc import Callable, Mapping
from typing import Any

from engage.policy.checks import (
    approvals,
    contacts,
    facts,
    grounding,
    people,
    places,
    statistics,
    style,
    words,
)
from engage.policy.kit import Finder, Gated, Kit
from engage.policy.vocabulary import (
    AltCheck,
    ApprovalsCheck,
    CentralLineCheck,
    Check,
    DescriptionCheck,
    GroundedCheck,
    HoldBackCheck,
    HoldCheck,
    HoldsCheck,
    IdentifiersCheck,
    LinksCheck,
    NamesCheck,
    PatternCheck,
    PersonalDataCheck,
    PhonesCheck,
    PhrasesCheck,
    PlaceCheck,
    ReferenceCheck,
    RequiresCheck,
    StatisticCheck,
    StyleCheck,
    TogetherCheck,
)

_COMPILERS: Mapping[type[Check], Callable[[Any, Kit], Finder | Gated]] = {
    PhrasesCheck: words.phrases,
    PatternCheck: words.pattern,
    TogetherCheck: words.together,
    RequiresCheck: words.requires,
    HoldsCheck: facts.holds,
    HoldCheck: facts.hold,
    HoldBackCheck: facts.holdback,
    CentralLineCheck: facts.central_line,
    GroundedCheck: grounding.grounded,
    NamesCheck: people.names,
    IdentifiersCheck: people.identifiers,
    PersonalDataCheck: people.personal,
    DescriptionCheck: people.description,
    PlaceCheck: places.place,
    PhonesCheck: contacts.phones,
    LinksCheck: contacts.links,
    ReferenceCheck: contacts.reference,
    StatisticCheck: statistics.statistic,
    StyleCheck: style.style,
    AltCheck: style.alt,
    ApprovalsCheck: approvals.approvals,
}


def compile_check(check: Check, kit: Kit) -> Finder | Gated:
    """The check as a function. Raises BadPhrase or BadPattern, naming the words."""
    return _COMPILERS[type(check)](check, kit)
