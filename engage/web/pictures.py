"""Pictures: attached to a draft with their descriptions, changed, taken out, and shown to who may read the post."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engage.drafting.picture_questions import Answers, Unanswered, answered, asked_of
from engage.drafting.pictures import (
    LONGEST_ALT,
    answers_about,
    attached,
    described,
    description,
    originals,
    shown_as,
    without,
)
from engage.posts.clock import utc_now
from engage.posts.errors import BadInput
from engage.posts.post import Post
from engage.signoff import acts
from engage.signoff.ports import Desk
from engage.signoff.refusals import NotNeeded, NotYours
from engage.web import access, asked
from engage.web.current import at_desk, current_engage
from engage.web.uploads import takes_a_picture
from engage.wiring.pictures import Encoded, encoded, keep

blueprint = Blueprint("pictures", __name__)

Page = str | tuple[str, int] | AnyResponse
Problems = tuple[tuple[str, str], ...]

PICTURE = "picture:"
"""How the button of a draft's form begins that keeps the words and goes on to a picture."""


def pictures_page(post_id: UUID, original: str) -> str:
    """Where a picture of a draft is changed; where a new one is attached, without an original."""
    if not original:
        return url_for("pictures.choose", post_id=post_id)
    return url_for("pictures.attached_one", post_id=post_id, original=original)


@blueprint.get("/posts/<uuid:post_id>/pictures/<sha256>")
@access.signed_in
def show(post_id: UUID, sha256: str) -> AnyResponse:
    """A picture of a post as it will be posted. The browser may keep it, and asks again before it shows it."""
    with current_engage().transaction() as unit:
        post = access.the_post(unit, post_id)
        media = {each.sha256: each for variant in post.variants for each in variant.media}
        if sha256 not in media:
            abort(404)
        if request.if_none_match.contains(sha256):
            return _kept_by_the_browser(Response(status=HTTPStatus.NOT_MODIFIED), sha256)
        content = unit.pictures.content(sha256)
    if content is None:
        abort(404)
    return _kept_by_the_browser(Response(content, content_type=media[sha256].content_type), sha256)


@blueprint.get("/drafts/<uuid:post_id>/pictures/new")
@access.only(access.drafts)
def choose(post_id: UUID) -> Page:
    """The form for one more picture."""
    return _page(_to_change(post_id))


@blueprint.post("/drafts/<uuid:post_id>/pictures/new")
@access.only(access.drafts)
@takes_a_picture
def attach(post_id: UUID) -> Page:
    """Attach a picture to every variant, made anew for each platform."""
    post = _to_change(post_id)
    try:
        answers, alt = _written(post, wants_file=True)
        found = _uploaded(post)
    except Unanswered as problem:
        return _page(post, problems=problem.problems), 400
    with at_desk() as (unit, desk):
        media = keep(unit, found, alt=alt, by=access.me(), now=utc_now())
        _change(desk, attached(post, media, answers))
    flash(f"The picture is attached. Its place, time and device are not kept. {found.concern}".strip())
    return redirect(url_for("officer.draft", post_id=post_id))


@blueprint.get("/drafts/<uuid:post_id>/pictures/<original>")
@access.only(access.drafts)
def attached_one(post_id: UUID, original: str) -> Page:
    """A picture's description and answers, ready to be changed."""
    return _page(_to_change(post_id), original)


@blueprint.post("/drafts/<uuid:post_id>/pictures/<original>")
@access.only(access.drafts)
def change(post_id: UUID, original: str) -> Page:
    """Keep another description and other answers."""
    post = _to_change(post_id)
    try:
        answers, alt = _written(post)
    except Unanswered as problem:
        return _page(post, original, problems=problem.problems), 400
    with at_desk() as (_, desk):
        _change(desk, described(post, original, alt=alt, answers=answers))
    flash("The picture's description and answers are kept.")
    return redirect(url_for("officer.draft", post_id=post_id))


@blueprint.post("/drafts/<uuid:post_id>/pictures/<original>/remove")
@access.only(access.drafts)
def remove(post_id: UUID, original: str) -> Page:
    """Take a picture out of the post; what was never signed off is forgotten."""
    post = _to_change(post_id)
    gone = [each.sha256 for variant in post.variants for each in variant.media if each.original == original]
    with at_desk() as (unit, desk):
        _change(desk, without(post, original))
        unit.pictures.forget_unused(gone)
    flash("The picture is taken out.")
    return redirect(url_for("officer.draft", post_id=post_id))


def _kept_by_the_browser(answer: Response, sha256: str) -> Response:
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(sha256)
    return answer


def _to_change(post_id: UUID) -> Post:
    """The post, for somebody who may write it as it stands."""
    with current_engage().transaction() as unit:
        post = access.the_post(unit, post_id)
        if not access.me().may_draft_for(post.borough):
            raise NotYours(f"You may not write for {post.borough}: it is not one of your boroughs.")
        if not access.may_change(unit, access.me(), post):
            raise NotNeeded(f"This post is {post.state.label.lower()}: its pictures stay as they are.")
    return post


def _written(post: Post, *, wants_file: bool = False) -> tuple[Answers, str]:
    """The answers and the description in the form. Raises Unanswered with every problem at once."""
    problems = [("picture", "Choose a picture.")] if wants_file and not _file() else []
    answers: Answers = {}
    alt = ""
    try:
        alt = description(request.form.get("alt", ""))
    except BadInput as problem:
        problems.append(("alt", problem.problem))
    try:
        answers = answered(request.form, kind=post.kind)
    except Unanswered as unanswered:
        problems.extend(unanswered.problems)
    if problems:
        raise Unanswered(problems)
    return answers, alt


def _file() -> bytes:
    file = request.files.get("picture")
    if file is None:
        return b""
    file.seek(0)
    content: bytes = file.read()
    return content


def _uploaded(post: Post) -> Encoded:
    """The file of the form, made anew for each platform of the post. Raises Unanswered."""
    platforms = [variant.platform for variant in post.variants]
    try:
        return encoded(_file(), platforms, where="picture")
    except BadInput as problem:
        raise Unanswered([("picture", f"{problem.problem} {problem.remedy}".strip())]) from problem


def _change(desk: Desk, changed: Post) -> None:
    acts.edit(
        desk,
        changed.id,
        by=access.me(),
        version=asked.whole_number(request.form, "version"),
        variants=changed.variants,
        context=changed.context,
    )


def _page(post: Post, original: str | None = None, *, problems: Problems = ()) -> str:
    shown, given = None, dict(request.form.items())
    if original is not None:
        shown = shown_as(post, original)
        given = given or {**answers_about(post, original), "alt": shown.alt}
    found = originals(post)
    number = found.index(original) if original in found else len(found)
    return render_template(
        "picture.html",
        post=post,
        shown=shown,
        number=number + 1,
        questions=asked_of(post.kind),
        given=given,
        longest_alt=LONGEST_ALT,
        problems=problems,
    )
