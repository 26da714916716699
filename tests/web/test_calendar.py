"""The calendar: what goes out when, by week, month and list; all of a campaign's day as one entry."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from engage.posts.clock import in_london, utc_now
from engage.wiring import Engage
from tests.web.stories import approved, submitted
from tests.web.test_campaigns import handed_in, sign, tomorrow, ward
from tests.web.visitor import Visitor


def at(engage: Engage, when: str) -> None:
    """As if every post were for this moment (UTC)."""
    with engage.transaction() as unit:
        unit.session.execute(text("UPDATE post SET publish_at = CAST(:when AS timestamptz)"), {"when": when})


@pytest.mark.parametrize("view", ["week", "month", "list"])
def test_a_post_stands_on_its_day_by_londons_clocks_in_every_view(
    officer: Visitor, press: Visitor, engage: Engage, view: str
) -> None:
    approved(officer, press)
    at(engage, "2027-06-30T23:30+00")
    page = press.open(f"/scheduled?view={view}&from=2027-07-01")
    assert "00:30" in page.text
    assert "Witness appeal, Lambeth" in page.text
    assert "1 post" in page.text
    assert "Nothing is scheduled." in press.open(f"/scheduled?view={view}&from=2027-09-15").text


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"])
def test_the_last_minute_of_a_day_on_which_the_clocks_change_is_that_days(
    officer: Visitor, press: Visitor, engage: Engage, day: str
) -> None:
    approved(officer, press)
    at(engage, f"{day}T23:59+{'01' if day.startswith('2027-03') else '00'}")
    assert "Witness appeal, Lambeth" in press.open(f"/scheduled?view=week&from={day}").text
    after = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    assert "Nothing is scheduled." in press.open(f"/scheduled?view=week&from={after}").text


def test_all_that_a_campaign_has_on_a_day_is_one_entry_that_opens_it(press: Visitor, engage: Engage) -> None:
    address = handed_in(press)
    press.open(f"/scheduled?view=list&from={tomorrow().isoformat()}")
    assert press.text.count("Bikes in winter") == 3
    assert "2 boroughs Awaiting sign-off" in press.text
    assert f'href="{address}"' in press.page
    other = ward(engage)
    sign(other, address)
    page = other.open(f"/scheduled?view=week&from={tomorrow().isoformat()}").text
    assert "17:00 to 17:01 Bikes in winter" in page
    assert "2 boroughs Signed off" in page
    assert "Bikes in winter" in other.open(f"/scheduled?view=month&from={tomorrow().isoformat()}").text


def test_what_is_out_says_so_and_what_lapsed_does_too(
    officer: Visitor, press: Visitor, engage: Engage
) -> None:
    approved(officer, press)
    with engage.transaction() as unit:
        unit.session.execute(text("UPDATE delivery SET state = 'sent', sent_at = now()"))
    assert "Published" in press.open("/scheduled").text
    with engage.transaction() as unit:
        unit.session.execute(text("UPDATE post SET state = 'lapsed'"))
    assert "Lapsed" in press.open("/scheduled").text


def test_what_waits_without_a_time_is_in_the_queue_and_not_in_the_calendar(
    officer: Visitor, press: Visitor
) -> None:
    submitted(officer)
    assert "Nothing is scheduled." in press.open("/scheduled").text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("view=year", "“year” is no view."),
        ("from=soon", "“soon” is no day."),
        ("from=2027-02-30", "“2027-02-30” is no day."),
        ("from=9999-12-31", "more than ten years away"),
        ("from=0001-01-01", "more than ten years away"),
    ],
)
def test_an_address_that_names_no_day_or_view_is_refused_in_words(
    press: Visitor, asked: str, said: str
) -> None:
    assert said in press.open(f"/scheduled?{asked}", expect=400).text


def test_earlier_and_later_lead_from_period_to_period(press: Visitor) -> None:
    press.open("/scheduled?view=month&from=2027-12-15")
    for each in ("from=2027-11-01", "from=2028-01-01", f"from={in_london(utc_now()):%Y-%m-%d}"):
        assert each in press.page
    press.open("/scheduled?view=week&from=2027-12-15")
    for each in ("from=2027-12-06", "from=2027-12-20"):
        assert each in press.page
