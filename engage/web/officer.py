"""The officer's pages: my drafts, a new draft from a figure or an incident, its words with the decision beside them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.drafting import Origin, Template
from engage.posts.clock import show, utc_now
from engage.posts.errors import BadInput, NotAllowed
from engage.posts.kinds import DRAFTED_FOR, Kind, Platform
from engage.posts.places import BOROUGHS
from engage.posts.post import Post, Variant
from engage.posts.states import PostState
from engage.signoff import acts
from engage.signoff.refusals import Blocked, WordsChanged
from engage.store.unit import Unit
from engage.web import access, asked, typed
from engage.web.current import at_desk, current_engage, topics
from engage.web.journeys import has_left
from engage.web.making import make_post, public_at
from engage.web.news import news
from engage.web.pictures import PICTURE, pictures_page
from engage.web.pictures_shown import shown_pictures
from engage.web.problems import answer_to
from engage.web.queued import read_with_campaign
from engage.web.said import faults
from engage.web.standing import STATE_COLOURS, Row, last, row
from engage.web.words_shown import shown_evidence, shown_variant

blueprint = Blueprint("officer", __name__)

Page = str | tuple[str, int] | Response | dict[str, Any]


@blueprint.get("/drafts")
@access.only(access.drafts)
def drafts() -> Page:
    """The posts this person wrote any of, newest first; of a campaign they began, only what came back."""
    with current_engage().transaction() as unit:
        me = access.me()
        written = [each for each in unit.posts.by_writer(me.id) if not read_with_campaign(each, me)]
        rows = [_mine(unit, post) for post in written]
        told = news(unit, me, now=utc_now())
    return render_template("drafts.html", rows=rows, news=told)


@blueprint.get("/drafts/new")
@access.only(access.drafts)
def choose() -> Page:
    """Which template, for which borough and topic; with all of them chosen, the template's own form."""
    name = request.args.get("template")
    if name is None:
        return render_template(
            "draft_choose.html",
            templates=sorted(current_engage().shelf.all(), key=lambda each: list(Kind).index(each.kind)),
            boroughs=_my_boroughs(),
            topics=topics(),
            chosen=request.args,
        )
    return _new_page(current_engage().shelf.named(name))


@blueprint.post("/drafts/new")
@access.only(access.drafts)
def create() -> Page:
    """Make the draft and open it."""
    template = current_engage().shelf.named(request.form.get("template", ""))
    try:
        order = asked.new_draft(request.form)
        with at_desk() as (unit, desk):
            original = access.the_post(unit, order.corrects) if order.corrects else None
            post = make_post(current_engage(), unit, order, by=access.me(), now=utc_now(), original=original)
            acts.create(desk, post, by=access.me())
            if original is not None:
                why = order.correction_reason
                current_engage().write(unit, access.me(), "corrected", str(original.id), comment=why)
    except BadInput as error:
        return _new_page(template, problem=error), 400
    return redirect(url_for("officer.draft", post_id=post.id))


@blueprint.get("/drafts/<uuid:post_id>")
@access.signed_in
def draft(post_id: UUID) -> Page:
    """The words of a draft, ready to be changed, with the decision beside them; once any of it left, the post."""
    with current_engage().transaction() as unit:
        post = access.the_post(unit, post_id)
        if has_left(unit, post):
            return redirect(url_for("posts.post", post_id=post_id))
        return _draft_page(unit, post)


@blueprint.post("/drafts/<uuid:post_id>")
@typed.says_so_itself
@access.only(access.drafts)
def change(post_id: UUID) -> Page:
    """Check, keep or hand in what was written. What is not kept comes back as it was typed, with the reason."""
    do = request.form.get("do", "check")
    try:
        if do == "check":
            return _checked(post_id)
        dropped = _keep(post_id)
    except (asked.Unusable, NotAllowed) as refusal:
        return _not_kept(post_id, refusal)
    flash("Your draft is kept.")
    if dropped:
        flash(_dropped_in_words(dropped))
    if do == "submit":
        return _hand_in(post_id)
    if do.startswith(PICTURE):
        return redirect(pictures_page(post_id, do.removeprefix(PICTURE)))
    return redirect(url_for("officer.draft", post_id=post_id))


