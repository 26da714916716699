"""Needs are counted in offences, so that boroughs and topics can be laid side by side."""

from pathlib import Path

import pytest

from engage.crime.importing import import_paths
from engage.crime.needs import Need, needs
from engage.crime.topics import topic_called
from tests.crime.files import TODAY, Memory, borough_csv, months_to, written


def found(folder: Path, *, camden: int = 40) -> dict[str, Need]:
    """The needs where every borough counts 40 a month but Camden in the newest."""
    lines = borough_csv(months_to("2026-08", 40)).splitlines()
    at = next(index for index, line in enumerate(lines) if ",Camden," in line)
    lines[at] = f"{lines[at].rpartition(',')[0]},{camden}"
    memory = Memory()
    import_paths(memory, [written(folder, "crime.csv", "\n".join(lines) + "\n")], today=TODAY)
    return {each.borough: each for each in needs(memory, [topic_called("burglary")])}


def test_where_all_is_as_usual_there_is_no_reason(tmp_path: Path) -> None:
    for need in found(tmp_path).values():
        assert (need.beyond, need.reasons) == (0, ())
        assert need.recorded == 480


def test_what_is_out_of_line_comes_first_with_its_reason(tmp_path: Path) -> None:
    first = next(iter(found(tmp_path, camden=110).values()))
    assert (first.borough, first.urgent) == ("Camden", True)
    assert first.beyond == pytest.approx(70, abs=5)
    assert first.reasons[0].startswith("Unusually high: 110 recorded in August 2026, about 4")


def test_more_than_londons_rate_is_told_beside_what_residents_would_have(synthetic: Memory) -> None:
    made = needs(synthetic, [topic_called("robbery")])
    most = max(made, key=lambda need: need.above)
    assert any(each.startswith("Above London's rate: about") for each in most.reasons)
    assert sum(need.above for need in made) < sum(need.expected for need in made)


def test_topics_that_may_not_be_forecast_make_no_need(synthetic: Memory) -> None:
    assert needs(synthetic, [topic_called("homicide"), topic_called("sexual_offences")]) == ()
