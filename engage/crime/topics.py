"""What a post can be about: each topic, and the published categories that it counts.

Categories are the Met's (major, minor), in capitals; older names are turned into today's first. Where a
category was redrawn, the topic says from which month its counts can be compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from engage.posts.errors import BadInput

ANY = "*"
Category = tuple[str, str]

SENSITIVE = "Figures on sexual offences are never forecast: they follow reporting and reach back years."
RARE = "Homicide is far too rare for a forecast to mean anything."
ELSEWHERE = "Fraud is reported to a national centre, so borough counts do not show when it happens."


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic: its key, its words in a sentence ("home burglary") and what it counts.

    `since` is the first month that can be compared with today; `season_of` names a wider topic with more
    years behind it, whose season this one shares; `no_forecast` is why none is ever made, if none is.
    """

    key: str
    label: str
    categories: frozenset[Category]
    street: frozenset[str] = frozenset()
    since: str = "2010-04"
    season_of: str = ""
    no_forecast: str = ""

    @property
    def street_since(self) -> str:
        """The first month whose street files count this topic as today's do; "9999" where none does."""
        return max((STREET_SINCE[kind] for kind in self.street), default="9999")

    @property
    def title(self) -> str:
        """The label with a capital, as a heading has it."""
        return self.label[:1].upper() + self.label[1:]

    @property
    def crime_type(self) -> str:
        """The crime type as a policy lists it: the wider topic where this is a part of one."""
        return self.season_of or self.key

    def counts(self, major: str, minor: str) -> bool:
        """Whether a category of the borough files belongs to this topic."""
        return (major, ANY) in self.categories or (major, minor) in self.categories


class UnknownTopic(BadInput):
    """No topic has this name."""


def _topic(key: str, label: str, major: str, *minors: str, **more: str) -> Topic:
    street = frozenset({more.pop("street")}) if "street" in more else frozenset[str]()
    return Topic(
        key=key,
        label=label,
        categories=frozenset((major, minor) for minor in minors or (ANY,)),
        street=street,
        **more,
    )


HOME = "RES BURGLARY OF A HOME"
SHED = "RES BURGLARY OF UNCONNECTED BUILDING"
WHOLE = ("DOMESTIC BURGLARY", "BURGLARY - RESIDENTIAL", HOME, SHED)
DRAWN_BY_PLACE = "2017-04"
"""Since when a shed or a garage of a home counts as residential burglary, no longer with businesses.

Of London's burglaries, those of businesses fell from 2,350 in March 2017 to 1,515 in April; all together went on."""

TOPICS: tuple[Topic, ...] = (
    _topic("burglary", "burglary", "BURGLARY", street="Burglary"),
    _topic(
        "residential_burglary",
        "residential burglary",
        "BURGLARY",
        *WHOLE,
        since=DRAWN_BY_PLACE,
        season_of="burglary",
    ),
    _topic(
        "home_burglary",
        "home burglary",
        "BURGLARY",
        HOME,
        since="2023-06",
        season_of="residential_burglary",
    ),
    _topic(
        "shed_burglary",
        "shed and outbuilding burglary",
        "BURGLARY",
        SHED,
        since="2023-06",
        season_of="residential_burglary",
    ),
    _topic(
        "business_burglary",
        "business burglary",
        "BURGLARY",
        "BURGLARY BUSINESS AND COMMUNITY",
        since=DRAWN_BY_PLACE,
    ),
    _topic("robbery", "robbery", "ROBBERY", street="Robbery"),
    _topic("personal_robbery", "robbery of personal property", "ROBBERY", "ROBBERY OF PERSONAL PROPERTY"),
    _topic("theft", "theft", "THEFT"),
    _topic(
        "theft_from_person",
        "theft from the person",
        "THEFT",
        "THEFT FROM THE PERSON",
        street="Theft from the person",
    ),
    _topic("bicycle_theft", "bicycle theft", "THEFT", "BICYCLE THEFT", street="Bicycle theft"),
    _topic("shoplifting", "shoplifting", "THEFT", "SHOPLIFTING", street="Shoplifting"),
    _topic("other_theft", "other theft", "THEFT", "OTHER THEFT", street="Other theft"),
    _topic("vehicle_crime", "vehicle crime", "VEHICLE OFFENCES", street="Vehicle crime"),
    _topic("theft_from_vehicle", "theft from vehicles", "VEHICLE OFFENCES", "THEFT FROM A VEHICLE"),
    _topic(
        "theft_of_vehicle", "theft of vehicles", "VEHICLE OFFENCES", "THEFT OR UNAUTH TAKING OF A MOTOR VEH"
    ),
    _topic(
        "criminal_damage",
        "criminal damage and arson",
        "ARSON AND CRIMINAL DAMAGE",
        street="Criminal damage and arson",
    ),
    _topic("violence", "violence against the person", "VIOLENCE AGAINST THE PERSON"),
    _topic("public_order", "public order offences", "PUBLIC ORDER OFFENCES", street="Public order"),
    _topic("weapons", "possession of weapons", "POSSESSION OF WEAPONS", street="Possession of weapons"),
    _topic("drugs", "drug offences", "DRUG OFFENCES", street="Drugs"),
    _topic("miscellaneous", "miscellaneous crimes against society", "MISCELLANEOUS CRIMES AGAINST SOCIETY"),
    _topic("sexual_offences", "sexual offences", "SEXUAL OFFENCES", no_forecast=SENSITIVE),
    _topic("homicide", "homicide", "VIOLENCE AGAINST THE PERSON", "HOMICIDE", no_forecast=RARE),
    _topic("fraud", "fraud", "NFIB FRAUD", no_forecast=ELSEWHERE),
    Topic(
        key="anti_social_behaviour",
        label="anti-social behaviour",
        categories=frozenset(),
        street=frozenset({"Anti-social behaviour"}),
    ),
)

