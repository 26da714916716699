"""When the press office is open: outside those hours only the duty press officer approves."""

import re
from dataclasses import dataclass
from datetime import datetime, time

from engage.posts.clock import in_london
from engage.posts.errors import BadInput

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FORM = re.compile(r"(\w{3})-(\w{3}) (\d\d:\d\d)-(\d\d:\d\d)")
ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Days and wall-clock hours in London; closed on England's bank holidays unless always open."""

    days: frozenset[int]
    opens: time
    closes: time
    always: bool = False

    @classmethod
    def read(cls, text: str) -> "OfficeHours":
        """From "mon-fri 08:00-18:00", or "always". Raises BadInput for anything else."""
        if text.strip().lower() == ALWAYS:
            return cls(frozenset(range(7)), time.min, time.max, always=True)
        form = _FORM.fullmatch(text.strip().lower())
        if form is None or form[1] not in _DAYS or form[2] not in _DAYS:
            raise _unreadable(text)
        first, last = _DAYS.index(form[1]), _DAYS.index(form[2])
        try:
            opens, closes = time.fromisoformat(form[3]), time.fromisoformat(form[4])
        except ValueError as error:
            raise _unreadable(text) from error
        if first > last or opens >= closes:
            raise _unreadable(text)
        return cls(frozenset(range(first, last + 1)), opens, closes)

    def closed_at(self, moment: datetime) -> bool:
        """Whether the press office is closed at this moment."""
        if self.always:
            return False
        import holidays  # noqa: PLC0415 - slow to load, and only asked at approval

        here = in_london(moment)
        holiday = here.date() in holidays.country_holidays("GB", subdiv="ENG", years=here.year)
        open_now = here.weekday() in self.days and self.opens <= here.time() < self.closes
        return holiday or not open_now


def _unreadable(text: str) -> BadInput:
    return BadInput(
        f"“{text}” is not office hours.",
        where="ENGAGE_OFFICE_HOURS",
        remedy="Write it as mon-fri 08:00-18:00, or always.",
    )
