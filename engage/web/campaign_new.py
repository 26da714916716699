"""Beginning a campaign: its wording, one form, and a look at what it would make before anything is kept."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.drafting import Origin, Template
from engage.drafting.ahead import REPEATABLE
from engage.posts.campaign import APART, Campaign
from engage.posts.clock import in_london, utc_now
from engage.posts.clock_changes import clock_changes
from engage.posts.errors import BadInput
from engage.posts.how_often import DAYS, InMonth, Often
from engage.posts.kinds import DRAFTED_FOR, Platform
from engage.posts.places import BOROUGHS
from engage.web import access, campaign_asked
from engage.web.campaign_asked import Given
from engage.web.campaign_shown import groups
from engage.web.current import current_engage, topics
from engage.wiring import campaigns as wiring
from engage.wiring.batch_costs import platform_costs
from engage.wiring.campaign_reading import first_round

blueprint = Blueprint("campaign_new", __name__)

Page = str | tuple[str, int] | Response

EVERYWHERE = tuple(place.name for place in BOROUGHS)


@blueprint.get("/campaigns/new")
@access.only(access.in_press_office)
def new() -> Page:
    """Which wording; with one chosen, the form."""
    like = request.args.get("like")
    if like:
        before = _campaign(like)
        template = current_engage().shelf.named(before.template)
        return _form(template, Given.like(before, tomorrow=_tomorrow()))
    name = request.args.get("template")
    if name is None:
        repeatable = [each for each in current_engage().shelf.all() if each.kind in REPEATABLE]
        return render_template(
            "campaign_choose.html",
            kinds=[
                (kind, [each for each in repeatable if each.kind is kind])
                for kind in sorted(REPEATABLE, reverse=True)
            ],
        )
    return _form(current_engage().shelf.named(name), Given.at_first(tomorrow=_tomorrow()))


@blueprint.post("/campaigns/new")
@access.only(access.in_press_office)
def asked() -> Page:
    """One of the form's buttons: choose boroughs, look at what it makes, change it, begin it."""
    template = current_engage().shelf.named(request.form.get("template", ""))
    given, do = Given.typed(request.form), request.form.get("do", "preview")
    if do == "all":
        return _form(template, given.choosing(EVERYWHERE))
    if do == "none":
        return _form(template, given.choosing(()))
    if do == "change":
        return _form(template, given)
    try:
        wanted = campaign_asked.campaign(request.form, template, by=access.me(), now=utc_now())
        return _begun(wanted) if do == "begin" else _preview(wanted, template, given)
    except BadInput as error:
        return _form(template, given, problem=campaign_asked.at_field(error, template)), 422


def _begun(wanted: Campaign) -> Response:
    wiring.begin(current_engage(), wanted, by=access.me())
    flash("The campaign is begun. Nothing goes out before it is handed in and signed off.")
    return redirect(url_for("campaigns.campaign", campaign_id=wanted.id))


def _form(template: Template, given: Given, *, problem: BadInput | None = None) -> str:
    return render_template(
        "campaign_new.html",
        template=template,
        given=given.one,
        chosen=given.many,
        often=list(Often),
        days=DAYS,
        in_month=list(InMonth),
        slots=[slot for slot in template.asks(Origin.OFFICER) if slot.name != "borough"],
        uses_figures=any(slot.origin is not Origin.OFFICER for slot in template.slots),
        topics=topics(),
        boroughs=EVERYWHERE,
        platforms=[each for each in (*DRAFTED_FOR, *_by_hand()) if each in template.platforms],
        problem=problem,
        label=campaign_asked.label_of(problem.where, template) if problem else "",
    )


def _preview(wanted: Campaign, template: Template, given: Given) -> str:
    engage = current_engage()
    first = first_round(engage, wanted, by=access.me())
    return render_template(
        "campaign_preview.html",
        campaign=wanted,
        template=template,
        given=given.hidden(),
        groups=groups(first.posts),
        problems=first.problems,
        costs=platform_costs([each.post for each in first.posts], engage.prices),
        ahead=wiring.HORIZON.days // 7,
        **_times(wanted),
    )


def _times(wanted: Campaign) -> dict[str, Any]:
    """When it comes round, month by month, and where the clocks change meanwhile."""
    to_come = [in_london(each) for each in wanted.recurrence.moments() if each > utc_now()]
    months: dict[str, list[datetime]] = {}
    for each in to_come:
        months.setdefault(f"{each:%B %Y}", []).append(each)
    today = in_london(utc_now()).date()
    return {
        "months": months,
        "rounds": len(to_come),
        "changes": [each.words for each in clock_changes(wanted.recurrence) if each.day >= today],
        "lasts": (len(wanted.boroughs) - 1) * APART,
    }


def _campaign(name: str) -> Campaign:
    try:
        campaign_id = UUID(name)
    except ValueError:
        raise BadInput("names no campaign.", where="like") from None
    with current_engage().transaction() as unit:
        return unit.campaigns.get(campaign_id)


def _tomorrow() -> date:
    return in_london(utc_now()).date() + timedelta(days=1)


def _by_hand() -> list[Platform]:
    with current_engage().transaction() as unit:
        there = {account.platform for account in unit.accounts.all()}
    return [platform for platform in Platform if platform.by_hand and platform in there]
