"""Campaigns: what comes round by itself, how each of its posts stands, and signing them as a batch."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.posts.campaign import Campaign, CampaignState
from engage.posts.clock import utc_now
from engage.posts.errors import BadInput
from engage.posts.people import Role
from engage.posts.post import Post
from engage.posts.states import PostState
from engage.signoff import campaigns as acts
from engage.store.unit import Unit
from engage.web import access
from engage.web.campaign_shown import (
    STATE_COLOURS,
    Round,
    counted,
    groups,
    rounds,
    states_counted,
)
from engage.web.current import at_desk, current_engage
from engage.web.standing import last
from engage.wiring import campaign_aged as aged
from engage.wiring import campaigns as wiring
from engage.wiring.batch_costs import over_budget, platform_costs
from engage.wiring.campaign_reading import Standing, signable, standing
from engage.wiring.campaigns import Batch

blueprint = Blueprint("campaigns", __name__)

Page = str | tuple[str, int] | Response

_SOON = timedelta(minutes=10)
"""From so long before a post is due until it is out, its campaign's page looks again by itself."""
_CAME_BACK = frozenset({PostState.LAPSED, PostState.RETURNED})
_UNSENT = frozenset({PostState.DRAFT, PostState.AWAITING, PostState.SIGNED_OFF})


@blueprint.get("/campaigns")
@access.only(access.reads_queue)
def every() -> Page:
    """Every campaign with its state, what waits, and when it comes round next."""
    with current_engage().transaction() as unit:
        found, counts, signed = unit.campaigns.all(), unit.campaigns.counts(), unit.campaigns.signed_off()
        published = unit.deliveries.wholly_sent_among(set().union(*signed.values()))
        soonest, names = unit.campaigns.next_times(utc_now()), _names(unit)

    def card(each: Campaign) -> dict[str, Any]:
        ended = each.state is CampaignState.ENDED
        return {
            "campaign": each,
            "colour": STATE_COLOURS[each.state],
            "next": None if ended else soonest.get(each.id),
            "counts": states_counted(
                counts.get(each.id, {}), published=len(signed.get(each.id, set()) & published)
            ),
            "by": names.get(each.created_by, each.created_by),
        }

    current = [card(each) for each in found if each.state is not CampaignState.ENDED]
    ended = [card(each) for each in found if each.state is CampaignState.ENDED]
    return render_template("campaigns.html", current=current, ended=ended)


@blueprint.get("/campaigns/<uuid:campaign_id>")
@access.only(access.reads_queue)
def campaign(campaign_id: UUID) -> Page:
    """One campaign: what waits to be read and signed, every time it comes round, and what came back."""
    return _page(campaign_id)


@blueprint.get("/campaigns/<uuid:campaign_id>/status")
@access.only(access.reads_queue)
def status(campaign_id: UUID) -> Page:
    """For the page's script: how many posts stand how, now."""
    engage = current_engage()
    with engage.transaction() as unit:
        found = unit.campaigns.get(campaign_id)
        planned = unit.campaigns.planned(campaign_id)
        published = _published(unit, [each.post for each in planned if each.post])
    return render_template(
        "fragments/campaign_status.html", **_status(found, rounds(found, planned, published))
    )


@blueprint.post("/campaigns/<uuid:campaign_id>/hand-in")
@access.only(access.in_press_office)
def hand_in(campaign_id: UUID) -> Page:
    """Hand in every post that the policy does not block."""
    batch = wiring.hand_in(current_engage(), campaign_id, by=access.me())
    flash(f"Handed in: {len(batch.done)}. What is written later is handed in by itself.")
    if batch.refused:
        flash(f"Blocked by the policy, and still drafts: {len(batch.refused)}.")
    return _back_to(campaign_id)


