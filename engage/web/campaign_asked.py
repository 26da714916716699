"""What the form of a new campaign asked for, read once into a campaign. BadInput names the field it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import TypeVar
from uuid import uuid4

from engage.drafting import Origin, Template
from engage.drafting.ahead import topic_of
from engage.posts.campaign import Campaign
from engage.posts.errors import BadInput
from engage.posts.how_often import InMonth, Often, coming_round
from engage.posts.kinds import DRAFTED_FOR, Platform
from engage.posts.people import Person
from engage.posts.recurrence import Recurrence
from engage.web.asked import Form

Choice = TypeVar("Choice", bound=StrEnum)

REPEATED = ("days", "boroughs", "platforms")
"""The fields that may be there several times."""
_FIELD_OF = {"recurrence": "until", "--topic": "topic"}
"""Where the form asks for what the core calls something else."""
_LABELS = {
    "title": "Name",
    "topic": "Figures",
    "often": "How often",
    "days": "Days",
    "in_month": "Which day",
    "first": "First day",
    "time": "Time",
    "until": "Last day",
    "borough": "Borough",
    "boroughs": "Boroughs",
    "platforms": "Platforms",
    "correction-reason": "Why it has to be corrected",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What stands in the form: what was typed, or what a new form begins with."""

    one: Mapping[str, str]
    many: Mapping[str, tuple[str, ...]]

    @classmethod
    def typed(cls, form: Form) -> "Given":
        """What somebody sent."""
        return cls(
            one={name: value for name, value in form.items() if name not in REPEATED},
            many={name: tuple(form.getlist(name)) for name in REPEATED},
        )

    @classmethod
    def at_first(cls, *, tomorrow: date) -> "Given":
        """A form that nobody has filled in: every week at five, the platforms of every draft."""
        return cls(
            one={
                "often": Often.WEEK.value,
                "in_month": InMonth.DATE.value,
                "first": tomorrow.isoformat(),
                "time": "17:00",
            },
            many={**dict.fromkeys(REPEATED, ()), "platforms": tuple(each.value for each in DRAFTED_FOR)},
        )

    @classmethod
    def like(cls, campaign: Campaign, *, tomorrow: date) -> "Given":
        """A form for another campaign in the words, boroughs and platforms of one there is."""
        fresh = cls.at_first(tomorrow=tomorrow)
        slots = {f"slot-{name}": value for name, value in campaign.stated.items()}
        return cls(
            one={**fresh.one, "title": campaign.title, "topic": campaign.topic or "", **slots},
            many={
                **fresh.many,
                "boroughs": campaign.boroughs,
                "platforms": tuple(each.value for each in campaign.platforms),
            },
        )

    def choosing(self, boroughs: tuple[str, ...]) -> "Given":
        """The same with these boroughs chosen."""
        return Given(one=self.one, many={**self.many, "boroughs": boroughs})

    def hidden(self) -> list[tuple[str, str]]:
        """Everything as (name, value), for the hidden fields of a page in between."""
        aside = {"csrf_token", "do"}
        once = [(name, value) for name, value in self.one.items() if name not in aside]
        return once + [(name, value) for name, values in self.many.items() for value in values]


def campaign(form: Form, template: Template, *, by: Person, now: datetime) -> Campaign:
    """The campaign a form asks for, not yet kept. Raises BadInput whose `where` is a field of the form."""
    try:
        return Campaign(
            id=uuid4(),
            title=form.get("title", ""),
            recurrence=_recurrence(form),
            template=template.name,
            topic=topic_of(template, form.get("topic") or None),
            stated=_stated(form),
            boroughs=tuple(form.getlist("boroughs")),
            platforms=tuple(each for each in Platform if each.value in form.getlist("platforms")),
            created_by=by.id,
            created_at=now,
        )
    except BadInput as error:
        raise at_field(error, template) from error


def at_field(error: BadInput, template: Template) -> BadInput:
    """The same problem, named by the field of the form that it is about."""
    slots = {slot.name: f"slot-{slot.name}" for slot in template.asks(Origin.OFFICER)}
    known = {**slots, **_FIELD_OF}
    return BadInput(error.problem, where=known.get(error.where, error.where), remedy=error.remedy)


def label_of(field: str, template: Template) -> str:
    """What the form calls a field."""
    slots = {f"slot-{slot.name}": slot.label for slot in template.slots}
    return {**_LABELS, **slots}.get(field, "")


def _recurrence(form: Form) -> Recurrence:
    first = _day(form, "first", "the first day")
    clock = _clock(form)
    if first is None:
        raise BadInput("give the first day.", where="first")
    return coming_round(
        _choice(Often, form, "often", "how often it comes round"),
        first=datetime.combine(first, clock),
        until=_day(form, "until", "the last day"),
        days=form.getlist("days"),
        in_month=_choice(InMonth, form, "in_month", "which day of the month"),
    )


def _choice(choices: type[Choice], form: Form, name: str, asked: str) -> Choice:
    try:
        return choices(form.get(name, ""))
    except ValueError:
        raise BadInput(f"choose {asked}.", where=name) from None


def _day(form: Form, name: str, asked: str) -> date | None:
    value = form.get(name, "").strip()
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise BadInput(
            f"{asked}: “{value}” is no day.", where=name, remedy="Write it as 2027-03-01."
        ) from None


def _clock(form: Form) -> time:
    value = form.get("time", "").strip()
    try:
        return time.fromisoformat(value).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        said = f"“{value}” is no time." if value else "give the time it goes out."
        raise BadInput(said, where="time", remedy="Write it as 17:00.") from None


def _stated(form: Form) -> dict[str, str]:
    return {
        name.removeprefix("slot-"): value.strip()
        for name, value in form.items()
        if name.startswith("slot-") and value.strip()
    }
