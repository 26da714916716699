"""Figures say what the files say, fairly compared, and every one leads back to its rows."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from engage.crime.figures import anything, borough_figures, london
from engage.crime.forecast import Forecast, Refusal, forecast_for
from engage.crime.found_again import evidence_called
from engage.crime.importing import Outcome, import_paths
from engage.crime.notes import notes
from engage.crime.samples import RISES, write_samples
from engage.crime.series import NoFigures, panel_of
from engage.crime.sourced import evidence, policy_context, trace
from engage.crime.topics import TOPICS, UnknownTopic
from engage.posts.errors import BadInput
from engage.posts.evidence import DerivedSource, Evidence, FileSource
from tests.crime.files import TODAY, Memory, borough_csv, months_to, street_csv, street_line, written

FIGURES = {"borough", "topic", "count_now", "count_before", "period_now", "period_before", "change", "rate"}
FORECAST = {"forecast_low", "forecast_high", "forecast_month", "interval_words", "same_month_last_year"}
BOTH = {"source", "data_to"}


def counted(*paths: Path) -> Memory:
    memory = Memory()
    reports = import_paths(memory, paths, today=TODAY)
    assert {each.outcome for each in reports} == {Outcome.IMPORTED}
    return memory


def item(items: Sequence[Evidence], field: str) -> Evidence:
    return next(each for each in items if each.field == field)


def test_there_is_nothing_before_anything_is_imported() -> None:
    assert not anything(Memory())
    with pytest.raises(NoFigures, match="No crime figures have been imported yet"):
        london(Memory())


def test_a_figure_stands_beside_the_same_month_a_year_before(tmp_path: Path) -> None:
    memory = counted(written(tmp_path, "a.csv", borough_csv(months_to("2025-11", 30), count=40, newest=90)))
    (figure,) = borough_figures(memory, "camden", topic="home_burglary").topics
    assert (figure.count_now, figure.count_before) == (90, 40)
    assert (figure.period_now, figure.period_before) == ("November 2025", "November 2024")
    assert figure.change == "125% higher"
    assert "90 recorded in November 2025" in figure.unusual


def test_a_steady_series_is_not_unusual(tmp_path: Path) -> None:
    memory = counted(written(tmp_path, "a.csv", borough_csv(months_to("2025-11", 40))))
    assert not borough_figures(memory, "Camden").unusual


def test_the_newer_vintage_speaks_for_a_month_that_two_files_cover(tmp_path: Path) -> None:
    older = written(tmp_path, "older.csv", borough_csv(months_to("2025-08", 24), count=10))
    newer = written(tmp_path, "newer.csv", borough_csv(months_to("2025-11", 24), count=20))
    for order in ((older, newer), (newer, older)):
        figure = borough_figures(counted(*order), "Camden", month="2025-08").topics[0]
        assert (figure.count_now, figure.file.file_name) == (20, "newer.csv")


def test_a_newer_file_that_lacks_a_borough_does_not_speak_for_the_others(tmp_path: Path) -> None:
    partial = [
        line for line in borough_csv(months_to("2025-12", 24), count=1).splitlines() if "Barnet" not in line
    ]
    memory = counted(
        written(tmp_path, "partial.csv", "\n".join(partial) + "\n"),
        written(tmp_path, "whole.csv", borough_csv(months_to("2025-11", 24), count=20)),
    )
    assert borough_figures(memory, "Camden", month="2025-11").topics[0].count_now == 20


def test_real_figures_silence_made_up_ones(tmp_path: Path, samples: list[Path]) -> None:
    memory = counted(*samples, written(tmp_path, "real.csv", borough_csv(months_to("2025-11", 24))))
    figures = borough_figures(memory, "Camden", topic="burglary")
    assert (figures.month, figures.synthetic) == ("2025-11", False)


def test_street_figures_serve_where_the_borough_files_are_silent(tmp_path: Path) -> None:
    lines = [street_line(kind="Anti-social behaviour"), street_line(kind="Anti-social behaviour")]
    memory = counted(written(tmp_path, "2024-01-metropolitan-street.csv", street_csv(*lines)))
    (figure,) = borough_figures(memory, "Camden").topics
    assert (figure.label, figure.count_now, figure.rows, figure.change) == (
        "anti-social behaviour",
        2,
        2,
        "not comparable",
    )


def test_counts_from_before_a_category_was_redrawn_are_not_compared(tmp_path: Path) -> None:
    memory = counted(written(tmp_path, "a.csv", borough_csv(months_to("2024-03", 36))))
    (figure,) = borough_figures(memory, "Camden", topic="home_burglary").topics
    assert figure.count_before is None
    assert {each.field for each in evidence(figure)}.isdisjoint({"count_before", "change"})


@pytest.mark.parametrize(
    ("topic", "minor"),
    [
        ("residential_burglary", "DOMESTIC BURGLARY"),
        ("business_burglary", "BURGLARY BUSINESS AND COMMUNITY"),
    ],
)
def test_the_parts_of_burglary_are_compared_only_since_sheds_count_as_residential(
    tmp_path: Path, topic: str, minor: str
) -> None:
    memory = counted(written(tmp_path, "a.csv", borough_csv(months_to("2018-04", 36), minor=minor)))
    whole, part = (
        borough_figures(memory, "Camden", month="2018-03", topic=each).topics[0]
        for each in ("burglary", topic)
    )
    assert (whole.count_before, part.count_before, part.change) == (40, None, "not comparable")
    (since,) = borough_figures(memory, "Camden", month="2018-04", topic=topic).topics
    assert since.count_before == 40
    with pytest.raises(NoFigures):
        borough_figures(memory, "Camden", month="2017-03", topic=topic)


def across_the_change(tmp_path: Path, *, last: str, after: float, many: int = 48) -> Memory:
    """Burglary by month over the change of recording system, at a new level from March 2024 on."""
    months = months_to(last, many)
    header, *lines = borough_csv(months).splitlines()
    counts = ["40" if month < "2024-03" else str(round(40 * after)) for month in months]
    told = [header, *(",".join((*line.split(",")[:3], *counts)) for line in lines)]
    return counted(written(tmp_path, "a.csv", "\n".join(told) + "\n"))


def test_a_change_in_recording_that_moved_the_counts_is_not_taken_for_a_change_in_crime(
    tmp_path: Path,
) -> None:
    memory = across_the_change(tmp_path, last="2024-08", after=1.6)
    (figure,) = borough_figures(memory, "Camden", topic="burglary").topics
    assert (figure.count_before, figure.change) == (None, "not comparable")
    assert figure.not_compared == (
        "The Metropolitan Police changed its recording system on 28 February 2024, "
        "and counts did not go on as before."
    )
    assert {each.field for each in evidence(figure)}.isdisjoint({"count_before", "change"})


def test_right_after_a_change_in_recording_nothing_is_compared_across_it(tmp_path: Path) -> None:
    memory = across_the_change(tmp_path, last="2024-04", after=1.0)
    (figure,) = borough_figures(memory, "Camden", topic="burglary").topics
    assert figure.count_before is None
    assert "until figures for May 2024" in figure.not_compared


@pytest.mark.parametrize("first", ["2024-01", "2024-02"])
def test_without_the_quarter_before_a_change_in_recording_nothing_is_compared_across_it(
    tmp_path: Path, first: str
) -> None:
    months = months_to("2025-12", 24 if first == "2024-01" else 23)
    assert months[0] == first
    memory = across_the_change(tmp_path, last="2025-12", after=0.4, many=len(months))
    (figure,) = borough_figures(memory, "Camden", month="2025-02", topic="burglary").topics
    assert (figure.count_before, figure.change) == (None, "not comparable")
    assert "every month from December 2023 to May 2024 it cannot be told" in figure.not_compared
    (later,) = borough_figures(memory, "Camden", month="2025-03", topic="burglary").topics
    assert (later.count_before, later.not_compared) == (16, "")


def test_what_was_never_counted_a_year_before_is_not_put_down_to_a_change_in_recording(
    tmp_path: Path,
) -> None:
    memory = across_the_change(tmp_path, last="2025-02", after=1.0, many=6)
    (figure,) = borough_figures(memory, "Camden", topic="burglary").topics
    assert (figure.count_before, figure.not_compared) == (None, "")


def test_counts_that_went_on_across_a_change_in_recording_are_compared(tmp_path: Path) -> None:
    memory = across_the_change(tmp_path, last="2024-08", after=1.05)
    (figure,) = borough_figures(memory, "Camden", topic="burglary").topics
    assert (figure.count_before, figure.not_compared) == (40, "")


def with_unplaced(tmp_path: Path, *, a_year_ago: int, now: int) -> Memory:
    """Burglary of 100 in every borough in October 2023 and in 2024, and so many in no known borough."""
    months = months_to("2024-10", 24)
    unplaced = {"2023-10": a_year_ago, "2024-10": now}
    nowhere = ",".join(str(unplaced.get(month, 0)) for month in months)
    text = borough_csv(months, count=100, newest=150)
    return counted(written(tmp_path, "a.csv", f"{text}BURGLARY,RES BURGLARY OF A HOME,Unknown,{nowhere}\n"))


def test_counts_are_not_compared_where_many_more_had_no_borough_in_one_of_the_months(tmp_path: Path) -> None:
    memory = with_unplaced(tmp_path, a_year_ago=350, now=10)
    for figure in london(memory, month="2024-10").boroughs:
        assert (figure.count_before, figure.change, figure.change_percent) == (None, "not comparable", None)
        assert figure.not_compared == (
            "In October 2023 9.9% of them were recorded without a borough, in October 2024 0.2%."
        )
        assert {each.field for each in evidence(figure)}.isdisjoint({"count_before", "change"})
        assert "n_base" not in policy_context(figure)["data"]
    (before,) = borough_figures(memory, "Camden", month="2024-09", topic="burglary").topics
    assert (before.count_before, before.not_compared) == (100, "")


@pytest.mark.parametrize(
    ("a_year_ago", "now", "compared"),
    [(350, 525, True), (98, 0, True), (99, 0, False), (0, 148, True), (0, 149, False)],
)
def test_the_share_without_a_borough_may_differ_by_three_points(
    tmp_path: Path, a_year_ago: int, now: int, *, compared: bool
) -> None:
    memory = with_unplaced(tmp_path, a_year_ago=a_year_ago, now=now)
    (figure,) = borough_figures(memory, "Camden", topic="burglary").topics
    assert (figure.not_compared == "") is compared
    assert (figure.change == "50% higher") is compared


def test_a_february_with_a_day_more_is_compared_day_for_day_and_the_page_says_so(tmp_path: Path) -> None:
    memory = counted(
        written(tmp_path, "a.csv", borough_csv(months_to("2020-02", 36), count=1000, newest=1200))
    )
    (figure,) = borough_figures(memory, "Camden", topic="burglary").topics
    assert figure.change == "16% higher, day for day"
    change = item(evidence(figure), "change")
    assert isinstance(change.source, DerivedSource)
    assert "by the day" in change.source.method
    assert "compared day for day" in notes([figure])[-1]


def test_what_hardly_any_borough_records_is_not_counted_by_borough(tmp_path: Path) -> None:
    months = months_to("2025-11", 24)
    lines = borough_csv(months, major="NFIB FRAUD", minor="FRAUD", count=0).splitlines()[1:]
    lines = [line.replace(",0", ",1") if "Camden" in line else line for line in lines]
    text = borough_csv(months) + "\n".join(lines) + "\n"
    listed = {
        each.topic for each in borough_figures(counted(written(tmp_path, "a.csv", text)), "Camden").topics
    }
    assert "burglary" in listed
    assert "fraud" not in listed


def test_rates_say_whose_estimate_of_which_year_they_are_of(synthetic: Memory) -> None:
    figures = borough_figures(synthetic, "Camden").topics
    told = " ".join(notes(figures))
    assert f"Rates are of {figures[0].residents:,} residents" in told
    assert f"Office for National Statistics estimates them for {figures[0].residents_year}" in told
    rate = item(evidence(figures[0]), "rate")
    assert isinstance(rate.source, DerivedSource)
    assert f"(ONS estimate, {figures[0].residents_year})" in rate.source.method


def test_a_year_after_a_change_in_recording_the_new_counts_are_compared_with_each_other(
    tmp_path: Path,
) -> None:
    memory = across_the_change(tmp_path, last="2025-03", after=1.6)
    (figure,) = borough_figures(memory, "Camden", topic="burglary").topics
    assert (figure.count_now, figure.count_before, figure.change) == (64, 64, "about the same")


def test_every_count_leads_back_to_rows_that_sum_to_it(synthetic: Memory) -> None:
    for figure in borough_figures(synthetic, "Lambeth").topics:
        for name in ("count_now", "count_before"):
            found = item(evidence(figure), name)
            assert isinstance(found.source, FileSource)
            lines = trace(synthetic, found.source)
            assert sum(line.count for line in lines) == found.number
            assert sum(line.rows for line in lines) == found.source.rows


def test_a_figure_is_found_again_by_its_evidence_id(synthetic: Memory) -> None:
    figure = borough_figures(synthetic, "Lambeth", topic="robbery").topics[0]
    found = item(evidence(figure), "count_now")
    assert evidence_called(synthetic, found.id) == found
    with pytest.raises(BadInput, match="no count of the files imported here"):
        evidence_called(synthetic, "ev_0")


def test_templates_find_every_field_they_may_use(synthetic: Memory) -> None:
    figure = borough_figures(synthetic, "Camden", topic="home_burglary").topics[0]
    made = forecast_for(synthetic, "Camden", "home_burglary")
    assert isinstance(made, Forecast)
    assert {each.field for each in evidence(figure)} >= FIGURES | BOTH
    assert {each.field for each in evidence(made)} >= FORECAST | BOTH | {"borough", "topic", "method_link"}


def test_what_is_worked_out_names_the_evidence_it_rests_on(synthetic: Memory) -> None:
    items = evidence(borough_figures(synthetic, "Camden", topic="robbery").topics[0])
    ids = {each.id for each in items}
    worked = [each for each in items if isinstance(each.source, DerivedSource)]
    assert {each.field for each in worked} == {"rate", "change"}
    assert all(set(each.source.inputs) <= ids for each in worked if isinstance(each.source, DerivedSource))


def test_the_policy_is_told_the_counts_the_words_rest_on(synthetic: Memory) -> None:
    figure = borough_figures(synthetic, "Camden", topic="robbery").topics[0]
    told = policy_context(figure)["data"]
    assert (told["n_now"], told["n_base"]) == (figure.count_now, figure.count_before)
    assert (told["geography"], told["period_now"], told["period_base"]) == ("borough", "2026-09", "2025-09")
    made = forecast_for(synthetic, "Camden", "robbery")
    assert isinstance(made, Forecast)
    ahead = policy_context(made)["forecast"]
    assert (ahead["interval"], ahead["data_to"]) == (
        [made.months[0].low80, made.months[0].high80],
        "2026-09-30",
    )


def test_a_forecast_of_home_burglary_is_named_by_the_type_that_policies_list(synthetic: Memory) -> None:
    made = forecast_for(synthetic, "Camden", "home_burglary")
    assert isinstance(made, Forecast)
    assert policy_context(made)["forecast"]["crime_type"] == "residential_burglary"


def test_samples_are_the_same_every_time_and_known_for_what_they_are(
    tmp_path: Path, samples: list[Path], synthetic: Memory
) -> None:
    again = write_samples(tmp_path)
    assert [each.read_bytes() for each in again] == [each.read_bytes() for each in samples]
    assert all(file.synthetic for file in synthetic.files())
    renamed = samples[0].read_bytes()
    assert all(file.synthetic for file in counted(written(tmp_path / "", "renamed.csv", renamed)).files())


def test_the_samples_show_what_is_unusual(synthetic: Memory) -> None:
    shown = {
        (figure.borough, figure.label)
        for topic in (
            "theft_from_person",
            "bicycle_theft",
            "home_burglary",
            "theft_from_vehicle",
            "personal_robbery",
        )
        for figure in london(synthetic, topic=topic).boroughs
        if figure.unusual
    }
    assert {borough for borough, _ in RISES} <= {borough for borough, _ in shown}


def test_boroughs_sum_to_london(synthetic: Memory) -> None:
    figures = london(synthetic, topic="theft")
    assert figures.total == sum(
        borough_figures(synthetic, each.borough, topic="theft").topics[0].count_now
        for each in figures.boroughs
    )
    assert len(figures.boroughs) == 32


@pytest.mark.parametrize("topic", [each.key for each in TOPICS if each.no_forecast])
def test_what_must_not_be_forecast_is_refused_with_its_reason(synthetic: Memory, topic: str) -> None:
    refused = forecast_for(synthetic, "Camden", topic)
    assert isinstance(refused, Refusal)
    assert refused.reason


def test_a_short_a_broken_and_a_sparse_series_are_refused(tmp_path: Path) -> None:
    def reason(*texts: str) -> str:
        files = [written(tmp_path, f"{at}.csv", text) for at, text in enumerate(texts)]
        made = forecast_for(counted(*files), "Camden", "burglary")
        assert isinstance(made, Refusal)
        return made.reason

    assert "only 12 months" in reason(borough_csv(months_to("2025-11", 12)))
    assert "series is broken" in reason(
        borough_csv(months_to("2025-11", 6)), borough_csv(months_to("2025-03", 24))
    )
    assert "too few to forecast" in reason(borough_csv(months_to("2025-11", 30), count=1))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"month": "2031-01"}, "There are no figures for 2031-01"),
        ({"month": "last"}, "“last” is not a month"),
        ({"topic": "witchcraft"}, "There is no topic “witchcraft”"),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_can(
    synthetic: Memory, asked: dict[str, str], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        borough_figures(synthetic, "Camden", **asked)


def test_a_topic_is_known_by_its_words_too(synthetic: Memory) -> None:
    assert borough_figures(synthetic, "Camden", topic="Home burglary").topics[0].topic == "home_burglary"
    with pytest.raises(UnknownTopic, match="Topics: burglary"):
        london(synthetic, topic="none")


def test_a_panel_is_laid_out_once_for_the_same_files(synthetic: Memory) -> None:
    assert panel_of(synthetic) is panel_of(synthetic)


@pytest.mark.parametrize("horizon", [0, 4])
def test_no_forecast_is_made_further_than_three_months_ahead(synthetic: Memory, horizon: int) -> None:
    with pytest.raises(BadInput, match="must be 1 to 3 months"):
        forecast_for(synthetic, "Camden", "robbery", horizon=horizon)
