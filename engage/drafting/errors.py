"""What drafting refuses, worded for whoever has to put it right."""

from collections.abc import Sequence

from engage.drafting.template import Slot
from engage.posts.errors import BadInput


class BadTemplate(BadInput):
    """A template file cannot be used; the message names the file and the line."""


class NoSuchTemplate(BadInput):
    """No template has this name, or none serves this kind and topic."""


class MissingEvidence(BadInput):
    """A slot of the wording has no evidence to fill it; the message names the template and the slot.

    `slots` are all that are empty, for a form that asks for every one of them at once.
    """

    def __init__(
        self, problem: str, *, where: str = "", remedy: str = "", slots: Sequence[Slot] = ()
    ) -> None:
        self.slots = slots
        super().__init__(problem, where=where, remedy=remedy)


class TooLong(BadInput):
    """The filled wording does not fit a platform; the message names it, the count and the limit."""
