"""The demonstration's people for tests, their one password hashed at the least cost: the real cost is paid elsewhere."""

from argon2 import PasswordHasher

from engage.posts.clock import utc_now
from engage.store.people import PersonRow
from engage.store.unit import Unit
from tests.demo.people import PASSWORD, PEOPLE

_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def add_people(unit: Unit) -> None:
    """Everybody of the demonstration, with the demonstration's password."""
    unit.session.add_all(
        PersonRow(
            id=each.username,
            name=each.name,
            password_hash=_HASH,
            roles=[role.value for role in each.roles],
            boroughs=list(each.boroughs),
            active=True,
            created_at=utc_now(),
        )
        for each in PEOPLE
    )
    unit.session.flush()
