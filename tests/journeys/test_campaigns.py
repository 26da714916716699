"""A campaign in a real browser: begun without a rule, read by somebody else, signed as a batch, out by itself."""

import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine as Database
from sqlalchemy import text

from engage.posts.clock import in_london, utc_now
from engage.store.delivery_tables import DUE_CHANNEL
from tests.journeys.reader import Reader, reader
from tests.journeys.running import Running, running

pytestmark = pytest.mark.real_servers

WRITER, SIGNER = "press.bailey", "press.lee"
SOON = timedelta(minutes=30)
"""Long enough to read and sign on any machine; then the journey does not wait for it."""
PATIENCE = 120.0


def test_a_campaign_goes_out_by_itself_in_the_words_that_were_signed(
    engine: Database, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    with (
        running(database_url, redis_url, tmp_path) as engaged,
        reader(engaged.address, tmp_path) as somebody,
    ):
        somebody.sign_in(WRITER)
        _chooses_a_wording(somebody)
        _is_told_what_is_missing_and_keeps_what_was_typed(somebody)
        due = in_london(utc_now() + SOON).replace(second=0, microsecond=0)
        address = _begins_it(somebody, due)
        somebody.sign_in(SIGNER)
        _reads_all_of_london(somebody)
        _reads_and_signs(somebody, address)
        _looks_at_the_calendar(somebody)
        words = _is_due_now(engine)
        _waits_until_it_is_out(words, engaged)
        somebody.open(address)
        somebody.sees("Published")
        somebody.look("campaign-published")
        _pauses_and_ends_it(somebody, address)
        assert (somebody.complaints, somebody.barriers) == ([], [])


def _chooses_a_wording(somebody: Reader) -> None:
    somebody.open("/campaigns")
    somebody.sees("Bikes on winter evenings")
    somebody.look("campaigns")
    somebody.page.get_by_role("button", name="Begin a campaign").click()
    somebody.look("campaign-choose")
    somebody.page.get_by_label("Preventing bicycle theft").check()
    somebody.press("Continue")


def _is_told_what_is_missing_and_keeps_what_was_typed(somebody: Reader) -> None:
    page = somebody.page
    somebody.look("campaign-form")
    page.get_by_label("Name of the campaign").fill("Lock it twice")
    page.locator("button[value=preview]").last.click()
    somebody.sees("Last day: give the last day.")
    somebody.look("campaign-form-problem")
    somebody.press("Choose all 32")
    assert page.locator("input[name=boroughs]:checked").count() == 32
    somebody.press("Choose none")
    assert page.locator("input[name=boroughs]:checked").count() == 0
    assert page.get_by_label("Name of the campaign").input_value() == "Lock it twice"


def _begins_it(somebody: Reader, due: datetime) -> str:
    page = somebody.page
    page.get_by_label("Time in London").fill(f"{due:%H:%M}")
    page.get_by_label("First day", exact=True).fill(f"{due:%Y-%m-%d}")
    page.get_by_label("Last day", exact=True).fill(f"{due + timedelta(days=350):%Y-%m-%d}")
    for label in ("Brent", "Camden"):
        page.get_by_label(label, exact=True).check()
    for label in ("Facebook", "Bluesky"):
        page.get_by_label(label, exact=True).uncheck()
    page.locator("button[value=preview]").last.click()
    somebody.sees("The clocks go forward on")
    somebody.sees("The clocks go back on")
    somebody.sees("X: 2 posts, $0.40 each time")
    somebody.look("campaign-preview")
    somebody.press("Begin this campaign")
    somebody.sees("The campaign is begun.")
    somebody.look("campaign-draft")
    somebody.press("Hand it in")
    somebody.sees("Handed in: ")
    somebody.sees("You began this campaign, so somebody else must sign its posts off.")
    return page.url


def _reads_all_of_london(somebody: Reader) -> None:
    somebody.open("/queue")
    somebody.look("queue-with-campaigns")
    somebody.page.get_by_role("link", name="Courier fraud, all of London").first.click()
    somebody.sees("32 boroughs, 64 posts")
    somebody.look("campaign-all-of-london")
    somebody.unfold("Each borough: exact words, times and accounts")
    somebody.look("campaign-all-of-london-unfolded")


def _reads_and_signs(somebody: Reader, address: str) -> None:
    somebody.open(address)
    somebody.sees("in the same words; only the")
    somebody.press("Sign off these")
    somebody.sees("Signed off: ")
    somebody.look("campaign-signed")


def _looks_at_the_calendar(somebody: Reader) -> None:
    for view in ("week", "month", "list"):
        somebody.open(f"/scheduled?view={view}")
        somebody.look(f"scheduled-{view}")


def _is_due_now(engine: Database) -> list[str]:
    """Bring the time of Camden's and Brent's first posts to now; the words that were signed for them."""
    first = (
        "SELECT post.id FROM post JOIN campaign_occurrence ON post_id = post.id "
        "JOIN campaign ON campaign.id = campaign_id WHERE campaign.title = 'Lock it twice' "
        "ORDER BY campaign_occurrence.due LIMIT 2"
    )
    now = f"UPDATE delivery SET due_at = now(), not_before = now() WHERE state = 'ready' AND post_id IN ({first})"  # noqa: S608 - our own words
    signed = f"SELECT variants->0->'parts'->>0 FROM post WHERE id IN ({first})"  # noqa: S608
    with engine.begin() as connection:
        assert connection.execute(text(now)).rowcount >= 2
        connection.execute(text(f"NOTIFY {DUE_CHANNEL}"))
        return list(connection.scalars(text(signed)))


def _waits_until_it_is_out(words: list[str], engaged: Running) -> None:
    """Until the fake platform has the posts, each once, byte for byte as signed."""
    deadline = time.monotonic() + PATIENCE
    while not set(words) <= {each["text"] for each in engaged.public_on("x")}:
        assert time.monotonic() < deadline, "the campaign is not out"
        time.sleep(1)
    public = [each["text"] for each in engaged.public_on("x")]
    assert [public.count(each) for each in words] == [1, 1]


def _pauses_and_ends_it(somebody: Reader, address: str) -> None:
    somebody.open(address)
    somebody.unfold("Pause it")
    somebody.press("Pause it now")
    somebody.sees("Say why it is paused.")
    somebody.page.get_by_label("Why it is paused").fill("A serious incident in Camden")
    somebody.press("Pause it now")
    somebody.sees("Nothing of it leaves until somebody resumes it.")
    somebody.look("campaign-paused")
    somebody.press("Resume it")
    somebody.sees("It runs again.")
    somebody.unfold("End it")
    somebody.page.get_by_label("Why it is ended").fill("Lighter evenings")
    somebody.press("End it for good")
    somebody.sees("Posts withdrawn before they left")
    somebody.look("campaign-ended")
