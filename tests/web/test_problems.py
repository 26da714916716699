"""What goes wrong gets a plain page: what happened and what to do, never a trace."""

import re
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from engage.posts.errors import NotAllowed
from engage.web import create_app
from engage.web.problems import answer_to
from engage.wiring import Engage
from tests.web.conftest import settings
from tests.web.stories import approved, change, draft, sign, submitted
from tests.web.visitor import Visitor

ROLES = "change your roles"


@pytest.fixture
def database_lost_while_running(database_url: str) -> Iterator[Engage]:
    """Engage on a database that was there when it started and is gone now."""
    name = f"engage_test_lost_{uuid4().hex[:8]}"
    server = make_url(database_url).set(drivername="postgresql")
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        engage = Engage(settings(server.set(database=name).render_as_string(hide_password=False)))
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    yield engage
    engage.engine.dispose()


def test_without_a_database_the_page_says_what_to_do(database_lost_while_running: Engage) -> None:
    client = create_app(database_lost_while_running).test_client()
    page = client.get("/sign-in")
    assert page.status_code == 503
    assert "Engage cannot answer now" in page.text
    assert "none is lost and none is sent twice" in page.text
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_a_ready_process_names_its_policy(visitor: Visitor) -> None:
    assert visitor.open("/readyz").text.startswith("ready, policy")


def test_an_unknown_address_gets_a_page_of_ours(press: Visitor) -> None:
    press.open("/no/such/page", expect=404)
    assert "There is no such page" in press.text


def test_a_post_that_is_not_there_is_not_found(press: Visitor) -> None:
    press.open("/posts/00000000-0000-4000-8000-000000000000", expect=404)


def test_a_form_from_elsewhere_changes_nothing(press: Visitor) -> None:
    answer = press.client.post("/holds", data={"scope": "force", "reason": "forged"})
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.text
    assert "No hold is in force" in press.open("/holds").text


def test_an_error_nobody_foresaw_shows_no_trace(engage: Engage) -> None:
    app = create_app(engage)

    def broken() -> str:
        raise ZeroDivisionError("secret detail")

    app.add_url_rule("/sign-in/broken", "broken", broken)
    app.view_functions["broken"] = app.view_functions["front.healthz"]
    app.before_request_funcs[None].append(broken)
    page = app.test_client().get("/sign-in/broken")
    assert page.status_code == 500
    assert "secret detail" not in page.text
    assert "Traceback" not in page.text


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("return", {"comment": " "}),
        ("reject", {"comment": ""}),
        ("take-down", {"reason": ""}),
        ("set-aside", {"reason": " ", "rule": "T02"}),
        ("schedule", {"publish-date": "2020-01-01", "publish-time": "09:00"}),
        (
            "schedule",
            {
                "publish-date": "2031-07-02",
                "publish-time": "09:00",
                "latest-date": "2031-07-01",
                "latest-time": "09:00",
            },
        ),
    ],
)
def test_what_lacks_a_reason_or_names_a_wrong_time_is_put_right_and_is_no_matter_of_roles(
    engage: Engage, officer: Visitor, press: Visitor, act: str, fields: dict[str, str]
) -> None:
    address = submitted(officer)
    read = press.open(address).hidden("having_read")
    head = Visitor(create_app(engage).test_client()).signed_in("press.ward").open(address)
    head.send(f"{address}/{act}", expect=422, having_read=read, **fields)
    assert "Put it right" in head.text
    assert ROLES not in head.text
    assert f'<a class="govuk-link" href="{address}">Go back to the post</a>' in head.page


def test_what_a_colleague_decided_already_is_no_matter_of_roles(officer: Visitor, press: Visitor) -> None:
    address = submitted(officer)
    read = press.open(address).hidden("having_read")
    sign(press, address)
    press.send(f"{address}/approve", role="press_officer", having_read=read, expect=409)
    assert "It was already decided" in press.text
    assert "This post is signed off" in press.text
    assert ROLES not in press.text


def test_a_hold_that_was_lifted_already_says_by_whom(press: Visitor) -> None:
    press.open("/holds")
    press.send("/holds", scope="force", reason="A serious incident.")
    press.send("/holds/1/lift")
    press.send("/holds/1/lift", expect=409)
    assert "This hold is not in force: Priya Sharma lifted it" in press.text
    assert 'href="/holds">Go back to the holds</a>' in press.page


@pytest.mark.parametrize("page", ["/policy/proposals/99999", "/deliveries/{}/bundle"])
def test_what_is_not_there_is_not_found(press: Visitor, page: str) -> None:
    press.open(page.format(uuid4()), expect=404)
    assert "There is no such page" in press.text
    assert ROLES not in press.text


def test_what_has_left_can_only_be_corrected_or_taken_down(
    engage: Engage, officer: Visitor, press: Visitor
) -> None:
    address = approved(officer, press)
    with engage.transaction() as unit:
        unit.session.execute(text("UPDATE delivery SET state = 'sent', sent_at = now()"))
    press.send(f"{address.replace('posts', 'drafts')}/withdraw", reason="Too late.", expect=409)
    assert "Some of this post is public, or may be. Correct it or take it down instead." in press.text
    assert "Open it again" not in press.text


def test_who_lacks_the_role_is_told_who_changes_roles(officer: Visitor) -> None:
    officer.open("/queue", expect=403)
    assert f"ask the operator of Engage to {ROLES}" in officer.text


def test_somebody_elses_role_is_no_help_where_it_is_their_own_work(engage: Engage) -> None:
    head = Visitor(create_app(engage).test_client()).signed_in("press.ward")
    address = draft(head)
    change(head, address, "submit")
    head.send(f"{head.address}/approve", role="head_of_comms", having_read="x", expect=403)
    assert "somebody else must sign it off" in head.text
    assert ROLES not in head.text


def everything_not_allowed(kind: type[NotAllowed] = NotAllowed) -> Iterator[type[NotAllowed]]:
    yield kind
    for each in kind.__subclasses__():
        yield from everything_not_allowed(each)


def test_nothing_but_a_missing_role_is_answered_with_a_change_of_roles(engage: Engage) -> None:
    with create_app(engage).test_request_context("/"):
        told = {
            each.__name__
            for each in everything_not_allowed()
            if ROLES in answer_to(each.__new__(each)).advice
        }
    assert told == {"NotYours"}


@pytest.mark.parametrize(
    ("came_from", "leads"),
    [
        ("http://localhost/suggestions?topic=robbery", "/suggestions?topic=robbery"),
        ("http://localhost/drafts", "/drafts"),
        ("http://localhost/queue", None),
        ("http://localhost/no/such/page", None),
        ("http://localhost//evil.example/drafts", None),
        ("http://evil.example/drafts", None),
        ("http://[", None),
    ],
)
def test_the_way_back_leads_to_a_page_of_ours_or_nowhere(
    officer: Visitor, came_from: str, leads: str | None
) -> None:
    page = officer.client.get("/queue", headers={"Referer": came_from})
    assert page.status_code == 403
    found = re.findall(r'<a class="govuk-link" href="([^"]+)">Go back', page.text)
    assert found == ([leads] if leads else [])


def test_an_address_that_cannot_be_read_is_no_page_to_go_on_to(visitor: Visitor) -> None:
    assert 'name="next" value=""' in visitor.open("/sign-in?next=//[").page
