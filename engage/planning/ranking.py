"""Cells ranked by where the next period's events are likeliest: counts, fading with age, and a little of the cells around.

How fast counts fade, how far the surroundings reach and how much they weigh is chosen on past periods, each
ranked from what came before it, so that no period is judged by what it taught.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engage.planning.events import Numbers

SHARES = (0.01, 0.05, 0.10, 0.20)
"""The parts of the area that hit rates are told for."""
_FARTHEST = 3.0
"""Surroundings end so many reaches away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How cells are scored.

    After `half_life` periods a count is worth half (never, where None); the mean of the cells around, weighed
    by a bell of `reach` cells, counts `around` times as much as the cell itself.
    """

    half_life: float | None = None
    reach: float = 1.0
    around: float = 0.0


COUNTS = Recipe()
"""Simple counts of all that came before."""


def recipes(half_lives: Sequence[float | None]) -> Iterator[Recipe]:
    """The recipes to choose from, simple counts first."""
    yield COUNTS
    for half_life in half_lives:
        for reach in (1.0, 2.0, 3.0):
            for around in (0.5, 1.0, 2.0):
                yield Recipe(half_life=half_life, reach=reach, around=around)


def scores(counts: Numbers, recipe: Recipe) -> Numbers:
    """The score of every cell after these periods (first axis)."""
    if recipe.half_life is None:
        own = counts.sum(axis=0)
    else:
        age = np.arange(len(counts))[::-1]
        own = np.tensordot(0.5 ** (age / recipe.half_life), counts, axes=1)
    return own + recipe.around * smoothed(own, recipe.reach) if recipe.around else np.asarray(own)


def smoothed(values: Numbers, reach: float) -> Numbers:
    """Values spread over the cells around by a bell of `reach` cells."""
    return _spread(_spread(values, reach).T, reach).T


def _spread(values: Numbers, reach: float) -> Numbers:
    weights = _bell(reach)
    padded = np.pad(values, ((len(weights) // 2,) * 2, (0, 0)))
    spread = np.zeros(values.shape)
    for at, weight in enumerate(weights):
        spread += weight * padded[at : at + len(values)]
    return spread


@lru_cache(maxsize=16)
def _bell(reach: float) -> Numbers:
    far = int(np.ceil(_FARTHEST * reach))
    weights = np.exp(-0.5 * (np.arange(-far, far + 1) / reach) ** 2)
    return np.asarray(weights / weights.sum())


def hit_rates(score: Numbers, came: Numbers, cells: int) -> Mapping[float, float]:
    """The part of a period's events in the best 1, 5, 10 and 20 % of `cells`, the area as a whole."""
    order = np.argsort(-score.ravel(), kind="stable")
    found = np.cumsum(came.ravel()[order])
    total = max(found[-1], 1.0)
    return {share: float(found[min(int(cells * share), len(found)) - 1] / total) for share in SHARES}


def mean_rates(counts: Numbers, recipe: Recipe, periods: Sequence[int], cells: int) -> Mapping[float, float]:
    """Hit rates over several periods, each ranked from all before it, every event weighing the same."""
    rates = [hit_rates(scores(counts[:at], recipe), counts[at], cells) for at in periods]
    weight = np.array([counts[at].sum() for at in periods])
    return {share: float(np.average([each[share] for each in rates], weights=weight)) for share in SHARES}


def chosen(
    counts: Numbers, periods: Sequence[int], cells: int, *, half_lives: Sequence[float | None]
) -> Recipe:
    """The recipe that did best on these periods beside simple counts, at the part of the area where it did least well."""
    plain = mean_rates(counts, COUNTS, periods, cells)

    def gain(recipe: Recipe) -> float:
        found = mean_rates(counts, recipe, periods, cells)
        return min(found[share] / max(plain[share], 1e-9) for share in SHARES)

    return max(recipes(half_lives), key=gain)
