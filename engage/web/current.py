"""The pieces of Engage that a view reaches for: the application, a transaction, the desk over it."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app

from engage.crime.topics import TOPICS
from engage.signoff.ports import Desk
from engage.store.unit import Unit
from engage.wiring import Engage


def current_engage() -> Engage:
    """The Engage this web application was made with."""
    engage: Engage = current_app.extensions["engage"]
    return engage


@contextmanager
def at_desk() -> Iterator[tuple[Unit, Desk]]:
    """One transaction and the sign-off desk over it: all of it is kept, or nothing."""
    engage = current_engage()
    with engage.transaction() as unit:
        yield unit, engage.desk(unit)


def topics() -> list[tuple[str, str]]:
    """The topics that posts and holds can be about, as (name, words)."""
    return [(topic.key, topic.title) for topic in TOPICS]
