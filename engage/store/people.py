"""People and their passwords: argon2 hashes only, and no answer to whether a name exists."""

import functools
from collections.abc import Iterable, Sequence
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import ARRAY, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engage.posts.errors import BadInput
from engage.posts.people import Person, Role
from engage.posts.places import borough
from engage.store.base import Base

_HASHER = PasswordHasher()
MINIMUM_PASSWORD = 10


@functools.cache
def _nobodys() -> str:
    """A hash that a wrong name is verified against, so that it takes as long as a wrong password."""
    return _HASHER.hash("nobody has this password")


class PersonRow(Base):
    """One person who may sign in."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    boroughs: Mapped[list[str]] = mapped_column(ARRAY(Text))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]

    def person(self) -> Person:
        """The row as the core knows it."""
        return Person(
            id=self.id,
            name=self.name,
            roles=frozenset(Role(role) for role in self.roles),
            boroughs=frozenset(self.boroughs),
        )


class PeopleStore:
    """Reads and adds people in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        username: str,
        *,
        name: str,
        password: str,
        roles: Iterable[Role],
        boroughs: Sequence[str] = (),
        now: datetime,
    ) -> Person:
        """Add a person; BadInput when the name is taken, the password short or a borough unknown."""
        if self._session.get(PersonRow, username) is not None:
            raise BadInput(f"“{username}” is already somebody's name.", where="username")
        if len(password) < MINIMUM_PASSWORD:
            raise BadInput(f"needs {MINIMUM_PASSWORD} characters or more.", where="password")
        row = PersonRow(
            id=username,
            name=name,
            password_hash=_HASHER.hash(password),
            roles=sorted(role.value for role in roles),
            boroughs=sorted(borough(each).name for each in boroughs),
            active=True,
            created_at=now,
        )
        self._session.add(row)
        self._session.flush()
        return row.person()

    def by_id(self, username: str) -> Person | None:
        """The active person with this name, or None."""
        row = self._session.get(PersonRow, username)
        return row.person() if row is not None and row.active else None

    def all(self) -> list[Person]:
        """Everyone who may sign in, by name."""
        rows = self._session.scalars(select(PersonRow).where(PersonRow.active).order_by(PersonRow.id))
        return [row.person() for row in rows]

    def check_password(self, username: str, password: str) -> Person | None:
        """The person, if the password is theirs. Takes as long for a name that does not exist."""
        row = self._session.get(PersonRow, username)
        known = row is not None and row.active
        try:
            _HASHER.verify(row.password_hash if row is not None and known else _nobodys(), password)
        except VerificationError:
            return None
        return row.person() if row is not None and known else None
