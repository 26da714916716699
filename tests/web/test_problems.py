"""What goes wrong gets a plain page: what happened and what to do, never a trace."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from engage.web import create_app
from engage.wiring import Engage
from tests.web.conftest import settings
from tests.web.visitor import Visitor


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
