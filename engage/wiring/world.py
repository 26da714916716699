"""What the last question needs to know of the world, read once in a transaction for all posts that are sent in it.

The transaction is a turn's: the posts are locked, and the gate is open, so that nobody can change their words or
sign-offs, or put a hold or a policy in force, between what is read here and the request.
"""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from datetime import date
from functools import cached_property
from uuid import UUID

from engage.crime.records import ImportedFile
from engage.policy import Policy
from engage.posts.post import Post
from engage.signoff.ports import SignOff
from engage.signoff.regimes import Hold, Window
from engage.signoff.setting_aside import SetAside
from engage.store.unit import Unit
from engage.wiring.policies import SignedPolicies


class World:
    """Reads for `SendingGate` and its judge; what was not read ahead is read when it is asked for."""

    def __init__(self, unit: Unit, policies: SignedPolicies) -> None:
        self.unit = unit
        self._policies = policies
        self._posts: dict[UUID, Post] = {}
        self._signoffs: dict[UUID, Sequence[SignOff]] = {}
        self._asides: dict[UUID, Sequence[SetAside]] = {}
        self._paused: dict[UUID, str] = {}
        self._corrected: dict[UUID, bool] = {}
        self._windows: dict[date, Sequence[Window]] = {}

    def read_ahead(self, post_ids: Collection[UUID]) -> None:
        """Read what is asked about each post."""
        with self._reading():
            self._posts |= self.unit.posts.each(post_ids)
            self._signoffs |= self.unit.signoffs.of_each(post_ids)
            self._asides |= self.unit.asides.of_each(post_ids)
            self._paused |= self.unit.campaigns.paused(post_ids)
            self._corrected |= self.unit.posts.corrected(post_ids)

    def post(self, post_id: UUID) -> Post:
        """The post as it stands. Raises NoSuchPost."""
        self._know(post_id)
        return self._posts.get(post_id) or self.unit.posts.get(post_id)

    def signoffs(self, post_id: UUID) -> Sequence[SignOff]:
        """Its sign-offs that nothing has voided."""
        self._know(post_id)
        return self._signoffs[post_id]

    def asides(self, post_id: UUID) -> Sequence[SetAside]:
        """The rules set aside for it."""
        self._know(post_id)
        return self._asides[post_id]

    def paused(self, post_id: UUID) -> str:
        """The title of the paused campaign that made it; empty where none did."""
        self._know(post_id)
        return self._paused.get(post_id, "")

    def corrected(self, post_id: UUID) -> bool | None:
        """Whether a correction of it is public, or may be; None where nobody corrects it."""
        self._know(post_id)
        return self._corrected.get(post_id)

    def windows(self, *, on: date, borough: str) -> Sequence[Window]:
        """The windows open on a day that reach a borough."""
        if on not in self._windows:
            with self._reading():
                self._windows[on] = self.unit.regimes.windows(on=on)
        return [each for each in self._windows[on] if each.borough in {None, borough}]

    @cached_property
    def holds(self) -> Sequence[Hold]:
        """The holds in force."""
        with self._reading():
            return self.unit.regimes.holds()

    @cached_property
    def files(self) -> Sequence[ImportedFile]:
        """The files of figures there are."""
        with self._reading():
            return self.unit.crime.files()

    @cached_property
    def policy(self) -> Policy:
        """The policy in force."""
        with self._reading():
            return self._policies.in_force(self.unit)

    def _reading(self) -> AbstractContextManager[object]:
        """What the transaction changes about deliveries changes nothing here, and is written once, at its end."""
        return self.unit.session.no_autoflush

    def _know(self, post_id: UUID) -> None:
        if post_id not in self._signoffs:
            self.read_ahead([post_id])


class AsItStands:
    """The same reads for a judge outside any turn: each time anew, because the transaction changes what it reads."""

    def __init__(self, unit: Unit, policies: SignedPolicies) -> None:
        self._unit = unit
        self._policies = policies

    @property
    def policy(self) -> Policy:
        """The policy in force in this transaction."""
        return self._policies.in_force(self._unit)

    def asides(self, post_id: UUID) -> Sequence[SetAside]:
        """The rules set aside for a post."""
        return self._unit.asides.of(post_id)

    def windows(self, *, on: date, borough: str) -> Sequence[Window]:
        """The windows open on a day that reach a borough."""
        return self._unit.regimes.windows(on=on, borough=borough)
