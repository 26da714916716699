"""Two state tables, said as data: where a post may go, and where a delivery may go.

A hold, an embargo and a pre-election period are not states: they are reasons to wait, looked up at
the moment of sending.
"""

from collections.abc import Mapping
from enum import StrEnum

from engage.posts.errors import NotAllowed


class PostState(StrEnum):
    """Where a post stands between its first draft and its end."""

    DRAFT = "draft"
    AWAITING = "awaiting_signoff"
    RETURNED = "returned"
    REJECTED = "rejected"
    SIGNED_OFF = "signed_off"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The state in words."""
        return {PostState.AWAITING: "Awaiting sign-off", PostState.SIGNED_OFF: "Signed off"}.get(
            self, self.value.title()
        )


class DeliveryState(StrEnum):
    """Where one variant's journey to one account stands."""

    READY = "ready"
    LEASED = "leased"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The state in words a press officer uses."""
        return _DELIVERY_LABELS[self]


_DELIVERY_LABELS = {
    DeliveryState.READY: "Waiting for its time",
    DeliveryState.LEASED: "Taken by a worker",
    DeliveryState.SENDING: "Being sent",
    DeliveryState.SENT: "Published",
    DeliveryState.UNKNOWN: "Not known: being looked up",
    DeliveryState.REJECTED: "Refused by the platform",
    DeliveryState.LAPSED: "Lapsed, not sent",
    DeliveryState.WITHDRAWN: "Withdrawn",
}

MAY_BE_PUBLIC = frozenset({DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN})
"""Where the public sees a delivery, or may."""


def stands(state: DeliveryState, *, by_hand: bool, taken_down: bool) -> str:
    """A delivery's state in words, told apart by whose turn it is and by whether the public ever saw it."""
    match state:
        case DeliveryState.UNKNOWN if by_hand:
            return "To be posted by hand"
        case DeliveryState.WITHDRAWN:
            return "Taken down" if taken_down else "Withdrawn before it went out"
        case _:
            return state.label


P = PostState
POST_MOVES: Mapping[PostState, frozenset[PostState]] = {
    P.DRAFT: frozenset({P.AWAITING, P.WITHDRAWN}),
    P.AWAITING: frozenset({P.DRAFT, P.RETURNED, P.REJECTED, P.SIGNED_OFF, P.LAPSED, P.WITHDRAWN}),
    P.RETURNED: frozenset({P.DRAFT, P.AWAITING, P.WITHDRAWN}),
    P.REJECTED: frozenset(),
    P.SIGNED_OFF: frozenset({P.DRAFT, P.AWAITING, P.LAPSED, P.WITHDRAWN}),
    P.LAPSED: frozenset({P.DRAFT, P.AWAITING, P.WITHDRAWN}),
    P.WITHDRAWN: frozenset(),
}
"""AWAITING or SIGNED_OFF to DRAFT: an edit voids every sign-off. SIGNED_OFF to AWAITING: a lifted hold,
or a change in the world, asks for approval again."""

D = DeliveryState
DELIVERY_MOVES: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    D.READY: frozenset({D.LEASED, D.LAPSED, D.WITHDRAWN}),
    D.LEASED: frozenset({D.READY, D.SENDING, D.LAPSED, D.WITHDRAWN}),
    D.SENDING: frozenset({D.SENT, D.UNKNOWN, D.REJECTED, D.READY}),
    D.UNKNOWN: frozenset({D.SENT, D.READY, D.LAPSED, D.WITHDRAWN}),
    D.SENT: frozenset({D.WITHDRAWN}),
    D.REJECTED: frozenset(),
    D.LAPSED: frozenset(),
    D.WITHDRAWN: frozenset(),
}
"""SENDING to READY only where the platform certainly did not take it; UNKNOWN to READY only after the
platform was asked twice, or where its own sender says, late, that the request never left. A delivery
being sent cannot be withdrawn: it becomes SENT or UNKNOWN first."""


class IllegalMove(NotAllowed):
    """The state table has no such move."""


def moved(here: PostState, there: PostState) -> PostState:
    """`there`, if a post may go from `here` to it; otherwise IllegalMove."""
    if there not in POST_MOVES[here]:
        raise IllegalMove(f"A post that is {here.label.lower()} cannot become {there.label.lower()}.")
    return there


def delivery_moved(here: DeliveryState, there: DeliveryState) -> DeliveryState:
    """`there`, if a delivery may go from `here` to it; otherwise IllegalMove."""
    if there not in DELIVERY_MOVES[here]:
        raise IllegalMove(f"A delivery that is {here.value} cannot become {there.value}.")
    return there