@blueprint.post("/campaigns/<uuid:campaign_id>/sign")
@access.only(access.signs)
def sign(campaign_id: UUID) -> Page:
    """Sign off the posts that the page showed, each in the words it showed."""
    batch = wiring.sign(
        current_engage(),
        campaign_id,
        by=access.me(),
        role=_role(request.form.get("role", "")),
        having_read=_having_read(request.form.getlist("read")),
    )
    return _page(campaign_id, batch=batch)


@blueprint.post("/campaigns/<uuid:campaign_id>/pause")
@access.only(access.in_press_office)
def pause(campaign_id: UUID) -> Page:
    """Keep everything of it in until it is resumed."""
    reason = request.form.get("reason", "")
    if not reason.strip():
        return _page(campaign_id, problem="Say why it is paused.", field="pause-reason"), 422
    with at_desk() as (unit, desk):
        acts.pause(desk, unit.campaigns, campaign_id, by=access.me(), reason=reason)
    flash("Paused. Nothing of it leaves until somebody resumes it.")
    return _back_to(campaign_id)


@blueprint.post("/campaigns/<uuid:campaign_id>/resume")
@access.only(access.in_press_office)
def resume(campaign_id: UUID) -> Page:
    """Let it run again; what was due meanwhile is not sent late."""
    with at_desk() as (unit, desk):
        missed = acts.resume(desk, unit.campaigns, campaign_id, by=access.me())
    flash(f"It runs again. Posts whose time passed meanwhile, and that will not go out: {len(missed)}.")
    return _back_to(campaign_id)


@blueprint.post("/campaigns/<uuid:campaign_id>/end")
@access.only(access.in_press_office)
def end(campaign_id: UUID) -> Page:
    """End it for good."""
    reason = request.form.get("reason", "")
    if not reason.strip():
        return _page(campaign_id, problem="Say why it is ended.", field="end-reason"), 422
    with at_desk() as (unit, desk):
        withdrawn = acts.end(desk, unit.campaigns, campaign_id, by=access.me(), reason=reason)
    flash(f"Ended. Posts withdrawn before they left: {len(withdrawn)}.")
    return _back_to(campaign_id)


@blueprint.post("/campaigns/<uuid:campaign_id>/try-again")
@access.only(access.in_press_office)
def try_again(campaign_id: UUID) -> Page:
    """Write once more what could not be written."""
    with current_engage().transaction() as unit:
        unit.campaigns.forget_problems(campaign_id)
    wrote = wiring.write_ahead(current_engage(), campaign_id)
    flash(f"Tried again: {wrote}. What still cannot be written is listed with its reason.")
    return _back_to(campaign_id)


@blueprint.post("/campaigns/<uuid:campaign_id>/write-again")
@access.only(access.in_press_office)
def write_again(campaign_id: UUID) -> Page:
    """Write what came back with aged figures again, with the newest there are."""
    batch = aged.write_again(current_engage(), campaign_id, by=access.me())
    flash(
        f"Written again with the newest figures and handed in: {len(batch.done)}. Somebody else signs them off."
    )
    for reason in dict.fromkeys(batch.refused.values()):
        flash(f"Not written: {sum(each == reason for each in batch.refused.values())}. {reason}")
    return _back_to(campaign_id)


def _page(campaign_id: UUID, *, batch: Batch | None = None, problem: str = "", field: str = "") -> str:
    engage = current_engage()
    with engage.transaction() as unit:
        found = standing(engage, unit, campaign_id)
        unsent = [each for each in found.posts if each.state in _UNSENT and each.id not in found.published]
        about: dict[str, Any] = {
            "names": _names(unit),
            "entries": unit.audit.about(f"campaign:{campaign_id}"),
            "came_back": [(each, _why_back(unit, each)) for each in found.posts if each.state in _CAME_BACK],
            "holds": [hold for hold in unit.regimes.holds() if any(hold.stops(each) for each in unsent)],
            "costs": platform_costs(unsent, engage.prices),
            "over": over_budget(unit, unsent, engage.prices),
        }
    shown = rounds(found.campaign, found.planned, set(found.published))
    return render_template(
        "campaign.html",
        **_status(found.campaign, shown),
        **_to_read(found),
        **about,
        standing=found,
        rounds=shown,
        problems=_problems(found),
        template=engage.shelf.templates.get(found.campaign.template),
        says_figures=aged.says_figures(engage, found.campaign),
        why=last(about["entries"], "campaign paused", "campaign ended"),
        refused=_refused(found, batch) if batch else [],
        batch=batch,
        problem=problem,
        field=field,
        given=request.form,
    )


