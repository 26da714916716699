"""Numbers that come from outside: in an address, in a form. None is longer than the database takes."""

from flask import Flask
from werkzeug.routing import IntegerConverter

DIGITS = 18
"""As many as always fit a bigint."""


class RowNumber(IntegerConverter):
    """A row's number in an address. A longer one is no row's, so there is no such page."""

    regex = rf"\d{{1,{DIGITS}}}"


def init_app(app: Flask) -> None:
    """Read every number in an address so."""
    app.url_map.converters["int"] = RowNumber


def whole(text: str) -> int | None:
    """The whole number that a text writes in digits; None where it writes none, or a longer one."""
    return int(text) if text.isdecimal() and len(text) <= DIGITS else None
