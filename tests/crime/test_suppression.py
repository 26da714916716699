"""No small count is said, nor one from which a small one could be worked out."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.optimize import linprog

from engage.crime.figures import borough_figures
from engage.crime.forecast import Forecast, forecast_for
from engage.crime.found_again import evidence_called
from engage.crime.importing import import_paths
from engage.crime.series import LONDON, NAMES, panel_of
from engage.crime.sourced import evidence
from engage.crime.suppression import Cell, least, limits, not_said, said
from engage.crime.topics import topic_called
from tests.crime.files import TODAY, Memory, borough_csv, months_to, written

LEAVES = ("home_burglary", "shed_burglary", "business_burglary", "elsewhere")
"""What burglary is made of; `elsewhere` is in no topic, so nothing ever says it."""
PARTS = {
    "residential_burglary": ("home_burglary", "shed_burglary"),
    "burglary": ("residential_burglary", "business_burglary", "elsewhere"),
}
COUNT = st.one_of(st.integers(0, 12), st.integers(0, 60), st.just(0))
Town = list[list[int]]
TOWNS: st.SearchStrategy[Town] = st.integers(1, 4).flatmap(
    lambda many: st.lists(
        st.lists(COUNT, min_size=len(LEAVES), max_size=len(LEAVES)), min_size=many, max_size=many
    )
)


def every_count(town: Sequence[Sequence[int]]) -> dict[Cell, int]:
    """Every count of a town's boroughs and of London, what is in no topic among them."""
    counts: dict[Cell, int] = {}
    for name, values in zip(NAMES, town, strict=False):
        counts |= {(name, leaf): value for leaf, value in zip(LEAVES, values, strict=True)}
        for whole, parts in PARTS.items():
            counts[name, whole] = sum(counts[name, part] for part in parts)
    for key in (*LEAVES, *PARTS):
        counts[LONDON, key] = sum(counts[name, key] for name in NAMES[: len(town)])
    return counts


def told(town: Sequence[Sequence[int]]) -> tuple[dict[Cell, int], Mapping[Cell, int]]:
    """Every count, and those not said exactly; what is in no topic is never said."""
    counts = every_count(town)
    return counts, not_said({cell: count for cell, count in counts.items() if cell[1] != "elsewhere"})


def sums_of(unsaid: Collection[Cell], counts: Mapping[Cell, int], boroughs: Sequence[str]) -> list[list[int]]:
    """Every sum there is as an equation in the unsaid counts (in order), its right side last."""
    sums = [
        ((place, whole), [(place, part) for part in parts])
        for place in (*boroughs, LONDON)
        for whole, parts in PARTS.items()
    ]
    sums += [((LONDON, key), [(name, key) for name in boroughs]) for key in (*LEAVES, *PARTS)]
    return [
        [
            *((cell in parts) - (cell == whole) for cell in unsaid),
            sum(
                counts[cell] * ((cell == whole) - (cell in parts))
                for cell in (whole, *parts)
                if cell not in unsaid
            ),
        ]
        for whole, parts in sums
    ]


def worked_out(unsaid: Sequence[Cell], sums: Sequence[Sequence[int]]) -> set[Cell]:
    """The unsaid counts that follow from those that are said, by solving every sum there is, exactly."""
    columns, rows = unsaid, [[Fraction(value) for value in each[:-1]] for each in sums]
    at = 0
    for column in range(len(columns)):
        pivot = next((row for row in range(at, len(rows)) if rows[row][column]), None)
        if pivot is None:
            continue
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [value / rows[at][column] for value in rows[at]]
        for row in range(len(rows)):
            if row != at and rows[row][column]:
                rows[row] = [a - rows[row][column] * b for a, b in zip(rows[row], rows[at], strict=True)]
        at += 1
    alone = [row for row in rows if sum(map(bool, row)) == 1]
    return {columns[next(at for at, value in enumerate(row) if value)] for row in alone}


@given(TOWNS)
@example([[2, 30, 30, 0], [40, 50, 60, 0], [40, 50, 60, 0]])
@example([[20, 30, 30, 3], [40, 50, 60, 0]])
def test_no_small_count_is_said_or_follows_from_all_the_others(town: Town) -> None:
    counts, held_back = told(town)
    unsaid = held_back.keys() | {cell for cell in counts if cell[1] == "elsewhere" and counts[cell]}
    small = {cell for cell, count in counts.items() if 0 < count < least(topic_called("burglary"))}
    assert small <= unsaid
    columns = sorted(unsaid)
    assert not worked_out(columns, sums_of(columns, counts, NAMES[: len(town)])) & small


