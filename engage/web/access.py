"""Who may open what: nothing is open unless its view says to whom, and who acts comes from the session only."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from engage.posts.people import APPROVES_NOTHING, PRESS_OFFICE, Person, Role
from engage.posts.post import Post
from engage.posts.states import PostState
from engage.signoff.cases import KNOW_CASES
from engage.signoff.refusals import NotYours
from engage.store.unit import Unit
from engage.web.current import current_engage
from engage.web.journeys import has_left

V = TypeVar("V", bound=Callable[..., Any])
Test = Callable[[Person], bool]

_OPEN_TO: dict[Any, Test | None] = {}
"""For each view, who may open it; None means anybody, signed in or not."""

_OPEN_FOR_CHANGE = frozenset(
    {PostState.DRAFT, PostState.RETURNED, PostState.AWAITING, PostState.SIGNED_OFF, PostState.LAPSED}
)


def anyone(view: V) -> V:
    """Open this view without signing in."""
    _OPEN_TO[view] = None
    return view


def signed_in(view: V) -> V:
    """Open this view to everybody who is signed in."""
    _OPEN_TO[view] = lambda _person: True
    return view


def only(test: Test) -> Callable[[V], V]:
    """Open this view to the people who pass a test."""

    def marked(view: V) -> V:
        _OPEN_TO[view] = test
        return view

    return marked


def declared(view: Callable[..., Any]) -> bool:
    """Whether this view says who may open it; one that does not is closed to everybody."""
    return view in _OPEN_TO


def drafts(person: Person) -> bool:
    """Whether this person writes posts: officers with a borough, and the press office."""
    return bool(person.boroughs) or in_press_office(person)


def operates(person: Person) -> bool:
    """Whether somebody may see how delivery is doing: the press office, auditors and administrators."""
    return person.sees_all() or Role.ADMINISTRATOR in person.roles


def in_press_office(person: Person) -> bool:
    """Whether this person holds a press office role."""
    return person.has(*PRESS_OFFICE)


def signs(person: Person) -> bool:
    """Whether any of this person's roles may sign anything off."""
    return bool(person.roles - APPROVES_NOTHING)


def reads_queue(person: Person) -> bool:
    """Whether this person sees what waits for sign-off."""
    return signs(person) or person.sees_all()


def holds(person: Person) -> bool:
    """Whether this person may place a hold."""
    return in_press_office(person) or person.has(Role.GOLD)


def knows_cases(person: Person) -> bool:
    """Whether this person may say how a case stands."""
    return person.has(*KNOW_CASES)


def opens_windows(person: Person) -> bool:
    """Whether this person may add an election period."""
    return in_press_office(person) or person.has(Role.ELECTION_SPOC)


def sets_aside(person: Person) -> bool:
    """Whether this person may set a rule aside."""
    return person.has(Role.HEAD_OF_COMMS)


def may_read(person: Person, post: Post) -> bool:
    """Whether this person may read a post: their borough's, their own, or one they may have to sign."""
    return reads_queue(person) or person.may_draft_for(post.borough) or person.id in post.writers


def may_change(unit: Unit, person: Person, post: Post) -> bool:
    """Whether this person may write a post as it stands: not ended, nothing of it public, of a borough of theirs."""
    open_ = post.state in _OPEN_FOR_CHANGE and person.may_draft_for(post.borough)
    return open_ and not has_left(unit, post)


def the_post(unit: Unit, post_id: UUID) -> Post:
    """The post, for a person who may read it. Raises NoSuchPost or NotYours."""
    post = unit.posts.get(post_id)
    if not may_read(me(), post):
        raise NotYours(f"You may not read posts of {post.borough}: it is not one of your boroughs.")
    return post


def me() -> Person:
    """The person signed in."""
    person: Person = g.person
    return person


def sign_in(person: Person) -> None:
    """Begin a new session for this person; nothing of an earlier one is kept."""
    session.clear()
    session["person"] = person.id
    session.permanent = True


def sign_out() -> None:
    """End the session."""
    session.clear()


def init_app(app: Flask) -> None:
    """Ask at every request, before anything else of the page is looked up."""
    app.before_request(_gate)


def _gate() -> Response | None:
    g.person = None
    if request.endpoint in {None, "static"}:
        return None
    view = current_app.view_functions[str(request.endpoint)]
    if not declared(view):
        abort(403)
    g.person = _whose_session()
    test = _OPEN_TO[view]
    if test is None:
        return None
    if g.person is None:
        if request.method == "GET":
            return redirect(url_for("front.sign_in", next=request.full_path.rstrip("?")))
        return redirect(url_for("front.sign_in", next=_page_of_the_form(), lost="yes"))
    if not test(g.person):
        abort(403)
    return None


def _page_of_the_form() -> str | None:
    """The page that a form was on: its own address, or the nearest above it that is a page."""
    pages = current_app.create_url_adapter(request)
    path = request.path
    while path and pages and not pages.test(path, method="GET"):
        path = path.rpartition("/")[0]
    return path or None


def _whose_session() -> Person | None:
    name = session.get("person")
    if name is None:
        return None
    with current_engage().transaction() as unit:
        return unit.people.by_id(name)
