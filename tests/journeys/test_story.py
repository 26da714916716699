"""The story that must work, in a real browser, against real processes: from a figure to a receipt."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine as Database

from engage.posts.clock import in_london, utc_now
from tests.journeys.reader import Reader, reader
from tests.journeys.running import Running, running

pytestmark = pytest.mark.real_servers

OFFICER, PRESS = "pc.khan", "press.lee"
APPEAL = {
    "what": "a robbery",
    "place": "near Camden Lock",
    "when": "on Saturday 21 November, between 9pm and 10pm",
    "seen": "A dark blue moped was seen leaving towards Chalk Farm Road.",
    "reference": "CAD 1204/21NOV",
}
BAD_WORDS = " Call Sergeant Smith on 07700 900123."


@pytest.fixture
def engaged(
    engine: Database,  # noqa: ARG001 - it empties the tables first
    database_url: str,
    redis_url: str,
    tmp_path: Path,
) -> Iterator[Running]:
    with running(database_url, redis_url, tmp_path) as everything:
        yield everything


def test_from_a_figure_to_a_receipt_and_back_through_the_history(engaged: Running, tmp_path: Path) -> None:
    with reader(engaged.address, tmp_path) as somebody:
        _reads_the_figures(somebody)
        summary = _drafts_a_summary_and_mends_it(somebody)
        appeal = _drafts_an_appeal(somebody)
        _returns_the_appeal(somebody, appeal)
        words = _signs_the_summary_for_soon(somebody, summary)
        _sees_it_published_once(somebody, engaged, summary, words)
        _edits_after_sign_off(somebody, appeal)
        _holds_the_borough(somebody, engaged, appeal)
        assert (somebody.complaints, somebody.barriers) == ([], [])


def test_the_same_pages_work_without_a_script(engaged: Running, tmp_path: Path) -> None:
    with reader(engaged.address, tmp_path, scripts=False) as somebody:
        address = _drafts_an_appeal(somebody)
        somebody.sign_in(OFFICER)
        somebody.open(address.replace("posts", "drafts"))
        words = somebody.page.locator("#text-x-0")
        words.fill(words.input_value() + BAD_WORDS)
        somebody.press("Check")
        somebody.sees("not kept yet")
        somebody.sees("Blocked")


def _reads_the_figures(somebody: Reader) -> None:
    somebody.open("/")
    somebody.look("01-sign-in")
    somebody.sign_in(OFFICER)
    somebody.open("/figures")
    somebody.sees("Synthetic figures")
    somebody.look("02-london")
    somebody.page.get_by_role("row", name="Camden").get_by_role("link").click()
    somebody.sees("What is unusual this month")
    somebody.look("03-borough")
    somebody.page.get_by_role("link", name="How good the forecasts are").click()
    somebody.sees("Topic by topic")
    somebody.look("19-accuracy")
    somebody.open("/suggestions")
    somebody.sees("Do suggestions follow need?")
    somebody.look("20-suggestions")


def _drafts_a_summary_and_mends_it(somebody: Reader) -> str:
    somebody.open("/figures/camden?topic=home_burglary")
    somebody.page.get_by_role("link", name="Crime summary").click()
    somebody.press("Write the draft")
    somebody.sees("of 280 characters")
    first = somebody.page.locator("#text-x-0")
    good = first.input_value()
    first.fill(good + BAD_WORDS)
    somebody.page.locator("[data-platform=x] .eng-decision--red").wait_for()
    somebody.sees("What to do:")
    somebody.look("04-draft-blocked")
    somebody.snap("draft")
    somebody.press("Keep and hand in")
    somebody.sees("There is a problem")
    somebody.page.locator("#text-x-0").fill(good)
    somebody.press("Keep and hand in")
    somebody.sees("Handed in")
    return somebody.page.url


def _drafts_an_appeal(somebody: Reader) -> str:
    somebody.sign_in(OFFICER)
    somebody.open("/drafts/new")
    somebody.look("05-kinds-of-post")
    somebody.page.get_by_label("Witness appeal").check()
    somebody.press("Continue")
    for name, value in APPEAL.items():
        somebody.page.fill(f"#slot-{name}", value)
    somebody.page.fill("#case-offence", "robbery")
    somebody.look("06-witness-appeal")
    somebody.press("Write the draft")
    somebody.look("07-draft")
    somebody.press("Keep and hand in")
    somebody.sees("Handed in")
    return somebody.page.url


def _returns_the_appeal(somebody: Reader, appeal: str) -> None:
    somebody.sign_in(PRESS)
    somebody.sees("Waiting for you")
    somebody.look("08-queue")
    somebody.open(appeal)
    somebody.unfold("Return with a comment")
    somebody.page.get_by_label("What is to be changed").fill("Leave out the moped until it is confirmed.")
    somebody.press("Return it")
    somebody.sees("Returned to its writer")


def _signs_the_summary_for_soon(somebody: Reader, summary: str) -> str:
    soon = in_london(utc_now() + timedelta(seconds=75))
    somebody.open(summary)
    somebody.unfold("Set the time")
    somebody.page.fill("#publish-date", soon.strftime("%Y-%m-%d"))
    somebody.page.fill("#publish-time", soon.strftime("%H:%M"))
    somebody.press("Set the time")
    somebody.sees("The time is set")
    somebody.look("09-review")
    words = somebody.page.locator("section[aria-labelledby=v-x] .eng-said").first.inner_text()
    somebody.press("Sign off exactly these words")
    somebody.sees("Signed off. It goes out")
    somebody.open("/scheduled")
    somebody.look("10-scheduled")
    return words


def _sees_it_published_once(somebody: Reader, engaged: Running, summary: str, words: str) -> None:
    somebody.open(summary)
    for platform in ("X", "Facebook", "Mastodon", "Bluesky"):
        line = somebody.page.locator(".eng-deliveries li", has_text=platform).first
        line.get_by_text("Published").wait_for(timeout=150_000)
    somebody.look("11-published")
    posts = [post["text"] for post in engaged.public_on("x")]
    assert posts.count(words) == 1
    link = somebody.page.locator(".eng-deliveries li", has_text="X Demo").last.get_by_role("link")
    assert str(link.get_attribute("href")).startswith(engaged.platforms["x"])
    somebody.open(f"{summary}/history")
    somebody.sees("Fully signed off")
    somebody.look("12-history")
    somebody.open(summary)
    somebody.unfold("Counted from")
    somebody.page.get_by_role("link", name="Open the rows").first.click()
    somebody.sees("Together")
    somebody.look("13-rows-of-the-file")


def _edits_after_sign_off(somebody: Reader, appeal: str) -> None:
    edit = appeal.replace("posts", "drafts")
    somebody.sign_in(OFFICER)
    somebody.sees("Leave out the moped")
    somebody.look("14-my-drafts")
    somebody.open(edit)
    somebody.press("Keep and hand in")
    _signs_for_later(somebody, appeal)
    somebody.sign_in(OFFICER)
    somebody.open(edit)
    somebody.sees("every sign-off falls")
    words = somebody.page.locator("#text-mastodon-0")
    words.fill(words.input_value() + "\n\nThank you.")
    somebody.press("Keep and hand in")
    somebody.sees("Handed in")
    somebody.page.locator(".eng-signatures", has_text="Missing").wait_for()
    somebody.look("15-sign-off-fell")


def _signs_for_later(somebody: Reader, appeal: str) -> None:
    later = in_london(utc_now() + timedelta(hours=2))
    somebody.sign_in(PRESS)
    somebody.open(appeal)
    somebody.unfold("Set the time")
    somebody.page.fill("#publish-date", later.strftime("%Y-%m-%d"))
    somebody.page.fill("#publish-time", later.strftime("%H:%M"))
    somebody.press("Set the time")
    somebody.press("Sign off exactly these words")
    somebody.sees("Signed off. It goes out")


def _holds_the_borough(somebody: Reader, engaged: Running, appeal: str) -> None:
    before = len(engaged.public_on("x"))
    somebody.sign_in(PRESS)
    somebody.open("/holds")
    somebody.page.get_by_label("One borough").check()
    somebody.page.get_by_label("Which borough").select_option("Camden")
    somebody.page.get_by_label("Why").fill("A serious incident in Camden.")
    somebody.look("16-holds")
    somebody.press("Place the hold")
    somebody.sees("is in force")
    somebody.open(appeal)
    somebody.unfold("Set the time")
    somebody.page.fill("#publish-date", "")
    somebody.page.fill("#publish-time", "")
    somebody.press("Set the time")
    somebody.press("Sign off exactly these words")
    somebody.sees("this will not go out")
    somebody.page.wait_for_timeout(5_000)
    somebody.open(appeal)
    somebody.look("17-held")
    assert len(engaged.public_on("x")) == before
    somebody.open("/deliveries")
    somebody.look("18-deliveries")
