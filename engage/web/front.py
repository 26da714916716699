"""The front door: sign in and out, home by role, and what an operator's probe asks."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.posts.errors import EngageError
from engage.posts.people import Person
from engage.web import access
from engage.web.current import current_engage
from engage.web.limits import SIGN_IN_TRIES, limiter
from engage.web.ways_back import ours

blueprint = Blueprint("front", __name__)

Page = str | tuple[str, int] | Response


@blueprint.get("/")
@access.signed_in
def home() -> Page:
    """Each person's own first page."""
    return redirect(_home_of(access.me()))


@blueprint.get("/sign-in")
@access.anyone
def sign_in() -> Page:
    """The sign-in form; the demo's people are listed in the demo."""
    return _sign_in_page()


@blueprint.post("/sign-in")
@access.anyone
@limiter.limit(SIGN_IN_TRIES)
def check_password() -> Page:
    """Sign in with a name and a password."""
    username = request.form.get("username", "").strip()
    password = request.form.get("password", "")
    with current_engage().transaction() as unit:
        person = unit.people.check_password(username, password)
    if person is None:
        return _sign_in_page(username=username, failed=True), 401
    access.sign_in(person)
    return redirect(_wanted() or _home_of(person))


@blueprint.post("/sign-in/as")
@access.anyone
def sign_in_as() -> Page:
    """Sign in as one of the demo's people without a password. Outside a demo there is no such page."""
    if not _is_demo():
        abort(404)
    with current_engage().transaction() as unit:
        person = unit.people.by_id(request.form.get("username", ""))
    if person is None:
        abort(404)
    access.sign_in(person)
    return redirect(_wanted() or _home_of(person))


@blueprint.post("/sign-out")
@access.anyone
def sign_out() -> Page:
    """End the session."""
    access.sign_out()
    return redirect(url_for("front.sign_in"))


@blueprint.get("/healthz")
@access.anyone
def healthz() -> Page:
    """Whether this process answers at all."""
    return "ok\n"


@blueprint.get("/readyz")
@access.anyone
def readyz() -> Page:
    """Whether this process can serve: the database answers and a policy is in force."""
    try:
        with current_engage().transaction() as unit:
            version = current_engage().policy_in(unit).version
            fault = current_engage().policies.fault(unit)
    except EngageError as error:
        return f"{error}\n", 503
    told = f"; the one switched on last cannot be loaded: {fault}" if fault else ""
    return f"ready, policy {version}{told}\n"


def _sign_in_page(*, username: str = "", failed: bool = False) -> str:
    people: list[Person] = []
    if _is_demo():
        with current_engage().transaction() as unit:
            people = unit.people.all()
    return render_template(
        "sign_in.html",
        people=people,
        username=username,
        failed=failed,
        wanted=_wanted() or "",
        lost="lost" in request.args,
    )


def _is_demo() -> bool:
    settings = current_engage().settings
    return settings.demo and not settings.publish_for_real


def _wanted() -> str | None:
    """The page of ours that was asked for before signing in."""
    wanted = request.values.get("next", "")
    return wanted if ours(wanted) else None


def _home_of(person: Person) -> str:
    if access.in_press_office(person) or not (person.boroughs or not access.reads_queue(person)):
        return url_for("press.queue")
    return url_for("officer.drafts") if access.drafts(person) else url_for("figures.london")
