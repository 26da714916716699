"""The figures pages: London, a borough, a start for a draft, and each figure back to its rows."""

import re
from pathlib import Path

import pytest

from engage.crime.importing import import_paths
from engage.crime.samples import write_samples
from engage.wiring import Engage
from tests.crime.files import borough_csv, months_to, written
from tests.web.visitor import Visitor


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The synthetic files, written once."""
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    return folder


@pytest.fixture
def reader(engage: Engage, officer: Visitor, samples: Path) -> Visitor:
    """An officer of Camden with the synthetic figures imported."""
    with engage.transaction() as unit:
        import_paths(unit, [samples])
    return officer


def test_before_any_import_the_page_says_what_is_missing(officer: Visitor) -> None:
    assert "No crime figures have been imported yet" in officer.open("/figures").text


def test_london_shows_every_borough_in_the_map_and_in_the_table(reader: Visitor) -> None:
    reader.open("/figures?topic=robbery")
    assert "Robbery in London" in reader.text
    assert len(re.findall(r'href="/figures/[a-z-]+\?', reader.page)) == 64
    assert "Synthetic figures" in reader.text


def test_a_borough_says_what_is_unusual_and_what_is_forecast(reader: Visitor) -> None:
    reader.open("/figures/camden?topic=robbery")
    assert "What is unusual this month" in reader.text
    assert re.search(r"For October 2026 we expect about [\d,]+\. Four times in five", reader.text)
    assert "The same as a table" in reader.text


def test_a_page_says_how_its_figures_are_to_be_read(reader: Visitor) -> None:
    for address in ("/figures", "/figures/camden"):
        reader.open(address)
        assert "Rates are rounded to hundredths, percentages to whole ones." in reader.text
        assert re.search(r"Rates are of .* residents, as the Office for National Statistics", reader.text)


def test_weather_is_told_with_whose_it_is(reader: Visitor) -> None:
    reader.open("/figures/camden?month=2026-09")
    assert "°C on average" in reader.text
    assert "European Climate Assessment & Dataset, Heathrow (ECA&D, free for non-commercial" in reader.text
    reader.open("/figures/camden?month=2021-03")
    assert "March 2021 had" in reader.text
    assert "European Climate Assessment" not in reader.text


def test_a_count_that_is_not_for_the_public_shows_what_a_post_would_say(
    engage: Engage, officer: Visitor, tmp_path: Path
) -> None:
    path = written(tmp_path, "a.csv", borough_csv(months_to("2025-11", 30), count=40, newest=3))
    with engage.transaction() as unit:
        import_paths(unit, [path])
    officer.open("/figures/camden")
    assert "in a post: fewer than 5" in officer.text


def test_a_borough_that_a_file_lacks_is_said_to_be_missing_and_london_has_no_sum(
    engage: Engage, officer: Visitor, tmp_path: Path
) -> None:
    lines = borough_csv(months_to("2025-11", 30)).splitlines(keepends=True)
    path = written(tmp_path, "a.csv", "".join(line for line in lines if ",Camden," not in line))
    with engage.transaction() as unit:
        import_paths(unit, [path])
    missing = "The file a.csv has no rows for Camden: its figures for November 2025 cannot be given."
    assert f"{missing} So there is no count for London." in officer.open("/figures").text
    assert missing in officer.open("/figures/camden", expect=400).text
    assert missing not in officer.open("/figures/barnet").text
    assert "There is too little past to try forecasts on" in officer.open("/figures/accuracy").text
    officer.open("/suggestions")


def test_a_draft_begins_from_a_figure_with_its_evidence_filled_in(reader: Visitor) -> None:
    reader.open("/drafts/new?template=crime_summary&borough=Camden&topic=home_burglary")
    reader.send(
        "/drafts/new", template="crime_summary", borough="Camden", topic="home_burglary", platforms=["x"]
    )
    assert "home burglary" in reader.words()["text-x"][0]
    assert "Counted from 1 row of SYNTHETIC" in reader.text


def test_every_count_opens_back_to_rows_that_add_up_to_it(reader: Visitor) -> None:
    reader.open("/figures/camden?topic=burglary&month=2026-09")
    address = re.search(
        r'Count now</span> <span class="eng-evidence__value">([\d,]+)</span>.*?href="([^"]+)"',
        reader.page,
        re.DOTALL,
    )
    assert address is not None
    count, rows = address.groups()
    reader.open(rows.replace("&amp;", "&"))
    assert f"Together {count}" in reader.text


def test_evidence_that_is_not_there_is_not_found(reader: Visitor) -> None:
    reader.open("/figures/camden/evidence/ev_nothing?topic=burglary&month=2026-09", expect=404)
    reader.open("/figures/camden/evidence/ev_nothing", expect=404)


@pytest.mark.parametrize("page", ["/figures/atlantis", "/figures/city-of-london"])
def test_a_borough_that_is_none_of_ours_says_so(reader: Visitor, page: str) -> None:
    reader.open(page, expect=404)
    assert "There is no such borough" in reader.text


@pytest.mark.parametrize("asked", ["topic=dragons", "month=2026-13", "month=1999-01"])
def test_a_topic_or_month_there_is_not_is_refused_plainly(reader: Visitor, asked: str) -> None:
    reader.open(f"/figures?{asked}", expect=400)
    assert "That cannot be used" in reader.text
    assert "--month" not in reader.text
    assert "--topic" not in reader.text


def test_london_is_forecast_as_the_sum_of_its_boroughs(reader: Visitor) -> None:
    reader.open("/figures?topic=robbery")
    assert re.search(r"For October 2026 we expect about [\d,]+\. Four times in five", reader.text)


def test_a_forecast_of_a_borough_says_how_such_forecasts_did(reader: Visitor) -> None:
    reader.open("/figures/camden?topic=robbery")
    assert re.search(r"forecasts from \w+ \d{4} to \w+ \d{4}\), forecasts missed by", reader.text)


def test_the_accuracy_of_forecasts_is_published_with_what_is_not_forecast(reader: Visitor) -> None:
    reader.open("/figures/accuracy")
    assert "The range that should hold 80 counts in 100 held" in reader.text
    assert "Robbery" in reader.text
    assert "Homicide is far too rare" in reader.text
    assert "28 February 2024" in reader.text


def test_a_suggestion_says_why_and_begins_a_draft(reader: Visitor) -> None:
    reader.open("/suggestions")
    assert "The greatest needs of Camden and Lambeth" in reader.text
    assert "Do suggestions follow need?" in reader.text
    start = re.search(r'href="(/drafts/new\?template=prevention_[^"]+)"', reader.page)
    assert start is not None
    reader.open(start.group(1).replace("&amp;", "&"))
    assert "Preventing" in reader.text or "Protecting" in reader.text


def test_suggestions_from_old_figures_say_first_that_they_are_old(
    engage: Engage, officer: Visitor, tmp_path: Path
) -> None:
    path = written(tmp_path, "a.csv", borough_csv(months_to("2025-11", 36)))
    with engage.transaction() as unit:
        import_paths(unit, [path])
    text = officer.open("/suggestions").text
    assert 0 < text.index("The newest figures are of November 2025, ") < text.index("The greatest needs")


def test_the_press_office_is_shown_the_needs_of_all_london(reader: Visitor, press: Visitor) -> None:
    assert reader
    assert "The greatest needs of London" in press.open("/suggestions").text


def test_what_a_draft_was_begun_about_is_held_back(reader: Visitor) -> None:
    reader.open("/suggestions")
    start = re.search(r'href="/drafts/new\?template=(\w+)&amp;borough=(\w+)&amp;topic=(\w+)"', reader.page)
    assert start is not None
    template, borough, topic = start.groups()
    reader.open(f"/drafts/new?template={template}&borough={borough}&topic={topic}")
    reader.send("/drafts/new", template=template, borough=borough, topic=topic, platforms=["x"])
    reader.open("/suggestions")
    assert f"template={template}&amp;borough={borough}&amp;" not in reader.page
    assert "it was talked about, or a draft begun, on" in reader.text
    assert template not in reader.open(f"/figures/{borough.lower()}").page
