"""The press office's pages: the queue, sign-off, returning, times, and holds."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.posts.clock import show, utc_now
from engage.posts.errors import BadInput
from engage.posts.kinds import Kind, Platform
from engage.posts.people import Role
from engage.posts.places import BOROUGHS
from engage.posts.post import Post
from engage.posts.states import PostState
from engage.signoff import acts
from engage.signoff.regimes import HoldScope, lift_hold, place_hold
from engage.signoff.ruling import Ruling, roles_to_sign_in
from engage.signoff.setting_aside import set_aside
from engage.signoff.taking_down import take_down
from engage.store.unit import Unit
from engage.web import access, asked
from engage.web.current import at_desk, current_engage, topics
from engage.web.news import news
from engage.web.queued import CampaignWaiting, queued
from engage.web.standing import Row, last, row

blueprint = Blueprint("press", __name__)

Page = str | tuple[str, int] | Response


@blueprint.get("/queue")
@access.only(access.reads_queue)
def queue() -> Page:
    """What waits for sign-off, longest waiting first, with the decision and who must still sign."""
    with current_engage().transaction() as unit:
        single, of_campaigns = queued(unit.posts.by_state([PostState.AWAITING]), now=utc_now())
        rows = [_waiting(unit, post) for post in single]
        campaigns = [_campaign_waiting(unit, posts) for posts in of_campaigns]
        holds = unit.regimes.holds()
        to_renew = unit.accounts.to_renew(now=utc_now())
        told = news(unit, access.me(), now=utc_now())
    mine = [each for each, for_me in rows if for_me]
    others = [each for each, for_me in rows if not for_me]
    return render_template(
        "queue.html",
        mine=mine,
        others=others,
        campaigns=campaigns,
        mine_in_all=len(mine) + sum(each.for_me for each in campaigns),
        holds=holds,
        to_renew=to_renew,
        news=told,
    )


@blueprint.post("/posts/<uuid:post_id>/approve")
@access.only(access.signs)
def approve(post_id: UUID) -> Page:
    """Sign off exactly the words the page showed."""
    with at_desk() as (_, desk):
        signed = acts.approve(
            desk,
            post_id,
            by=access.me(),
            role=_role(request.form.get("role", "")),
            having_read=request.form.get("having_read", ""),
            at_once="at_once" in request.form,
        )
    flash(_signed_in_words(signed))
    return redirect(url_for("posts.post", post_id=post_id))


@blueprint.post("/posts/<uuid:post_id>/set-aside")
@access.only(access.sets_aside)
def set_rule_aside(post_id: UUID) -> Page:
    """Let exactly the words the page showed stand against one rule."""
    with at_desk() as (unit, desk):
        kept = set_aside(
            desk,
            unit.asides,
            post_id,
            by=access.me(),
            rule=request.form.get("rule", ""),
            reason=request.form.get("reason", ""),
            having_read=request.form.get("having_read", ""),
            never=current_engage().policy_in(unit).never_set_aside,
        )
    flash(f"{kept.rule} is set aside for exactly these words. They still need every sign-off.")
    return redirect(url_for("posts.post", post_id=post_id))


@blueprint.post("/posts/<uuid:post_id>/return")
@access.only(access.in_press_office)
def return_(post_id: UUID) -> Page:
    """Send it back to its writer with what is to be changed."""
    with at_desk() as (_, desk):
        acts.return_(desk, post_id, by=access.me(), comment=request.form.get("comment", ""))
    flash("Returned to its writer with your comment.")
    return redirect(url_for("press.queue"))


@blueprint.post("/posts/<uuid:post_id>/reject")
@access.only(access.in_press_office)
def reject(post_id: UUID) -> Page:
    """End it: it is not to be published."""
    with at_desk() as (_, desk):
        acts.reject(desk, post_id, by=access.me(), comment=request.form.get("comment", ""))
    flash("Rejected. It will not go out.")
    return redirect(url_for("press.queue"))


@blueprint.post("/posts/<uuid:post_id>/schedule")
@access.only(access.in_press_office)
def schedule(post_id: UUID) -> Page:
    """Set when it goes out and when it is too late."""
    with at_desk() as (_, desk):
        timed = acts.schedule(
            desk,
            post_id,
            by=access.me(),
            publish_at=asked.moment(request.form, "publish"),
            latest=asked.moment(request.form, "latest"),
        )
    flash("The time is set." if timed.publish_at else "It goes out as soon as it is signed off.")
    return redirect(url_for("posts.post", post_id=post_id))


@blueprint.post("/posts/<uuid:post_id>/take-down")
@access.only(access.in_press_office)
def take_it_down(post_id: UUID) -> Page:
    """Have what is public of it deleted everywhere."""
    with at_desk() as (unit, desk):
        take_down(desk, unit.takedowns, post_id, by=access.me(), reason=request.form.get("reason", ""))
    flash("It is being taken down. This page shows each platform's answer.")
    return redirect(url_for("posts.post", post_id=post_id))


@blueprint.get("/holds")
@access.only(access.reads_queue)
def holds() -> Page:
    """The holds in force and those lifted."""
    return _holds_page()


@blueprint.post("/holds")
@access.only(access.holds)
def add_hold() -> Page:
    """Put a hold in force."""
    try:
        scope, value = _scope(request.form.get("scope", ""), request.form)
        with at_desk() as (unit, desk):
            placed = place_hold(
                desk, unit.regimes, scope, value, reason=request.form.get("reason", ""), by=access.me()
            )
    except BadInput as error:
        return _holds_page(problem=error), 400
    flash(f"The hold on {placed.where} is in force. Nothing it reaches will leave.")
    return redirect(url_for("press.holds"))


@blueprint.post("/holds/<int:hold_id>/lift")
@access.only(access.holds)
def lift(hold_id: int) -> Page:
    """Lift a hold; the posts it stopped are asked to be approved again."""
    with at_desk() as (unit, desk):
        again = lift_hold(
            desk, unit.regimes, hold_id, by=access.me(), signed_off=current_engage().signed_off(unit)
        )
    flash(f"The hold is lifted. Posts to be approved again: {len(again)}.")
    return redirect(url_for("press.holds"))


def _waiting(unit: Unit, post: Post) -> tuple[Row, bool]:
    now = utc_now()
    ruling = Ruling(decisions=current_engage().decide(post, unit, now=now, moment="approval"))
    held = [each for each in unit.signoffs.of(post.id) if each.counts_for(post, now)]
    since = last(unit.audit.about(str(post.id)), "submitted", "approval asked again")
    minutes = int((now - since.at).total_seconds() // 60) if since else 0
    for_me = bool(roles_to_sign_in(access.me(), post, ruling, held)) and not ruling.too_early(post, now)
    return row(post, ruling=ruling, waiting_minutes=minutes), for_me


def _campaign_waiting(unit: Unit, posts: Sequence[Post]) -> CampaignWaiting:
    """A campaign's posts as one line of the queue; the one that is due first tells who must sign."""
    first = min(posts, key=lambda each: each.publish_at or each.created_at)
    stands, for_me = _waiting(unit, first)
    return CampaignWaiting(first=stands, posts=len(posts), for_me=for_me)


