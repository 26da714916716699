"""What changes what may be said: how cases stand, and dated periods such as an election's."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.posts.clock import in_london, utc_now
from engage.posts.errors import BadInput
from engage.posts.places import BOROUGHS
from engage.signoff.cases import STATUSES, YES_OR_NO, read_fact
from engage.signoff.regimes import Window, open_window
from engage.web import access
from engage.web.current import at_desk, current_engage

blueprint = Blueprint("regimes", __name__)

Page = str | tuple[str, int] | Response


@blueprint.get("/cases")
@access.only(access.reads_queue)
def cases() -> Page:
    """What is known of each case, and a form to say how one stands now."""
    return _cases_page()


@blueprint.post("/cases")
@access.only(access.knows_cases)
def set_case() -> Page:
    """Say how a case stands; its posts are judged again at once."""
    try:
        facts = _facts()
        with current_engage().transaction() as unit:
            done = current_engage().case_changed(
                unit, request.form.get("reference", ""), facts, by=access.me()
            )
    except BadInput as error:
        return _cases_page(problem=error), 400
    flash(f"Recorded. Posts sent back to the queue: {len(done.sent_back)}.")
    if done.still_public:
        flash(
            f"Public posts that would not be let out now: {len(done.still_public)}. They are under Deliveries."
        )
    return redirect(url_for("regimes.cases"))


@blueprint.get("/periods")
@access.only(access.reads_queue)
def periods() -> Page:
    """The dated regimes, those to come and in force before those that are over."""
    return _periods_page()


@blueprint.post("/periods")
@access.only(access.opens_windows)
def add_period() -> Page:
    """Add a dated regime; what is queued for its days is judged again at once."""
    try:
        window = _window()
        with at_desk() as (unit, desk):
            open_window(desk, unit.regimes, window, by=access.me(), queued=current_engage().queued(unit))
    except BadInput as error:
        return _periods_page(problem=error), 400
    flash("The period is kept. What is queued for its days was judged again.")
    return redirect(url_for("regimes.periods"))


def _facts() -> dict[str, Any]:
    """What the form says of a case; what was left alone is not changed."""
    names = ("status", *YES_OR_NO, "offence", "subject_age")
    given = {name: request.form.get(name, "").strip() for name in names}
    facts = dict(read_fact(name, value) for name, value in given.items() if value)
    if not facts:
        raise BadInput("say at least one thing that changed.", where="status")
    if facts.get("status", STATUSES[0]) not in STATUSES:
        raise BadInput(f"use one of {', '.join(STATUSES)}.", where="status")
    return facts


def _window() -> Window:
    starts, ends = _day("starts"), _day("ends")
    if starts is None or ends is None:
        raise BadInput("give the first and the last day.", where="ends" if starts else "starts")
    return Window(
        kind="pre_election",
        borough=request.form.get("borough") or None,
        starts=starts,
        ends=ends,
        poll=_day("poll"),
        note=request.form.get("note", "").strip(),
    )


def _day(name: str) -> date | None:
    value = request.form.get(name, "").strip()
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise BadInput(f"“{value}” is no day.", where=name, remedy="Write it as 2026-05-07.") from None


def _cases_page(*, problem: BadInput | None = None) -> str:
    with current_engage().transaction() as unit:
        known = unit.regimes.cases()
        names = {person.id: person.name for person in unit.people.all()}
    return render_template(
        "cases.html",
        cases=[(each, _in_words(each.facts), names.get(each.changed_by, each.changed_by)) for each in known],
        statuses=[(each, each.capitalize()) for each in STATUSES],
        yes_or_no=YES_OR_NO.items(),
        may_set=access.knows_cases(access.me()),
        labels={"subject_age": "Age of the accused", **YES_OR_NO},
        given=request.form,
        problem=problem,
    )


def _in_words(facts: Any) -> list[tuple[str, str]]:
    words = {"status": "Stands at", "offence": "Offence", "subject_age": "Age of the accused", **YES_OR_NO}
    said = {True: "yes", False: "no"}
    return [
        (words.get(name, name.replace("_", " ").capitalize()), said.get(value, str(value)))
        if isinstance(value, bool)
        else (words.get(name, name.replace("_", " ").capitalize()), str(value))
        for name, value in facts.items()
    ]


def _periods_page(*, problem: BadInput | None = None) -> str:
    today = in_london(utc_now()).date()
    with current_engage().transaction() as unit:
        windows = unit.regimes.windows()
    return render_template(
        "periods.html",
        current=[each for each in windows if each.ends >= today],
        over=[each for each in windows if each.ends < today],
        today=today,
        labels={"starts": "First day", "ends": "Last day", "poll": "Polling day", "window": "The period"},
        boroughs=[(place.name, place.name) for place in BOROUGHS],
        may_add=access.opens_windows(access.me()),
        given=request.form,
        problem=problem,
    )
