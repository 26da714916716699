"""Nothing is open unless it says to whom."""

import pytest
from flask import Flask
from sqlalchemy import text

from engage.web import access, create_app
from engage.wiring import Engage
from tests.web.stories import draft, submitted
from tests.web.visitor import PASSWORD, Visitor

FRONT_DOOR = {"/sign-in", "/healthz", "/readyz"}


@pytest.fixture
def app(engage: Engage) -> Flask:
    return create_app(engage)


def test_every_page_says_who_may_open_it(app: Flask) -> None:
    silent = [
        name for name, view in app.view_functions.items() if name != "static" and not access.declared(view)
    ]
    assert silent == []


def test_a_page_that_does_not_say_is_closed_to_everybody(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    visitor = Visitor(app.test_client()).signed_in("press.ward")
    visitor.open("/forgotten", expect=403)


def test_nothing_but_the_front_door_opens_without_signing_in(app: Flask) -> None:
    client = app.test_client()
    pages = {
        rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments
    }
    opened = {page for page in pages if client.get(page).status_code == 200}
    assert opened == FRONT_DOOR


def test_signing_in_leads_back_to_the_page_that_was_asked_for(visitor: Visitor) -> None:
    visitor.open("/holds")
    assert visitor.address == "/sign-in"
    visitor.send("/sign-in", username="press.sharma", password=PASSWORD, next=visitor.hidden("next"))
    assert visitor.address == "/holds"


@pytest.mark.parametrize("form", ["", "/preview", "/withdraw", "/pictures/new"])
def test_whoever_was_signed_out_while_writing_is_told_so_and_led_back_to_the_page(
    officer: Visitor, form: str
) -> None:
    address = draft(officer)
    officer.client.delete_cookie("engage")
    officer.send(f"{address}{form}", do="save", **officer.words())
    assert officer.address == "/sign-in"
    assert "You were signed out. What you typed was not kept: sign in" in officer.text
    officer.send("/sign-in", username="pc.okafor", password=PASSWORD, next=officer.hidden("next"))
    assert officer.address == (f"{address}{form}" if form == "/pictures/new" else address)


def test_nobody_who_only_opens_a_page_is_told_that_words_were_lost(visitor: Visitor) -> None:
    assert "You were signed out" not in visitor.open("/holds").text


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:1"]
)
def test_signing_in_never_leads_to_another_site(visitor: Visitor, elsewhere: str) -> None:
    visitor.open("/sign-in")
    visitor.send("/sign-in", username="press.sharma", password=PASSWORD, next=elsewhere)
    assert visitor.address == "/queue"


@pytest.mark.parametrize("username", ["press.sharma", "nobody.here"])
def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(visitor: Visitor, username: str) -> None:
    visitor.open("/sign-in")
    visitor.send("/sign-in", username=username, password="wrong", expect=401)
    assert "That name and password do not go together" in visitor.text


def test_the_eleventh_try_in_a_minute_is_refused(visitor: Visitor) -> None:
    visitor.open("/sign-in")
    for _ in range(10):
        visitor.send("/sign-in", username="press.sharma", password="wrong", expect=401)
    visitor.send("/sign-in", username="press.sharma", password=PASSWORD, expect=429)
    assert "Wait a minute" in visitor.text


def test_somebody_switched_off_is_out_at_the_next_page(press: Visitor, engage: Engage) -> None:
    with engage.transaction() as unit:
        unit.session.execute(text("UPDATE person SET active = false WHERE id = 'press.sharma'"))
    press.open("/queue")
    assert press.address == "/sign-in"


@pytest.mark.parametrize("page", ["/queue", "/holds", "/scheduled", "/deliveries"])
def test_an_officer_does_not_see_the_press_office(officer: Visitor, page: str) -> None:
    officer.open(page, expect=403)


def test_an_officer_reads_no_post_of_another_borough(officer: Visitor, engage: Engage) -> None:
    address = draft(officer)
    other = Visitor(create_app(engage).test_client()).signed_in("pc.byrne")
    other.open(address, expect=403)
    assert "not one of your boroughs" in other.text


def test_an_auditor_reads_everything_and_is_offered_no_decision(officer: Visitor, engage: Engage) -> None:
    address = submitted(officer)
    auditor = Visitor(create_app(engage).test_client()).signed_in("audit.lin")
    auditor.open(address)
    assert "Sign off exactly" not in auditor.page
    assert "Return with a comment" not in auditor.page
    auditor.send(f"{address}/approve", having_read="", role="auditor", expect=403)


def test_an_administrator_sees_no_queue(engage: Engage) -> None:
    Visitor(create_app(engage).test_client()).signed_in("admin.roy").open("/queue", expect=403)


def test_in_the_demo_anybody_signs_in_as_anybody(visitor: Visitor) -> None:
    visitor.open("/sign-in")
    assert "PC Amara Okafor" in visitor.text
    visitor.send("/sign-in/as", username="pc.okafor")
    assert visitor.address == "/drafts"


def test_outside_a_demo_nobody_is_listed_and_a_password_is_needed(
    engage: Engage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engage, "settings", engage.settings.model_copy(update={"demo": False}))
    client = create_app(engage).test_client()
    page = client.get("/sign-in", base_url="https://engage.test")
    assert "Okafor" not in page.text
    assert "Demonstration" not in page.text
    assert "Secure" in page.headers["Set-Cookie"]
    token = Visitor(client, page.text).hidden("csrf_token")
    answer = client.post(
        "/sign-in/as",
        base_url="https://engage.test",
        data={"username": "pc.okafor", "csrf_token": token},
        headers={"Referer": "https://engage.test/sign-in"},
    )
    assert answer.status_code == 404


def test_signing_out_ends_the_session(press: Visitor) -> None:
    press.send("/sign-out")
    press.open("/queue")
    assert press.address == "/sign-in"