@given(TOWNS)
@example([[40, 0, 2, 2]])
@example([[30, 10, 2, 2], [20, 30, 40, 20]])
def test_what_is_left_of_a_sum_is_nothing_or_not_small(town: Town) -> None:
    counts, held_back = told(town)
    for place in (*NAMES[: len(town)], LONDON):
        for whole, parts in PARTS.items():
            said_of_it = [(place, part) for part in parts if part != "elsewhere"]
            left = counts[place, whole] - sum(counts[each] for each in said_of_it if each not in held_back)
            assert (place, whole) in held_back or not 0 < left < least(topic_called("burglary"))


@given(TOWNS)
def test_what_a_count_is_said_to_be_under_is_true_and_adds_nothing_to_what_follows(town: Town) -> None:
    counts, held_back = told(town)
    unsaid = sorted(held_back.keys() | {cell for cell in counts if cell[1] == "elsewhere" and counts[cell]})
    sums = np.array(sums_of(unsaid, counts, NAMES[: len(town)]), dtype=float)
    limit = least(topic_called("burglary"))
    bounds = [
        (int(cell in held_back), limit - 1 if held_back.get(cell) == limit else None) for cell in unsaid
    ]
    for at, cell in enumerate(unsaid):
        if held_back.get(cell, limit) == limit:
            continue
        most = linprog(-np.eye(len(unsaid))[at], A_eq=sums[:, :-1], b_eq=sums[:, -1], bounds=bounds)
        assert counts[cell] < held_back[cell]
        assert not most.success or -most.fun < held_back[cell]


def left_to_be(
    counts: Mapping[Cell, int], held_back: Mapping[Cell, int], *, sums: Sequence[Sequence[int]]
) -> dict[Cell, tuple[float, float]]:
    """The least and the most each small count can be for whoever knows all sums and all that is said.

    Nought is said as it is, so a count held back is at least one.
    """
    unsaid = sorted(held_back.keys() | {cell for cell in counts if cell[1] == "elsewhere" and counts[cell]})
    told = np.array(sums, dtype=float)
    bounds = [(1, held_back[cell] - 1) if cell in held_back else (0, None) for cell in unsaid]
    ends: dict[Cell, tuple[float, float]] = {}
    for at, cell in enumerate(unsaid):
        if 0 < counts[cell] < least(topic_called(cell[1] if cell in held_back else "burglary")):
            aims = (np.eye(len(unsaid))[at], -np.eye(len(unsaid))[at])
            low, high = (linprog(aim, A_eq=told[:, :-1], b_eq=told[:, -1], bounds=bounds) for aim in aims)
            assert low.success
            assert high.success or cell not in held_back
            ends[cell] = (low.fun, -high.fun if high.success else np.inf)
    return ends


@given(TOWNS)
@example([[1, 1, 1, 0], [1, 1, 0, 0]])
@example([[4, 4, 40, 0], [1, 30, 30, 0]])
@example([[1, 1, 0, 0]])
def test_no_small_count_has_only_one_number_to_be_for_all_that_is_said(town: Town) -> None:
    counts, held_back = told(town)
    unsaid = sorted(held_back.keys() | {cell for cell in counts if cell[1] == "elsewhere" and counts[cell]})
    ends = left_to_be(counts, held_back, sums=sums_of(unsaid, counts, NAMES[: len(town)]))
    assert not [cell for cell, (low, high) in ends.items() if high - low < 1 / 2]


@given(st.integers(1, 12), st.integers(0, 3))
@example(9, 0)
@example(10, 0)
def test_homicides_of_one_each_are_not_told_by_londons_being_few(many: int, more: int) -> None:
    counts = {(name, "homicide"): 1 if at else 1 + more for at, name in enumerate(NAMES[:many])}
    counts |= {(name, "homicide"): 0 for name in NAMES[many:]}
    counts[LONDON, "homicide"] = many + more
    held_back = not_said(counts)
    unsaid = sorted(held_back)
    whole = (LONDON, "homicide")
    row = [(cell != whole) - (cell == whole) for cell in unsaid]
    ends = left_to_be(counts, held_back, sums=[[*row, 0 if whole in held_back else counts[whole]]])
    assert ends.keys() == {cell for cell, count in counts.items() if 0 < count < 10}
    assert not [cell for cell, (low, high) in ends.items() if high - low < 1 / 2]
    assert all(counts[cell] < under for cell, under in held_back.items())


