"""What every table shares: naming, UTC times, JSON columns, and opening a database with a clear no."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from sqlalchemy import BindParameter, DateTime, Engine, MetaData, bindparam, create_engine
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

from engage.posts.errors import BadInput, Unavailable

REACHED_OR_GIVEN_UP: Final[Mapping[str, Any]] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""libpq's settings for a connection: whoever waits on a machine that has vanished learns it within 20 seconds.

Left to the system, it would wait for the answer to its question for over two hours.
"""


_NOT_TEXT: Final = frozenset({"22021", "22P05"})
"""SQLSTATE codes of a character that is no text."""
_SAID_OF_NO_TEXT: Final = ("NUL (0x00)", "surrogate")
"""What the driver, which sends no U+0000, and PostgreSQL of half a pair in JSON say under no code of their own."""


class UtcTime(TypeDecorator[datetime]):
    """A moment, always aware, always UTC; a naive one is refused rather than guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Refuse a time without a zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Give the moment back in UTC."""
        return None if value is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The declarative base: constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[Mapping[Any, Any]] = {
        datetime: UtcTime,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


def listed(name: str, of: type[TypeEngine[Any]]) -> BindParameter[Any]:
    """The values of one parameter, as one array of the database's."""
    return bindparam(name, type_=ARRAY(of))


def unavailable(error: DBAPIError) -> Unavailable | None:
    """What a person can do about a database that cannot serve; None for a mistake of ours.

    SQLSTATE codes: PostgreSQL documentation, appendix A.
    """
    match getattr(error.orig, "sqlstate", None):
        case "53100":
            what, do = "The database's disk is full", "Free space there, then try again."
        case "42P01" | "42703":
            what, do = "The database's tables are not this version's", "Run `engage migrate`."
        case "25006":
            what, do = "The database takes no changes now", "Use the primary, or wait until it is back."
        case _ if isinstance(error, OperationalError):
            what, do = "The database did not answer", "Try again, and tell the operator if it stays away."
        case _:
            return None
    return Unavailable(f"{what}; nothing was changed. {do}")


def not_text(error: DBAPIError) -> BadInput | None:
    """That a text holds a character PostgreSQL keeps in no text or JSON, such as U+0000; None for any other error."""
    said = any(each in str(error.orig) for each in _SAID_OF_NO_TEXT)
    if not (isinstance(error, DataError) and said) and getattr(error.orig, "sqlstate", None) not in _NOT_TEXT:
        return None
    return BadInput(
        "A text holds a character that cannot be kept (U+0000, or half of a pair); nothing was changed.",
        remedy="Type the words again instead of pasting them.",
    )


@contextmanager
def reached() -> Iterator[None]:
    """Raise Unavailable, saying what a person can do, where the database cannot serve; BadInput for what is no text."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise BadInput(
            f"A text holds what is no character (U+{ord(error.object[error.start]):04X}); nothing was changed.",
            remedy="Give it in UTF-8.",
        ) from error
    except DBAPIError as error:
        refusal = unavailable(error) or not_text(error)
        if refusal is None:
            raise
        raise refusal from error


def open_database(url: str, *, pool_size: int = 5) -> Engine:
    """An engine for a PostgreSQL URL, checked with one connection.

    Raises BadInput for a URL that is not PostgreSQL's, Unavailable when nobody answers there.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise BadInput("is not a database address.", where="DATABASE_URL") from error
    if not parsed.drivername.startswith("postgresql"):
        raise BadInput(
            f"names {parsed.drivername}; Engage needs PostgreSQL.",
            where="DATABASE_URL",
            remedy="Use postgresql://user@host/name.",
        )
    engine = create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        pool_pre_ping=True,
        connect_args=dict(REACHED_OR_GIVEN_UP),
    )
    try:
        with engine.connect():
            pass
    except OperationalError as error:
        raise Unavailable(
            f"No database answers at {parsed.render_as_string(hide_password=True)}. "
            "Start PostgreSQL, or correct DATABASE_URL; nothing was changed."
        ) from error
    return engine
