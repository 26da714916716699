"""One post for everyone who may read it: its exact words, its decision, who must sign, where it went, its history."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, render_template, url_for
from werkzeug.wrappers import Response

from engage.posts.clock import in_london, utc_now
from engage.posts.people import Person
from engage.posts.post import Post
from engage.posts.states import PostState
from engage.signoff.ruling import Ruling, roles_to_sign_in
from engage.store.unit import Unit
from engage.web import access, journeys
from engage.web.costs import costs
from engage.web.current import current_engage
from engage.web.pictures_shown import shown_pictures
from engage.web.standing import history, last, signatures, state_in_words
from engage.web.tracing import traced
from engage.web.words_shown import shown_evidence, shown_variants

blueprint = Blueprint("posts", __name__)

Page = str | tuple[str, int] | Response

CLOSED = frozenset({PostState.REJECTED, PostState.WITHDRAWN})


@blueprint.get("/posts/<uuid:post_id>")
@access.signed_in
def post(post_id: UUID) -> Page:
    """What will be published, the decision on it, and what this person may do about it."""
    with current_engage().transaction() as unit:
        return render_template("post.html", **_standing(unit, access.the_post(unit, post_id)))


@blueprint.get("/posts/<uuid:post_id>/deliveries")
@access.signed_in
def deliveries(post_id: UUID) -> Page:
    """For the page's script: where each delivery is now."""
    with current_engage().transaction() as unit:
        journey = journeys.of_post(unit, access.the_post(unit, post_id))
    return render_template("fragments/deliveries.html", journey=journey)


@blueprint.get("/posts/<uuid:post_id>/evidence/<evidence_id>")
@access.signed_in
def rows(post_id: UUID, evidence_id: str) -> Page:
    """The rows of the imported file that one figure of the post was counted from."""
    with current_engage().transaction() as unit:
        found = access.the_post(unit, post_id)
        shown = traced(unit, found.evidence, evidence_id)
    if shown is None:
        abort(404)
    return render_template("evidence.html", shown=shown, back=url_for("posts.post", post_id=post_id))


@blueprint.get("/posts/<uuid:post_id>/history")
@access.signed_in
def past(post_id: UUID) -> Page:
    """Everything on record about the post, oldest first."""
    with current_engage().transaction() as unit:
        found = access.the_post(unit, post_id)
        names = {person.id: person.name for person in unit.people.all()}
        told = history(unit.audit.about(str(post_id)), names)
        events = sorted(
            (*told, *journeys.moves(unit, found)), key=lambda event: event.at.replace(microsecond=0)
        )
        journey = journeys.of_post(unit, found)
        state, colour = _state(unit, found, journey)
    return render_template(
        "history.html", post=found, state=state, colour=colour, events=events, journey=journey
    )


def _may_be_set_aside(unit: Unit, person: Person, found: Post, ruling: Ruling) -> list[str]:
    """The rules that block this post and that this person may set aside."""
    if not access.sets_aside(person) or person.id in found.writers:
        return []
    never = current_engage().policy_in(unit).never_set_aside
    blocking = {
        finding.rule for each in ruling.decisions.values() for finding in each.findings if finding.blocks
    }
    return sorted(blocking - never)


def _readable(posts: Sequence[Post], person: Person) -> list[Post]:
    return [each for each in posts if access.may_read(person, each)]


def _state(unit: Unit, found: Post, journey: journeys.Journey) -> tuple[str, str]:
    published = unit.deliveries.wholly_sent(found.id)
    return state_in_words(found, published=published, removal=journey.removal)


def _standing(unit: Unit, found: Post) -> dict[str, Any]:
    now = utc_now()
    names = {person.id: person.name for person in unit.people.all()}
    signed = found.state is PostState.SIGNED_OFF
    decisions = current_engage().decide(found, unit, now=now, moment="send" if signed else "approval")
    ruling = Ruling(decisions=decisions)
    early = ruling.too_early(found, now)
    missed = not signed and found.latest is not None and found.latest <= now
    held = [each for each in unit.signoffs.of(found.id) if each.counts_for(found, now)]
    entries = unit.audit.about(str(found.id))
    person = access.me()
    journey = journeys.of_post(unit, found)
    state, colour = _state(unit, found, journey)
    return {
        "post": found,
        "state": state,
        "colour": colour,
        "variants": shown_variants(found, decisions),
        "pictures": shown_pictures(found),
        "evidence": shown_evidence(found.evidence, names=names, rows_at=f"/posts/{found.id}/evidence/{{}}"),
        "signatures": () if found.state in CLOSED else signatures(ruling, held, names),
        "closed": found.state in CLOSED,
        "roles": () if ruling.blocked or early or missed else roles_to_sign_in(person, found, ruling, held),
        "signed_from": ruling.not_before(found) if early else None,
        "blocked": ruling.reasons() if ruling.blocked else [],
        "own_work": person.id in found.writers,
        "may_be_set_aside": _may_be_set_aside(unit, person, found, ruling),
        "writers": [names.get(each, each) for each in sorted(found.writers)],
        "names": names,
        "campaign": unit.campaigns.of_post(found.id),
        "reads_campaigns": access.reads_queue(person),
        "holds": [hold for hold in unit.regimes.holds() if hold.stops(found)],
        "journey": journey,
        "corrected": unit.posts.corrected([found.id]).get(found.id),
        "corrections": _readable(unit.posts.corrections_of(found.id), person),
        "original": _readable([unit.posts.get(found.corrects)], person) if found.corrects else [],
        "costs": costs(unit, found, current_engage().prices, now=now),
        "comment": last(
            entries, "returned", "rejected", "withdrawn", "taken down", "lapsed", "approval asked again"
        ),
        "publish_at": in_london(found.publish_at) if found.publish_at else None,
        "missed": missed,
        "late": not signed and found.publish_at is not None and found.publish_at < now,
        "latest": in_london(found.latest) if found.latest else None,
        "open": found.state not in CLOSED and not journey.left,
    }
