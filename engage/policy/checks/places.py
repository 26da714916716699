"""Checks on how fine a place is: below a borough, or down to a house."""

from collections.abc import Iterator

from engage.policy.checks.particulars import PERSONAL
from engage.policy.checks.people import houses
from engage.policy.fold import folded
from engage.policy.kit import Gated, Hit, Kit
from engage.policy.question import Question
from engage.policy.tokens import T
from engage.policy.vocabulary import PlaceCheck
from engage.posts.places import BOROUGHS

_WIDE = frozenset(folded(place.name) for place in BOROUGHS) | {"london", "greater london"}


def place(check: PlaceCheck, kit: Kit) -> Gated:
    """A hit for each place named that is finer than the check allows."""
    near = kit.phrases(check.with_) if check.with_ else None
    house = kit.bank.add(PERSONAL["house"])
    post = kit.bank.add(PERSONAL["postcode"])

    def find(question: Question) -> Iterator[Hit]:
        told = None if near is None else kit.sentences(question, near)
        for start, end in _places(question):
            if told is None or question.passage.sentence_at(start) in told:
                yield Hit((start, end), question.folded.shown(start, end))

    def _places(question: Question) -> Iterator[tuple[int, int]]:
        yield from houses(question, question.passage.spans(house))
        if check.place == "house":
            yield from question.passage.spans(post)
            return
        for token in kit.tokens(question, T.PLACE):
            if folded(token.text) not in _WIDE:
                yield (token.start, token.end)

    by_place = kit.tokeniser.patterns_of(T.PLACE) | {house, post}
    return Gated(find, by_place if near is None else frozenset({near}))