@blueprint.post("/drafts/<uuid:post_id>/preview")
@typed.says_so_itself
@access.only(access.drafts)
def preview(post_id: UUID) -> Page:
    """For the page's script: each text's length and the decision on it, as it is being written."""
    with current_engage().transaction() as unit:
        stored = access.the_post(unit, post_id)
        post = _rewritten(stored, asked.written(request.form, stored))
        decisions = current_engage().decide(post, unit, now=utc_now())
        names = {person.id: person.name for person in unit.people.all()}
    return {"variants": [_previewed(each, decisions, names) for each in post.variants]}


@blueprint.post("/drafts/<uuid:post_id>/withdraw")
@access.only(access.drafts)
def withdraw(post_id: UUID) -> Page:
    """Stop a post that has not left."""
    with at_desk() as (_, desk):
        acts.withdraw(desk, post_id, by=access.me(), reason=request.form.get("reason", ""))
    flash("The post is withdrawn. It will not go out.")
    return redirect(url_for("posts.post", post_id=post_id))


def _checked(post_id: UUID) -> Page:
    with current_engage().transaction() as unit:
        post = access.the_post(unit, post_id)
        besides = _besides(unit, post)
        asked.written(request.form, post, besides)
        return _draft_page(unit, post, typed=asked.typed(request.form, post, besides))


def _not_kept(post_id: UUID, refusal: asked.Unusable | NotAllowed) -> Page:
    """The draft's page with the words as they were typed, why they are not kept, and what to do."""
    with current_engage().transaction() as unit:
        post = access.the_post(unit, post_id)
        typed = asked.typed(request.form, post, _besides(unit, post))
        match refusal:
            case asked.Unusable():
                return _draft_page(unit, post, typed=typed, problems=refusal.problems, judged=False), 422
            case WordsChanged():
                typed = replace(typed, version=post.version)
                problems = [("words", f"{_changed(unit, post)}, while you were writing. Yours is not kept.")]
                return _draft_page(unit, post, typed=typed, problems=problems, overtaken=True), 409
            case _:
                problems = [("words", f"{refusal} What you typed is not kept: copy what you still need.")]
                return _draft_page(unit, post, typed=typed, problems=problems), answer_to(refusal).status


def _changed(unit: Unit, post: Post) -> str:
    """Who made a post what it is now, and when."""
    made = next(each for each in unit.audit.about(str(post.id)) if each.details["version"] == post.version)
    person = unit.people.by_id(made.actor)
    who = "You" if made.actor == access.me().id else person.name if person else made.actor
    return f"{who} changed this draft {show(made.at)}"


def _keep(post_id: UUID) -> list[Platform]:
    """Keep the words in the form; gives the platforms dropped, because they were left without any."""
    with at_desk() as (unit, desk):
        post = access.the_post(unit, post_id)
        words = asked.written(request.form, post, _besides(unit, post))
        if words.changes(post):
            acts.edit(
                desk,
                post_id,
                by=access.me(),
                version=words.version,
                variants=words.variants,
                context=words.context,
            )
    kept = {each.platform for each in words.variants}
    return [each.platform for each in post.variants if each.platform not in kept]


def _dropped_in_words(platforms: list[Platform]) -> str:
    *others, last_one = [each.label for each in platforms]
    if not others:
        return f"{last_one} was dropped, because its text was empty."
    return f"{', '.join(others)} and {last_one} were dropped, because their texts were empty."


def _besides(unit: Unit, post: Post) -> tuple[Variant, ...]:
    """Where else the post may be written for: its template words it, and an account speaks for its borough there.

    A correction goes where its template put it: there it answers what it corrects, or carries its address.
    """
    template = current_engage().shelf.templates.get(post.template or "")
    if template is None or post.corrects is not None:
        return ()
    accounts = unit.accounts.speaking_for(post.borough)
    return tuple(
        Variant(platform=each, account=accounts[each], parts=())
        for each in template.platforms
        if each in accounts and post.variant_for(each) is None
    )


def _hand_in(post_id: UUID) -> Page:
    try:
        with at_desk() as (_, desk):
            acts.submit(desk, post_id, by=access.me())
    except Blocked as error:
        with current_engage().transaction() as unit:
            problems = [("words", reason) for reason in error.reasons]
            return _draft_page(unit, access.the_post(unit, post_id), problems=problems), 422
    flash("Handed in. The press office can see it now.")
    return redirect(url_for("posts.post", post_id=post_id))


