"""What every page can use: the design system's components, times in London, who is signed in, where to go."""

from datetime import datetime, timedelta

from flask import Flask, g, request
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader

from engage.delivery.prices import money
from engage.posts.clock import in_london, show
from engage.posts.people import Person, Role
from engage.web import access
from engage.web.current import current_engage
from engage.web.said import said

Item = dict[str, object]


def init_app(app: Flask) -> None:
    """Set the page environment up."""
    components = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    assert app.jinja_loader is not None  # noqa: S101 - Flask makes one whenever there is a template folder
    app.jinja_loader = ChoiceLoader([app.jinja_loader, components])
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.filters.update(
        london=_london,
        day=_day,
        clock=_clock,
        ago=_ago,
        minutes=_minutes,
        words=_words,
        capitalise=_capitalise,
        role=_role,
        said=said,
        money=money,
    )
    app.context_processor(_around)


def _around() -> dict[str, object]:
    person: Person | None = g.get("person")
    settings = current_engage().settings
    return {
        "person": person,
        "navigation": _navigation(person) if person else [],
        "demo": settings.demo,
        "in_press_office": person is not None and access.in_press_office(person),
    }


_SAME_ROOM = {"/holds": ("/cases", "/periods")}
"""Pages that are reached from another's, under the same link of the bar."""


def _navigation(person: Person) -> list[Item]:
    """The links of the bar, as far as this person may follow them."""
    links = (
        ("Figures", "/figures", True),
        ("Suggestions", "/suggestions", access.drafts(person)),
        ("My drafts", "/drafts", access.drafts(person)),
        ("Queue", "/queue", access.reads_queue(person)),
        ("Campaigns", "/campaigns", access.reads_queue(person)),
        ("Scheduled", "/scheduled", access.reads_queue(person)),
        ("Deliveries", "/deliveries", person.sees_all()),
        ("Holds", "/holds", access.reads_queue(person)),
        ("Policy", "/policy", True),
        ("Operations", "/operations", access.operates(person)),
    )
    return [
        {"text": text, "href": href, "active": request.path.startswith((href, *_SAME_ROOM.get(href, ())))}
        for text, href, allowed in links
        if allowed
    ]


def _london(moment: datetime | None) -> str:
    return show(moment) if moment else ""


def _day(moment: datetime) -> str:
    return in_london(moment).strftime("%A %-d %B %Y")


def _clock(moment: datetime) -> str:
    return in_london(moment).strftime("%H:%M")


def _ago(minutes: int) -> str:
    """A waiting time in words: "4 minutes", "3 hours", "2 days"."""
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = minutes // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"


def _minutes(length: timedelta) -> str:
    """A length of time in whole minutes: "31 minutes"."""
    count = round(length.total_seconds() / 60)
    return f"{count} minute{'' if count == 1 else 's'}"


def _capitalise(text: str) -> str:
    """A text with a capital at its beginning, and all the rest as it is."""
    return text[:1].upper() + text[1:]


def _words(name: str) -> str:
    """A name of the code in words: "home_burglary" as "home burglary"."""
    return name.replace("_", " ")


def _role(name: str) -> str:
    return Role(name).label
