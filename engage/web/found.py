"""A missing person was found: the appeals come down, and one closing post without a name may follow."""

from dataclasses import replace
from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from engage.drafting.errors import NoSuchTemplate
from engage.posts.clock import utc_now
from engage.posts.kinds import Kind
from engage.posts.post import Post
from engage.signoff import acts
from engage.signoff.cases import reference_in
from engage.store.unit import Unit
from engage.web import access
from engage.web.asked import NewDraft
from engage.web.current import current_engage
from engage.web.making import make_post

blueprint = Blueprint("found", __name__)


@blueprint.post("/posts/<uuid:post_id>/found")
@access.only(access.in_press_office)
def found(post_id: UUID) -> Response:
    """Take every appeal for this person down, and open a draft of the closing post."""
    with current_engage().transaction() as unit:
        appeal = access.the_post(unit, post_id)
        count = current_engage().person_found(unit, appeal, by=access.me())
        closing = _closing(unit, appeal)
    flash(
        f"Posts being taken down: {count}. This is the closing post; it can be handed in once they are gone."
    )
    return redirect(url_for("officer.draft", post_id=closing.id))


def _closing(unit: Unit, appeal: Post) -> Post:
    """A draft that says only that the person has been found, bound to the same reference."""
    wording = next(iter(current_engage().shelf.for_kind(Kind.MISSING_FOUND)), None)
    if wording is None:
        raise NoSuchTemplate("No template words a closing post.", remedy="Add one under templates/missing.")
    order = NewDraft(
        template=wording.name,
        borough=appeal.borough,
        topic=None,
        stated={},
        platforms=tuple(each.platform for each in appeal.variants),
        case={},
    )
    made = make_post(current_engage(), unit, order, by=access.me(), now=utc_now())
    reference = reference_in(appeal, "missing", "ref")
    context = {**made.context, "missing": {**made.context.get("missing", {}), "ref": reference}}
    post = replace(made, context=context)
    acts.create(current_engage().desk(unit), post, by=access.me())
    return post
