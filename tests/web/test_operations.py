"""What operators and their monitoring see: read from the ledger, right whoever did the work."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import text

from engage.delivery.ports import Allowance, Health, TokenState
from engage.posts.clock import utc_now
from engage.posts.kinds import Platform
from engage.web import create_app
from engage.wiring import Engage
from tests.web.test_deliveries import waiting_for_a_person
from tests.web.visitor import Visitor

TOKEN = "a token of the monitoring"


@pytest.fixture
def monitoring(engage: Engage, database_url: str) -> Iterator[FlaskClient]:
    """The same database behind a web process that was given a metrics token."""
    given = Engage(
        engage.settings.model_copy(
            update={"metrics_token": SecretStr(TOKEN), "database_url": SecretStr(database_url)}
        )
    )
    yield create_app(given).test_client()
    given.engine.dispose()


def read(client: FlaskClient) -> dict[tuple[str, str], float]:
    """Every sample by its name and labels."""
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, ",".join(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def sent(engage: Engage, platform: Platform, *, late: timedelta) -> None:
    """A post that was due a moment ago, in this month of budgets, and was known to be public this long after its time."""
    delivery_id = waiting_for_a_person(engage, platform)
    with engage.transaction() as unit:
        unit.session.execute(
            text(
                "UPDATE delivery SET state = 'sent', needs_person = false, price_mills = 200,"
                " due_at = now() - interval '4 seconds', sent_at = now() - interval '4 seconds' + :late WHERE id = :id"
            ),
            {"id": delivery_id, "late": late},
        )


def test_without_a_token_there_is_no_such_page(visitor: Visitor) -> None:
    visitor.open("/metrics", expect=404)


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", "Bearer Ünïcode"])
def test_metrics_are_for_whoever_has_the_token(monitoring: FlaskClient, given: str) -> None:
    answer = monitoring.get("/metrics", headers={"Authorization": given} if given else {})
    assert answer.status_code == 401
    assert "engage_" not in answer.text


def test_the_metrics_are_what_the_ledger_says(engage: Engage, monitoring: FlaskClient) -> None:
    sent(engage, Platform.X, late=timedelta(milliseconds=40))
    sent(engage, Platform.X, late=timedelta(seconds=3))
    waiting_for_a_person(engage, Platform.BLUESKY)
    with engage.transaction() as unit:
        unit.budgets.allow("x:met_x", posts=10, mills=1000)
    with engage.counter.accounts() as book:
        book.checked("facebook:met_facebook", Health(TokenState.REVOKED, "expired"), now=utc_now())
    engage.seen("here:1", role="dispatcher")
    found = read(monitoring)
    assert found["engage_deliveries_unknown", ""] == 1
    assert found["engage_deliveries_needing_person", ""] == 1
    assert found["engage_deliveries_due", ""] == 0
    assert found["engage_deliveries_last_day", "x,sent"] == 2
    assert found["engage_delivery_lateness_seconds_bucket", "0.05,x"] == 1
    assert found["engage_delivery_lateness_seconds_bucket", "5.0,x"] == 2
    assert found["engage_delivery_lateness_seconds_gcount", "x"] == 2
    assert found["engage_delivery_lateness_seconds_gsum", "x"] == pytest.approx(3.04)
    assert found["engage_account_token_works", "facebook:met_facebook"] == 0
    assert found["engage_account_token_works", "x:met_x"] == 1
    assert found["engage_budget_posts_left", "x:met_x"] == 8
    assert found["engage_budget_money_left", "x:met_x"] == pytest.approx(0.6)
    assert found["engage_process_last_seen_seconds", "dispatcher"] < 60


def test_the_operators_page_says_how_everything_stands(press: Visitor, engage: Engage) -> None:
    sent(engage, Platform.X, late=timedelta(milliseconds=40))
    waiting_for_a_person(engage, Platform.BLUESKY)
    engage.rates.heard("x:met_x", Allowance(17, 3, utc_now() + timedelta(hours=1)))
    with engage.transaction() as unit:
        unit.budgets.allow("x:met_x", posts=10, mills=1000)
    with engage.counter.accounts() as book:
        book.checked("facebook:met_facebook", Health(TokenState.REVOKED, "It expired."), now=utc_now())
    engage.seen("here:1", role="dispatcher")
    press.open("/operations")
    for said in (
        "No worker was seen at work in the last three minutes.",
        "Dispatcher here:1 seen under a minute ago",
        "X Published: 1",
        "half within 40 ms, 99 in 100 within 40 ms",
        "Facebook no longer takes the token of met_facebook",
        "3 of 17 posts",
        "1 of 10 posts, $0.20 of $1.00",
        "$0.015 a post, $0.20 with a link",
        "What waits for a person, with its evidence",
    ):
        assert said in press.text
    assert "No dispatcher was seen" not in press.text


def test_an_administrator_sees_operations_and_an_officer_does_not(engage: Engage, officer: Visitor) -> None:
    Visitor(create_app(engage).test_client()).signed_in("admin.roy").open("/operations")
    officer.open("/operations", expect=403)


def test_no_token_is_on_any_page_of_operations(press: Visitor, engage: Engage) -> None:
    with engage.transaction() as unit:
        unit.accounts.renew("x:met_x", {"access_token": "very-secret"})
    press.open("/operations")
    assert not re.search("very-secret|credentials", press.page)
