"""The reference of a case, however it was typed: "CAD 1204/03oct" and "1204/03OCT" are one case."""

import re

_BEFORE = re.compile(r"^(?:CAD|CRIS|REFERENCE|REF|NUMBER|NO\.?|[:\s])+", re.IGNORECASE)


def case_reference(text: str) -> str:
    """The reference by which a case is kept: without the words before it, in capitals, without spaces."""
    return re.sub(r"\s+", "", _BEFORE.sub("", text.strip())).upper()
