"""Planning maps rank where events were, are tried before they are believed, and refuse what cannot be read."""

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engage.cli import engage
from engage.planning.events import BadEvents, Events, lay, read_events
from engage.planning.maps import NOTE, planning_map
from engage.planning.ranking import COUNTS, SHARES, Recipe, hit_rates, scores, smoothed

TODAY = date(2026, 11, 23)
LAST = date(2026, 11, 1)


def some_events(*, weeks: int = 60, seed: int = 2) -> Events:
    """Six events a week at one corner and six anywhere in about ten kilometres square."""
    chance = np.random.default_rng(seed)
    days, longitude, latitude = [], [], []
    for week in range(weeks):
        for at in range(12):
            days.append(LAST.toordinal() - 7 * week - int(chance.integers(7)))
            near = at < 6
            longitude.append(-0.1 + (0.001 if near else 0.14) * chance.random())
            latitude.append(51.5 + (0.001 if near else 0.09) * chance.random())
    return Events(np.array(days, dtype=float), np.array(longitude), np.array(latitude))


def a_file(folder: Path, events: Events) -> Path:
    rows = zip(events.days, events.longitude, events.latitude, strict=True)
    lines = [f"{date.fromordinal(int(day))},{east:.6f},{north:.6f}" for day, east, north in rows]
    path = folder / "events.csv"
    path.write_text("\n".join(["date,longitude,latitude", *lines]) + "\n")
    return path


def test_the_corner_where_half_of_all_happens_ranks_first(tmp_path: Path) -> None:
    made, tried = planning_map(some_events(), area_km2=100)
    made.write(tmp_path / "map.geojson")
    best = json.loads((tmp_path / "map.geojson").read_text())["features"][0]
    west, south = best["geometry"]["coordinates"][0][0]
    assert (round(west, 2), round(south, 2)) == (-0.1, 51.5)
    assert best["properties"] == {"rank": 1, "top": "1%", "note": "internal planning only"}
    assert tried.held[0.01] > 0.45


def test_a_map_is_marked_as_internal_and_shows_no_more_than_a_fifth_of_the_area(tmp_path: Path) -> None:
    made, _ = planning_map(some_events(), area_km2=10)
    made.write(tmp_path / "map.geojson")
    written = json.loads((tmp_path / "map.geojson").read_text())
    assert written["note"] == NOTE
    assert len(written["features"]) <= 10 * 16 / 5
    assert str(made) == "<planning map: internal only>"


def test_a_map_needs_enough_history() -> None:
    with pytest.raises(BadEvents, match="cover 19 periods of 7 days; a map needs 48"):
        planning_map(some_events(weeks=20), area_km2=100)


def test_every_event_of_the_whole_periods_is_counted_once() -> None:
    events = some_events()
    grid = lay(events, metres=250, period_days=7)
    first = events.days.max() + 1 - 7 * len(grid.counts)
    assert grid.counts.sum() == (events.days >= first).sum()


@given(arrays(float, (12, 9), elements=st.integers(0, 9).map(float)), st.floats(0.5, 3))
def test_spreading_over_the_cells_around_adds_nothing(values: np.ndarray, reach: float) -> None:
    spread = smoothed(values, reach)
    assert (spread >= 0).all()
    assert spread.sum() <= values.sum() + 1e-9


@given(arrays(float, (10, 10), elements=st.integers(0, 5).map(float)), st.integers(0, 99))
def test_no_ranking_beats_the_perfect_one(came: np.ndarray, seed: int) -> None:
    guess = np.random.default_rng(seed).random(came.shape)
    ours, perfect = hit_rates(guess, came, 100), hit_rates(came, came, 100)
    assert all(ours[share] <= perfect[share] + 1e-12 for share in SHARES)


def test_old_events_fade_and_counts_do_not() -> None:
    counts = np.zeros((10, 2, 2))
    counts[0, 0, 0] = counts[9, 1, 1] = 8
    fading = scores(counts, Recipe(half_life=3))
    assert (fading[0, 0], fading[1, 1]) == (1, 8)
    assert scores(counts, COUNTS)[0, 0] == 8


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("soon,-0.1,51.5", "line 3: has no date or place"),
        ("2026-01-01,,51.5", "line 3: has no date or place"),
        (f"{TODAY + timedelta(days=1)},-0.1,51.5", "line 3: lies in the future"),
        ("2026-01-01,-0.1,151.5", "line 3: lies in the future or nowhere"),
    ],
)
def test_an_event_that_cannot_be_used_is_named_by_its_line(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "events.csv"
    path.write_text(f"date,longitude,latitude\n2026-01-01,-0.1,51.5\n{line}\n")
    with pytest.raises(BadEvents, match=message):
        read_events(path, today=TODAY)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"when,where\n1,2\n", "has no column date"),
        (b"date,longitude,latitude\n", "has 0 events; a map needs 200"),
        (b"date,longitude,latitude\n2026-01-01,\xff,51\n", "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_list_of_events_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(content)
    with pytest.raises(BadEvents, match=message):
        read_events(path, today=TODAY)


def test_the_command_writes_the_map_and_says_how_such_maps_did(tmp_path: Path) -> None:
    path, output = a_file(tmp_path, some_events()), tmp_path / "map.geojson"
    ran = CliRunner().invoke(engage, ["planning-map", str(path), str(output), "--area-km2", "100", "--json"])
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.output)
    assert told["tried"]["held"]["1%"] >= told["tried"]["simple_counts"]["1%"] - 0.05
    assert output.exists()
