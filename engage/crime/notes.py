"""How figures are to be read, in sentences for a page: what is exact, what is rounded, what rates are of."""

from collections.abc import Sequence

from engage.crime.figures import TopicFigure

EXACT = (
    "Counts are exact. Small ones, and those a small one could be worked out from, are for the force alone: a post "
    "says “fewer than”."
)
ROUNDED = "Rates are rounded to hundredths, percentages to whole ones."
DAYS = "February had a day more in the one year than in the other, so counts are compared day for day."


def notes(figures: Sequence[TopicFigure]) -> tuple[str, ...]:
    """What a reader of these figures has to know."""
    return (EXACT, ROUNDED, *_rates(figures), *_days(figures))


def _rates(figures: Sequence[TopicFigure]) -> Sequence[str]:
    years = sorted({each.residents_year for each in figures if each.residents_year})
    people = {each.residents for each in figures if each.residents}
    if not years:
        return ()
    many = f"{people.pop():,} residents" if len(people) == 1 else "each borough's residents"
    of = " and ".join(map(str, years))
    return (f"Rates are of {many}, as the Office for National Statistics estimates them for {of}.",)


def _days(figures: Sequence[TopicFigure]) -> Sequence[str]:
    uneven = any(each.longer != 1 for each in figures if each.count_before is not None)
    return (DAYS,) if uneven else ()