def _to_read(found: Standing) -> dict[str, Any]:
    """What is to be read before signing or handing in, and by whom it may be signed."""
    person, now = access.me(), utc_now()
    early = [each for each in found.waiting if each.too_early(now)]
    ready = [each for each in found.waiting if not each.too_early(now)]
    return {
        "waiting": groups(ready),
        "early": groups(early),
        "early_from": min(
            (each.post.publish_at - each.ruling.valid_for for each in early if each.post.publish_at),
            default=None,
        ),
        "drafts": groups(found.not_handed_in),
        "signable": signable(found.waiting, person, now),
        "own_work": bool(ready) and all(person.id in each.post.writers for each in ready),
        "ready": len(ready),
    }


def _status(found: Campaign, shown: Sequence[Round]) -> dict[str, Any]:
    now = utc_now()
    lines = [line for each in shown for line in each.lines]
    to_come = [line.due for line in lines if line.due > now and line.post_id]
    moving = any(
        line.state == PostState.SIGNED_OFF.label and line.due - _SOON < now < line.due + _SOON
        for line in lines
    )
    return {
        "campaign": found,
        "colour": STATE_COLOURS[found.state],
        "counts": counted([(line.state, line.colour) for line in lines]),
        "next": min(to_come, default=None) if found.state is not CampaignState.ENDED else None,
        "moving": moving and found.state is CampaignState.RUNNING,
    }


def _problems(found: Standing) -> Mapping[str, list[str]]:
    """Why some turns have no post, with the boroughs it is so for."""
    problems: dict[str, list[str]] = {}
    for each in found.planned:
        if each.problem and each.occurrence.borough not in problems.setdefault(each.problem, []):
            problems[each.problem].append(each.occurrence.borough)
    return problems


def _refused(found: Standing, batch: Batch) -> list[tuple[str, list[Post]]]:
    """What was not signed, by the reason."""
    reasons: dict[str, list[Post]] = {}
    for post in found.posts:
        if post.id in batch.refused:
            reasons.setdefault(batch.refused[post.id], []).append(post)
    return list(reasons.items())


def _why_back(unit: Unit, post: Post) -> str:
    entry = last(unit.audit.about(str(post.id)), "lapsed", "returned")
    return str(entry.details.get("comment", "")) if entry else ""


def _published(unit: Unit, posts: Sequence[Post]) -> set[UUID]:
    signed = [each.id for each in posts if each.state is PostState.SIGNED_OFF]
    return unit.deliveries.wholly_sent_among(signed)


def _having_read(values: Sequence[str]) -> dict[UUID, str]:
    """The fingerprint of each post on the page, from "id:fingerprint"."""
    read: dict[UUID, str] = {}
    for value in values:
        name, _, fingerprint = value.partition(":")
        try:
            read[UUID(name)] = fingerprint
        except ValueError:
            raise BadInput(
                "this form does not say what you read. Open the page again.", where="read"
            ) from None
    if not read:
        raise BadInput("there was nothing to sign on the page.", where="read")
    return read


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        raise BadInput("choose the role you sign in.", where="role") from None


def _names(unit: Unit) -> Mapping[str, str]:
    return {person.id: person.name for person in unit.people.all()}


def _back_to(campaign_id: UUID) -> Response:
    return redirect(url_for("campaigns.campaign", campaign_id=campaign_id))