def _signed_in_words(post: Post) -> str:
    if post.state is not PostState.SIGNED_OFF:
        return "Your sign-off is kept. Others are still missing."
    if post.publish_at is None or post.publish_at <= utc_now():
        return "Signed off. It goes out now."
    return f"Signed off. It goes out {show(post.publish_at)}."


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        raise BadInput("choose the role you sign in.", where="role") from None


def _scope(name: str, form: asked.Form) -> tuple[HoldScope, str]:
    try:
        scope = HoldScope(name)
    except ValueError:
        raise BadInput("choose what to stop.", where="scope") from None
    return scope, "" if scope is HoldScope.FORCE else form.get(f"value-{scope.value}", "").strip()


def _holds_page(*, problem: BadInput | None = None) -> str:
    with current_engage().transaction() as unit:
        every = unit.regimes.holds(lifted=True)
        names = {person.id: person.name for person in unit.people.all()}
    return render_template(
        "holds.html",
        in_force=[each for each in every if each.lifted_at is None],
        lifted=[each for each in every if each.lifted_at is not None],
        names=names,
        may_hold=access.holds(access.me()),
        boroughs=[place.name for place in BOROUGHS],
        kinds=list(Kind),
        platforms=list(Platform),
        topics=topics(),
        problem=problem,
        given=request.form,
    )
