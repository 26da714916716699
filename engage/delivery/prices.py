"""What platforms charge for a post, from a file the force keeps: whole thousandths of a currency, never floats."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from engage.posts.errors import BadInput
from engage.posts.kinds import Platform

_LINK = re.compile(r"https?://|\b[a-z0-9-]+\.[a-z]{2,}\b", re.IGNORECASE)
"""Anything a platform may take for a link. Where that is in doubt the dearer price is counted."""

_SIGNS = {"USD": "$", "GBP": "£", "EUR": "€"}
_FIELDS = frozenset({"currency", "post", "post_with_link", "source", "as_of"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One platform's prices in mills, thousandths of `currency`; where they were read, and when."""

    currency: str
    post_mills: int
    link_mills: int
    source: str
    as_of: date

    def of(self, text: str) -> int:
        """What one post with this text costs, in mills."""
        return self.link_mills if _LINK.search(text) else self.post_mills


Prices = Mapping[Platform, Price]


def read_prices(path: Path) -> Prices:
    """The prices of a YAML file. Raises BadInput naming the file and field."""
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise BadInput(f"cannot be read: {error}", where=str(path)) from error
    if not isinstance(loaded, dict):
        raise BadInput("must be a mapping of platforms to prices.", where=str(path))
    return {_platform(name, path): _price(entry, f"{path}, {name}") for name, entry in loaded.items()}


def mills(amount: str, *, where: str) -> int:
    """An amount of money such as "12.50" in thousandths. Raises BadInput for anything finer, or less than nothing."""
    try:
        found = Decimal(amount) * 1000
    except InvalidOperation as error:
        raise BadInput(f"“{amount}” is no amount.", where=where, remedy='Write it like "0.015".') from error
    if not found.is_finite() or found < 0 or found != found.to_integral_value():
        raise BadInput(
            f"“{amount}” is no amount.", where=where, remedy="At most three decimals, and not below zero."
        )
    return int(found)


def money(amount: int, currency: str) -> str:
    """Mills for people to read: 1500 as "$1.50", 15 as "$0.015"."""
    whole, rest = divmod(amount, 1000)
    decimals = f"{rest:03d}"
    shown = decimals[:2] if decimals.endswith("0") else decimals
    return f"{_SIGNS.get(currency, currency + ' ')}{whole:,}.{shown}"


def _platform(name: Any, path: Path) -> Platform:
    try:
        return Platform(name)
    except ValueError as error:
        known = ", ".join(Platform)
        raise BadInput(
            f"“{name}” is no platform.", where=str(path), remedy=f"Use one of: {known}."
        ) from error


def _price(entry: Any, where: str) -> Price:
    if not isinstance(entry, dict) or set(entry) != _FIELDS:
        raise BadInput(f"must have exactly these: {', '.join(sorted(_FIELDS))}.", where=where)
    if not isinstance(entry["as_of"], date):
        raise BadInput("must be a day such as 2026-08-01.", where=f"{where}, as_of")
    return Price(
        currency=str(entry["currency"]),
        post_mills=mills(str(entry["post"]), where=f"{where}, post"),
        link_mills=mills(str(entry["post_with_link"]), where=f"{where}, post_with_link"),
        source=str(entry["source"]),
        as_of=entry["as_of"],
    )