def test_a_small_count_in_one_borough_does_not_follow_from_london_less_the_others() -> None:
    town = [[3, 40, 40, 0], [50, 60, 70, 0], [45, 66, 80, 0]]
    _, held_back = told(town)
    hidden = [place for place, key in held_back if key == "home_burglary"]
    assert len(hidden) > 1
    assert held_back[NAMES[0], "home_burglary"] == 5


def test_counts_that_add_up_only_where_each_is_at_its_highest_are_not_given_away() -> None:
    counts, held_back = told([[4, 4, 40, 0], [30, 30, 30, 0]])
    assert (NAMES[0], "residential_burglary") in held_back
    assert counts[NAMES[0], "residential_burglary"] == 8


def test_a_count_held_back_is_said_as_fewer_than_a_round_number() -> None:
    assert said(3, 5) == "fewer than 5"
    assert said(1240, None) == "1,240"
    assert said(1240, 1250) == "fewer than 1,250"
    assert not_said({("Camden", "sexual_offences"): 9, (LONDON, "sexual_offences"): 9}) == {
        ("Camden", "sexual_offences"): 10,
        (LONDON, "sexual_offences"): 10,
    }


def test_a_post_is_told_no_small_count_no_rate_and_no_percentage_of_one(tmp_path: Path) -> None:
    memory = Memory()
    path = written(tmp_path, "a.csv", borough_csv(months_to("2025-11", 30), count=40, newest=3))
    import_paths(memory, [path], today=TODAY)
    figure = borough_figures(memory, "Camden", topic="home_burglary").topics[0]
    items = {each.field: each for each in evidence(figure)}
    assert (items["count_now"].value, items["change"].value) == (
        "fewer than 5",
        "not comparable",
    )
    assert items["change"].number is None
    assert "rate" not in items
    assert evidence_called(memory, items["count_now"].id) == items["count_now"]


@pytest.mark.parametrize("now", [3, 12, 400])
@pytest.mark.parametrize("before", [3, 12, 400])
def test_no_change_is_said_beside_a_count_held_back(tmp_path: Path, now: int, before: int) -> None:
    memory = Memory()
    text = borough_csv(months_to("2025-11", 13), count=before, newest=now)
    import_paths(memory, [written(tmp_path, "a.csv", text)], today=TODAY)
    figure = borough_figures(memory, "Camden", topic="home_burglary").topics[0]
    assert (figure.said_change == "not comparable") == (3 in {now, before})
    assert figure.change != "not comparable"


@pytest.fixture
def one_small(tmp_path: Path) -> Memory:
    """Thirty months in which every borough has forty home burglaries, but for three in Camden in one month."""
    months = months_to("2025-11", 30)
    lines = borough_csv(months, count=40).splitlines()
    at = months.index("2024-12") + 3
    lines = [
        ",".join(
            "3" if "Camden" in line and number == at else value
            for number, value in enumerate(line.split(","))
        )
        for line in lines
    ]
    memory = Memory()
    import_paths(memory, [written(tmp_path, "a.csv", "\n".join(lines) + "\n")], today=TODAY)
    return memory


def test_a_forecast_says_no_more_of_last_year_than_its_own_figure_did(one_small: Memory) -> None:
    held_back = {place for place, key in limits(panel_of(one_small), "2024-12") if key == "home_burglary"}
    assert len(held_back) > 1
    for borough in held_back:
        made = forecast_for(one_small, borough, "burglary")
        figure = borough_figures(one_small, borough, month="2024-12", topic="burglary").topics[0]
        assert isinstance(made, Forecast)
        items = {each.field: each for each in evidence(made)}
        assert items["same_month_last_year"].value == figure.said_now
        assert figure.said_now.startswith("fewer than")
        assert evidence_called(one_small, items["same_month_last_year"].id) == items["same_month_last_year"]
