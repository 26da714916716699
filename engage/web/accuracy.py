"""How good the forecasts are: the method in words, and what the backtest found, topic by topic."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template
from markupsafe import Markup

from engage.crime.backtest import Accuracy, accuracy
from engage.crime.breaks import BREAKS
from engage.crime.months import in_words
from engage.crime.series import Panel, panel_of
from engage.crime.topics import TOPICS, Topic
from engage.web import access, crime_shown
from engage.web.current import current_engage

blueprint = Blueprint("accuracy", __name__)

_BAR = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyRow:
    """One topic: its measures, and two bars that show the mean error beside that of a plain mean."""

    title: str
    measures: Accuracy
    bars: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """A topic that is never forecast, and why."""

    title: str
    reason: str


@blueprint.get("/figures/accuracy")
@access.signed_in
def forecasts() -> str:
    """The method and its accuracy, measured on what is imported."""
    with current_engage().transaction() as unit:
        if not crime_shown.anything(unit):
            return render_template("figures_none.html", why="No crime figures have been imported yet.")
        panel = panel_of(unit.crime)
    found = _measured(panel)
    return render_template(
        "accuracy.html",
        rows=_rows(found),
        whole=_whole(found),
        first=in_words(min(each.first_origin for _, each in found)) if found else "",
        last=in_words(max(each.last_origin for _, each in found)) if found else "",
        never=[Never(title=topic.title, reason=topic.no_forecast) for topic in TOPICS if topic.no_forecast],
        breaks=BREAKS,
        synthetic=any(file.synthetic for voices in panel.voices.values() for file in voices.values()),
    )


def _measured(panel: Panel) -> Sequence[tuple[Topic, Accuracy]]:
    asked = [topic for topic in TOPICS if topic.key in panel.counts and not topic.no_forecast]
    return [(topic, found) for topic in asked if (found := accuracy(panel, topic))]


def _rows(found: Sequence[tuple[Topic, Accuracy]]) -> Sequence[AccuracyRow]:
    most = max((max(each.wape, each.wape_mean) for _, each in found), default=1.0)
    return [
        AccuracyRow(title=topic.title, measures=each, bars=_bars(each.wape, each.wape_mean, most))
        for topic, each in found
    ]


def _bars(ours: float, plain: float, most: float) -> Markup:
    """Two bars, one above the other; the figures beside them say the same."""
    return Markup(
        '<svg class="eng-bars" viewBox="0 0 {} 20" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="eng-bar" width="{:.1f}" height="9"></rect>'
        '<rect class="eng-bar--plain" y="11" width="{:.1f}" height="9"></rect></svg>'
    ).format(_BAR, ours / most * _BAR, plain / most * _BAR)


def _whole(found: Sequence[tuple[Topic, Accuracy]]) -> str:
    """All topics together, in words."""
    if not found:
        return "There is too little past to try forecasts on: they need two and a half years of figures."
    many = sum(each.forecasts for _, each in found)
    better = sum(each.wape < each.wape_mean for _, each in found)
    held = sum(each.coverage80 * each.forecasts for _, each in found) / many
    return (
        f"{many:,} forecasts were made again from past months and held against what came. The range that "
        f"should hold 80 counts in 100 held {held:.0f}. In {better} of {len(found)} topics the forecast "
        "missed by less than the mean of the last twelve months would have."
    )
