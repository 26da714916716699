"""The 32 London boroughs of the Metropolitan Police, and the City, which is another force.

Names and GSS codes: ONS Register of Geographic Codes (local authority districts, April 2023).
`tile` is (column, row) of the borough in the After the Flood / London Squared tile map, for charts.
"""

import difflib
from dataclasses import dataclass

from engage.posts.errors import BadInput


@dataclass(frozen=True, slots=True)
class Place:
    """A borough (or the City) by GSS code, name and tile-map cell."""

    code: str
    name: str
    tile: tuple[int, int]

    @property
    def slug(self) -> str:
        """The name as it stands in an address: "kensington-and-chelsea"."""
        return self.name.lower().replace(" ", "-")


class UnknownBorough(BadInput):
    """No London borough of the Metropolitan Police has this name."""


BOROUGHS: tuple[Place, ...] = (
    Place("E09000002", "Barking and Dagenham", (7, 3)),
    Place("E09000003", "Barnet", (3, 1)),
    Place("E09000004", "Bexley", (7, 4)),
    Place("E09000005", "Brent", (2, 2)),
    Place("E09000006", "Bromley", (6, 5)),
    Place("E09000007", "Camden", (3, 2)),
    Place("E09000008", "Croydon", (4, 6)),
    Place("E09000009", "Ealing", (1, 2)),
    Place("E09000010", "Enfield", (4, 0)),
    Place("E09000011", "Greenwich", (6, 4)),
    Place("E09000012", "Hackney", (5, 2)),
    Place("E09000013", "Hammersmith and Fulham", (1, 3)),
    Place("E09000014", "Haringey", (4, 1)),
    Place("E09000015", "Harrow", (2, 1)),
    Place("E09000016", "Havering", (7, 2)),
    Place("E09000017", "Hillingdon", (0, 2)),
    Place("E09000018", "Hounslow", (0, 3)),
    Place("E09000019", "Islington", (4, 2)),
    Place("E09000020", "Kensington and Chelsea", (2, 3)),
    Place("E09000021", "Kingston upon Thames", (2, 5)),
    Place("E09000022", "Lambeth", (3, 4)),
    Place("E09000023", "Lewisham", (5, 4)),
    Place("E09000024", "Merton", (3, 5)),
    Place("E09000025", "Newham", (6, 3)),
    Place("E09000026", "Redbridge", (6, 2)),
    Place("E09000027", "Richmond upon Thames", (1, 4)),
    Place("E09000028", "Southwark", (4, 4)),
    Place("E09000029", "Sutton", (3, 6)),
    Place("E09000030", "Tower Hamlets", (5, 3)),
    Place("E09000031", "Waltham Forest", (5, 1)),
    Place("E09000032", "Wandsworth", (2, 4)),
    Place("E09000033", "Westminster", (3, 3)),
)

CITY = Place("E09000001", "City of London", (4, 3))
"""Policed by the City of London Police: read from files, never drafted for."""

_BY_KEY = {key.casefold(): place for place in BOROUGHS for key in (place.name, place.code, place.slug)}


def borough(name: str) -> Place:
    """The borough with this name, GSS code or slug, however it is capitalised.

    Raises UnknownBorough, naming the one that begins so or is spelt most like it, or that the City is another force.
    """
    key = " ".join(name.split()).casefold().replace("&", "and")
    if key in _BY_KEY:
        return _BY_KEY[key]
    if key in {CITY.name.casefold(), CITY.slug, CITY.code.casefold(), "city"}:
        raise UnknownBorough("The City of London is policed by another force.", where=name)
    if key == "london":
        raise UnknownBorough(
            "London as a whole is no borough.", where=name, remedy="Name one of its 32 boroughs."
        )
    begun = [each for each in _BY_KEY if key and each.startswith(key)]
    near = begun or difflib.get_close_matches(key, _BY_KEY, n=1, cutoff=0.6)
    hint = f"Did you mean {_BY_KEY[near[0]].name}?" if near else "Use one of London's 32 boroughs."
    raise UnknownBorough(f"“{name}” is not a London borough of the Metropolitan Police.", remedy=hint)
