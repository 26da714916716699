"""What an officer states becomes evidence that names them."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime

from engage.posts.errors import BadInput
from engage.posts.evidence import Evidence, StatedSource
from engage.posts.people import Person
from engage.posts.readable import must_be_seen

_CONTACT = re.compile(r"https?:|\bwww\.|@\w|(?<!\w)(?:\+44|0)(?:[\s().-]*\d){9,10}(?!\w)", re.IGNORECASE)
"""A link, an address or handle, a telephone number."""


def stated_evidence(fields: Mapping[str, str], by: Person, at: datetime) -> tuple[Evidence, ...]:
    """One item for each field that says something, its spaces made single, stated by this person.

    `at` is an aware moment. A `reference` among the fields is kept with every item. Raises BadInput,
    naming the field, for a character nobody can see (it could hide words from the policy), and for contact
    details: those are the wording's, where the policy knows them, and a number somebody typed here would
    be its own evidence.
    """
    said = {name: _seen(name, value) for name, value in fields.items()}
    source = StatedSource(
        stated_by=by.id,
        stated_at=at.astimezone(UTC).isoformat(timespec="seconds"),
        reference=said.get("reference") or None,
    )
    return tuple(Evidence(field=name, value=value, source=source) for name, value in said.items() if value)


def must_be_sayable(fields: Mapping[str, str]) -> None:
    """Raises BadInput, naming the field, for anything `stated_evidence` would not take."""
    for name, value in fields.items():
        _seen(name, value)


def _seen(name: str, value: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", value).split())
    found = _CONTACT.search(unicodedata.normalize("NFKC", text))
    if found:
        raise BadInput(
            f"holds contact details (“{found.group()}”).",
            where=name,
            remedy="Leave them out: the template says how to reach the police.",
        )
    must_be_seen(text, where=name)
    return text
