"""The figures, for everyone signed in: London by borough, and a borough by topic with its forecast."""

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.posts.places import UnknownBorough
from engage.posts.places import borough as borough_called
from engage.web import access, crime_shown
from engage.web.current import current_engage
from engage.web.said import said
from engage.web.tracing import traced

blueprint = Blueprint("figures", __name__)

Page = str | tuple[str, int] | Response


@blueprint.get("/figures")
@access.signed_in
def london() -> Page:
    """One topic in one month, by borough."""
    with current_engage().transaction() as unit:
        if not crime_shown.anything(unit):
            return _nothing_yet()
        shown = crime_shown.london(unit, topic=request.args.get("topic"), month=request.args.get("month"))
    return render_template("figures_london.html", shown=shown)


@blueprint.get("/figures/<slug>")
@access.signed_in
def borough(slug: str) -> Page:
    """One borough: what is unusual, every topic compared fairly, and one of them over time."""
    try:
        place = borough_called(slug.replace("-", " "))
    except UnknownBorough as error:
        return render_template(
            "problem.html", title="There is no such borough", message=said(error), advice=""
        ), 404
    with current_engage().transaction() as unit:
        if not crime_shown.anything(unit):
            return _nothing_yet()
        shown = crime_shown.borough(
            unit,
            place,
            topic=request.args.get("topic"),
            month=request.args.get("month"),
            shelf=current_engage().shelf,
            may_draft=access.me().may_draft_for(place.name),
        )
    return render_template("figures_borough.html", shown=shown)


@blueprint.get("/figures/<slug>/evidence/<evidence_id>")
@access.signed_in
def rows(slug: str, evidence_id: str) -> Page:
    """The rows of the imported file that one figure was counted from."""
    place = borough_called(slug.replace("-", " "))
    topic, month = request.args.get("topic", ""), request.args.get("month", "")
    with current_engage().transaction() as unit:
        items = crime_shown.evidence_of(unit, place, topic=topic, month=month)
        shown = traced(unit, items, evidence_id)
    if shown is None:
        abort(404)
    back = url_for("figures.borough", slug=place.slug, topic=topic, month=month)
    return render_template("evidence.html", shown=shown, back=back)


def _nothing_yet() -> Page:
    return render_template("figures_none.html", why="No crime figures have been imported yet.")
