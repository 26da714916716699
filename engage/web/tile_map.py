"""The tile map: one square for each borough, coloured by its rate, drawn on the server as SVG without style attributes."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from engage.posts.places import CITY, Place

SIDE = 74
GAP = 4
SHADES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One borough: where its square leads, what stands in it, and whether its count is unusual."""

    place: Place
    href: str
    value: float | None
    shown: str
    unusual: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shade:
    """One colour of the key and the values it stands for."""

    number: int
    low: float
    high: float


def tile_map(tiles: Sequence[Tile], *, title: str) -> Markup:
    """The map as an SVG element. The table beside it says the same in text."""
    columns = 1 + max(tile.place.tile[0] for tile in tiles)
    rows = 1 + max(tile.place.tile[1] for tile in tiles)
    shades = shades_of([tile.value for tile in tiles if tile.value is not None])
    squares = Markup().join(_square(tile, shades) for tile in tiles) + _city()
    return Markup(
        '<svg class="eng-chart eng-tile-map" viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>'
    ).format(columns * (SIDE + GAP), rows * (SIDE + GAP), title, squares)


def shades_of(values: Sequence[float]) -> tuple[Shade, ...]:
    """Shades that hold about the same number of boroughs each, palest lowest."""
    ordered = sorted(values)
    count = min(SHADES, len(set(ordered)))
    groups = [ordered[len(ordered) * n // count : len(ordered) * (n + 1) // count] for n in range(count)]
    return tuple(
        Shade(number=number, low=group[0], high=group[-1])
        for number, group in enumerate(groups, start=1 + SHADES - count)
        if group
    )


def _square(tile: Tile, shades: Sequence[Shade]) -> Markup:
    left, top = _corner(tile.place)
    said = f"{tile.place.name}: {tile.shown}{', unusual' if tile.unusual else ''}"
    return Markup(
        '<a href="{href}"><title>{said}</title><g class="eng-tile {shade}{unusual}" transform="translate({left} {top})">'
        '<rect width="{side}" height="{side}" rx="5"></rect>'
        '<text aria-hidden="true" class="eng-tile__name" x="{middle}" y="33">{name}</text>'
        '<text aria-hidden="true" class="eng-tile__code" x="{middle}" y="34">{code}</text>'
        '<text aria-hidden="true" class="eng-tile__value" x="{middle}" y="54">{shown}</text>'
        "</g></a>"
    ).format(
        href=tile.href,
        said=said,
        shade=_shade_class(tile.value, shades),
        unusual=" eng-tile--unusual" if tile.unusual else "",
        left=left,
        top=top,
        side=SIDE,
        middle=SIDE / 2,
        name=short_name(tile.place.name),
        code=_CODES[tile.place.name],
        shown=tile.shown,
    )


def _city() -> Markup:
    left, top = _corner(CITY)
    return Markup(
        '<g class="eng-tile eng-tile--other" transform="translate({left} {top})"><title>{name}: another force</title>'
        '<rect width="{side}" height="{side}" rx="5"></rect><text x="{middle}" y="42">City</text></g>'
    ).format(left=left, top=top, name=CITY.name, side=SIDE, middle=SIDE / 2)


def _corner(place: Place) -> tuple[float, float]:
    column, row = place.tile
    return column * (SIDE + GAP) + GAP / 2, row * (SIDE + GAP) + GAP / 2


def _shade_class(value: float | None, shades: Sequence[Shade]) -> str:
    if value is None:
        return "eng-tile--none"
    number = next((shade.number for shade in shades if value <= shade.high), SHADES)
    return f"eng-tile--{number}"


_SHORT = {
    "Barking and Dagenham": "Barking",
    "Hammersmith and Fulham": "Hammersm.",
    "Kensington and Chelsea": "Kensington",
    "Kingston upon Thames": "Kingston",
    "Richmond upon Thames": "Richmond",
    "Tower Hamlets": "Tower Ham.",
    "Waltham Forest": "Waltham F.",
    "Wandsworth": "Wandswth.",
    "Westminster": "Westmin.",
}
_CODES = {
    "Barking and Dagenham": "Bar", "Barnet": "Brn", "Bexley": "Bxl", "Brent": "Brt", "Bromley": "Brm",
    "Camden": "Cmd", "Croydon": "Crd", "Ealing": "Elg", "Enfield": "Enf", "Greenwich": "Grn",
    "Hackney": "Hck", "Hammersmith and Fulham": "Hms", "Haringey": "Hgy", "Harrow": "Hrw",
    "Havering": "Hvg", "Hillingdon": "Hdn", "Hounslow": "Hns", "Islington": "Isl",
    "Kensington and Chelsea": "Kns", "Kingston upon Thames": "Kng", "Lambeth": "Lam", "Lewisham": "Lsh",
    "Merton": "Mrt", "Newham": "Nwm", "Redbridge": "Rdb", "Richmond upon Thames": "Rch",
    "Southwark": "Swr", "Sutton": "Stn", "Tower Hamlets": "Tow", "Waltham Forest": "Wth",
    "Wandsworth": "Wns", "Westminster": "Wst",
}  # fmt: skip
"""Three letters for a phone, where a name cannot be read; the table beside the map has the names."""


def short_name(name: str) -> str:
    """A borough's name as it fits into a tile."""
    return _SHORT.get(name, name)
