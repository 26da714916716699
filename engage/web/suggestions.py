"""What to talk about now: suggestions from the figures, each the start of a draft, and whether they are balanced."""

from urllib.parse import urlencode

from flask import Blueprint, render_template

from engage.crime.months import in_words
from engage.drafting.agenda import REMEMBERED, agenda
from engage.drafting.suggesting import STANDING, Posted, Suggestion
from engage.posts.clock import utc_now
from engage.posts.places import BOROUGHS
from engage.web import access, crime_shown
from engage.web.current import current_engage

blueprint = Blueprint("suggestions", __name__)


@blueprint.get("/suggestions")
@access.only(access.drafts)
def suggestions() -> str:
    """The needs of this person's boroughs, or of all London for the press office."""
    engage, now = current_engage(), utc_now()
    own = {place.name for place in BOROUGHS if access.me().may_draft_for(place.name)}
    everywhere = len(own) == len(BOROUGHS)
    with engage.transaction() as unit:
        if not crime_shown.anything(unit):
            return render_template("figures_none.html", why="No crime figures have been imported yet.")
        posted = [Posted.of(post) for post in unit.posts.begun_since(now - REMEMBERED, STANDING)]
        found = agenda(
            unit.crime,
            engage.shelf,
            posted=posted,
            now=now,
            data_age_days=engage.policy_in(unit).force.thresholds.data_age_days,
            boroughs=None if everywhere else own,
        )
    return render_template(
        "suggestions.html",
        found=found,
        month=in_words(found.data_to),
        starts=[(each, _start(each)) for each in found.suggestions],
        everywhere=everywhere,
        own=sorted(own),
    )


def _start(suggestion: Suggestion) -> str:
    """The address where the draft begins, with all that is known filled in."""
    need = suggestion.need
    asked = {"template": suggestion.template, "borough": need.borough, "topic": need.topic}
    return f"/drafts/new?{urlencode(asked)}"
