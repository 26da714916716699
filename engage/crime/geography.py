"""Which borough a small area lies in, by the number in its code.

The first lower layer super output areas (Office for National Statistics, 2001) were numbered borough after
borough, so a code says its borough without a table of five thousand. Areas drawn since have codes beyond
these; their borough is in their name.
"""

from bisect import bisect_right

from engage.posts.places import BOROUGHS, CITY

_PREFIX = "E01"
_FIRST = (
    1, 6, 115, 325, 471, 645, 842, 975, 1195, 1390, 1571, 1714, 1851, 1962, 2106, 2243, 2392, 2555, 2694, 2812,
    2915, 3013, 3189, 3355, 3479, 3638, 3797, 3911, 4076, 4198, 4327, 4472, 4646,
)  # fmt: skip
"""The first number of each borough, in the order of their own codes, the City's first."""
_LAST = 4765
_UNSEEN = frozenset({3012, 4197})
"""Between two boroughs, and in no file seen: not guessed at."""
_PLACES = (CITY, *BOROUGHS)


def borough_of_lsoa(code: str) -> str:
    """The borough (or the City) of "E01000842"; nothing where the code does not say."""
    digits = code.removeprefix(_PREFIX)
    if digits == code or len(digits) != 6 or not digits.isdecimal():  # noqa: PLR2004 - E01 and six digits
        return ""
    number = int(digits)
    if not 1 <= number <= _LAST or number in _UNSEEN:
        return ""
    return _PLACES[bisect_right(_FIRST, number) - 1].name