def _rewritten(post: Post, words: asked.Written) -> Post:
    return replace(post, variants=words.variants, context=words.context, version=words.version)


def _draft_page(
    unit: Unit,
    stored: Post,
    *,
    typed: asked.Written | None = None,
    problems: asked.Problems = (),
    judged: bool = True,
    overtaken: bool = False,
) -> str:
    """A draft as it is stored, or with what was `typed` instead; `overtaken` where that was on an older version."""
    post = _rewritten(stored, typed) if typed else stored
    said = replace(post, variants=tuple(each for each in post.variants if each.text))
    decisions = current_engage().decide(said, unit, now=utc_now()) if judged else {}
    names = {person.id: person.name for person in unit.people.all()}
    comment = last(unit.audit.about(str(post.id)), "returned")
    return render_template(
        "draft.html",
        post=post,
        variants=[shown_variant(each, decisions.get(each.platform)) for each in post.variants],
        besides=_besides(unit, post),
        pictures=shown_pictures(post),
        evidence=shown_evidence(post.evidence, names=names, rows_at=f"/posts/{post.id}/evidence/{{}}"),
        colour=STATE_COLOURS[post.state],
        may_change=access.may_change(unit, access.me(), stored),
        signoffs=len(unit.signoffs.of(post.id)),
        statuses=asked.CASE_STATUSES,
        comment=comment if post.state is PostState.RETURNED else None,
        names=names,
        typed=typed is not None,
        problems=problems,
        wrong_at=dict(problems),
        overtaken=overtaken,
        left=has_left(unit, stored),
    )


def _previewed(variant: Variant, decisions: Any, names: Mapping[str, str]) -> dict[str, Any]:
    shown = shown_variant(variant, decisions[variant.platform])
    return {
        "platform": variant.platform.value,
        "parts": [
            {"used": part.length.used, "limit": part.length.limit, "fits": part.length.fits}
            for part in shown.parts
        ],
        "decision": render_template("fragments/decision.html", variant=shown, names=names),
    }


def _new_page(template: Template, *, problem: BadInput | None = None) -> str:
    corrected = _corrected(request.form.get("corrects") or request.args.get("corrects") or "")
    wrong = faults(problem, template) if problem else []
    usual = [each.platform for each in corrected[0].variants] if corrected else DRAFTED_FOR
    return render_template(
        "draft_new.html",
        template=template,
        corrected=corrected,
        slots=[slot for slot in template.asks(Origin.OFFICER) if slot.name != "borough"],
        uses_figures=any(slot.origin is not Origin.OFFICER for slot in template.slots),
        platforms=[each for each in (*DRAFTED_FOR, *_by_hand()) if each in template.platforms],
        boroughs=_my_boroughs(),
        topics=topics(),
        statuses=asked.CASE_STATUSES,
        asks_case="case" in template.matter.context,
        given=request.form or request.args,
        picked=request.form.getlist("platforms") or [platform.value for platform in usual],
        faults=wrong,
        errors={fault.field: fault.text for fault in wrong},
    )


def _corrected(name: str) -> tuple[Post, list[str]] | None:
    """The post that a new correction is to correct, and where it is public."""
    post_id = asked.post_named(name)
    if post_id is None:
        return None
    with current_engage().transaction() as unit:
        original = access.the_post(unit, post_id)
        return original, list(public_at(unit, original).values())


def _by_hand() -> list[Platform]:
    """The platforms that somebody posts to by hand, as far as there are accounts."""
    with current_engage().transaction() as unit:
        there = {account.platform for account in unit.accounts.all()}
    return [platform for platform in Platform if platform.by_hand and platform in there]


def _my_boroughs() -> list[str]:
    return [place.name for place in BOROUGHS if access.me().may_draft_for(place.name)]


def _mine(unit: Unit, post: Post) -> Row:
    comment = last(unit.audit.about(str(post.id)), "returned", "rejected")
    shown = comment is not None and post.state in {PostState.RETURNED, PostState.REJECTED}
    return row(
        post,
        comment=str(comment.details.get("comment", "")) if comment and shown else "",
        published=post.state is PostState.SIGNED_OFF and unit.deliveries.wholly_sent(post.id),
    )