STREET_SINCE: Mapping[str, str] = {
    "Anti-social behaviour": "2010-12",
    "Burglary": "2010-12",
    "Robbery": "2010-12",
    "Vehicle crime": "2010-12",
    "Criminal damage and arson": "2011-09",
    "Drugs": "2011-09",
    "Shoplifting": "2011-09",
    "Bicycle theft": "2013-05",
    "Other crime": "2013-05",
    "Other theft": "2013-05",
    "Possession of weapons": "2013-05",
    "Public order": "2013-05",
    "Theft from the person": "2013-05",
    "Violence and sexual offences": "2013-05",
}
"""The crime types of data.police.uk today, and since when each counts what it counts now.

“Other crime” was everything else in 2010, then lost parts in September 2011 and May 2013.
"""
STREET_TYPES = frozenset(STREET_SINCE) | {"Violent crime", "Public disorder and weapons"}
"""Every crime type that street files ever had."""

MAJOR_CATEGORIES: tuple[str, ...] = (
    "burglary",
    "robbery",
    "theft",
    "vehicle_crime",
    "criminal_damage",
    "violence",
    "public_order",
    "weapons",
    "drugs",
    "miscellaneous",
    "sexual_offences",
)
"""The eleven topics that are whole categories of the Home Office: what accuracy is measured on."""

_BY_KEY: Mapping[str, Topic] = {topic.key: topic for topic in TOPICS}
DEFAULT = "burglary"


def topic_called(name: str) -> Topic:
    """The topic with this key or label, however written ("Home burglary", home-burglary).

    Raises UnknownTopic, listing what there is.
    """
    key = "_".join(name.casefold().replace("-", " ").replace("_", " ").split())
    labels = {"_".join(topic.label.casefold().replace("-", " ").split()): topic for topic in TOPICS}
    found = _BY_KEY.get(key) or labels.get(key)
    if found is None:
        raise UnknownTopic(
            f"There is no topic “{name}”.", where="--topic", remedy=f"Topics: {', '.join(_BY_KEY)}."
        )
    return found


_NEWER_NAMES: Mapping[str, str] = {
    "THEFT FROM PERSON": "THEFT FROM THE PERSON",
    "THEFT FROM A MOTOR VEHICLE": "THEFT FROM A VEHICLE",
    "THEFT OR TAKING OF A MOTOR VEHICLE": "THEFT OR UNAUTH TAKING OF A MOTOR VEH",
    "DRUG TRAFFICKING": "TRAFFICKING OF DRUGS",
    "HISTORICAL FRAUD AND FORGERY": "FRAUD AND FORGERY",
}


def newer_name(category: str) -> str:
    """A category's name in today's taxonomy, in capitals, whatever generation of file it came from."""
    name = " ".join(category.upper().split())
    return _NEWER_NAMES.get(name, name)
