"""A picture on its way in a real browser: from a phone's camera roll to the platforms, described and signed off."""

import io
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import Engine as Database

from tests.journeys.reader import Reader, reader
from tests.journeys.running import running
from tests.pictures import ALT, TELLTALE, a_photograph

pytestmark = pytest.mark.real_servers

OFFICER, PRESS = "pc.khan", "press.lee"
APPEAL = {
    "what": "a robbery",
    "place": "near Camden Lock",
    "when": "on Saturday 21 November, between 9pm and 10pm",
    "seen": "A dark blue moped was seen leaving towards Chalk Farm Road.",
    "reference": "CAD 1204/21NOV",
}
CHOSEN = {
    "type": "scene",
    "licence": "owned",
    "origin": "real",
    "people": "nobody",
    "under_18": "no",
    "obscured": "yes",
    "text": "none",
}
TOO_LARGE = 60_000_000


@pytest.mark.parametrize("scripts", [True, False], ids=["with a script", "without a script"])
def test_a_picture_from_a_phone_goes_out_with_its_description(
    engine: Database,  # noqa: ARG001 - it empties the tables first
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    scripts: bool,
) -> None:
    with (
        running(database_url, redis_url, tmp_path) as engaged,
        reader(engaged.address, tmp_path, scripts=scripts) as somebody,
    ):
        draft = _drafts_an_appeal(somebody)
        _is_told_what_is_too_large(somebody, tmp_path)
        _attaches(somebody, draft, _photograph(tmp_path))
        post = _hands_in_and_has_it_signed(somebody)
        _sees_it_published(somebody, post)
        assert TELLTALE not in _shown(somebody)
        for platform in ("x", "facebook", "mastodon", "bluesky"):
            described = [each["alt"] for post in engaged.public_on(platform) for each in post["media"]]
            assert described == [ALT]
        assert (somebody.complaints, somebody.barriers) == ([], [])


def _photograph(folder: Path) -> Path:
    path = folder / "IMG_2041.jpg"
    path.write_bytes(a_photograph(size=(3000, 4000)))
    return path


def _drafts_an_appeal(somebody: Reader) -> str:
    somebody.sign_in(OFFICER)
    somebody.open("/drafts/new?template=appeal_witness&borough=Camden")
    for name, value in APPEAL.items():
        somebody.page.fill(f"#slot-{name}", value)
    somebody.page.fill("#case-offence", "robbery")
    somebody.press("Write the draft")
    somebody.press("Keep the words and add a picture")
    somebody.sees("A JPEG, PNG or WebP file")
    return somebody.page.url


def _is_told_what_is_too_large(somebody: Reader, folder: Path) -> None:
    path = folder / "scan.png"
    path.write_bytes(bytes(TOO_LARGE))
    form = somebody.page.url
    _fills(somebody, path)
    somebody.press("Attach the picture")
    somebody.sees("That is too large", seconds=60)
    somebody.sees("A picture may have up to 25 MB")
    somebody.complaints.clear()  # The browser's console says 413, as it should.
    somebody.open(form)


def _fills(somebody: Reader, path: Path) -> None:
    somebody.page.set_input_files("#picture", path)
    somebody.page.fill("#alt", ALT)
    somebody.page.fill("#source", "PC Khan, Camden Lock, 21 November")
    for name, value in CHOSEN.items():
        somebody.page.locator(f"input[name={name}][value={value}]").check()


def _attaches(somebody: Reader, form: str, path: Path) -> None:
    assert somebody.page.url == form
    _fills(somebody, path)
    somebody.look("21-add-a-picture")
    somebody.press("Attach the picture")
    somebody.sees("The picture is attached", seconds=60)
    somebody.sees(f"Read out as: {ALT}")
    somebody.look("22-draft-with-a-picture")


def _hands_in_and_has_it_signed(somebody: Reader) -> str:
    somebody.press("Keep and hand in")
    somebody.sees("Handed in")
    post = somebody.page.url
    somebody.sign_in(PRESS)
    somebody.open(post)
    somebody.sees(f"Read out as: {ALT}")
    somebody.look("23-review-with-a-picture")
    somebody.press("Sign off exactly these words")
    somebody.sees("Signed off. It goes out")
    return post


def _sees_it_published(somebody: Reader, post: str) -> None:
    for _ in range(40):
        somebody.open(post)
        if somebody.page.locator(".eng-deliveries li", has_text="Published").count() >= 4:
            break
        somebody.page.wait_for_timeout(1_000)
    assert somebody.page.locator(".eng-deliveries li", has_text="Published").count() >= 4
    somebody.look("24-published-with-a-picture")


def _shown(somebody: Reader) -> bytes:
    """The picture as the page's first variant shows it."""
    address = somebody.page.locator(".eng-picture img").first.get_attribute("src")
    content = somebody.page.request.get(somebody.address + str(address)).body()
    with Image.open(io.BytesIO(content)) as opened:
        assert opened.size[0] < opened.size[1]
    return content
