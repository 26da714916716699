"""Pictures on the pages: attached by who writes, seen by who may read, signed off with the words."""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import text
from werkzeug.test import TestResponse

from engage.web import create_app
from engage.wiring import Engage
from tests.pictures import ALT, TELLTALE, a_photograph, encoded
from tests.web.stories import by_hand_on_nextdoor, change, draft, hand_over, sign
from tests.web.visitor import Visitor

ANSWERS = {
    "type": "scene",
    "source": "PC Okafor, Brockwell Park, 21 November",
    "licence": "owned",
    "origin": "real",
    "people": "nobody",
    "under_18": "no",
    "obscured": "yes",
    "text": "none",
}


def attach(
    officer: Visitor, address: str, content: bytes | None = None, *, expect: int = 200, **answers: str
) -> Visitor:
    """Add a picture to the draft at this address, as its form does."""
    officer.open(f"{address}/pictures/new")
    file = (io.BytesIO(a_photograph() if content is None else content), "IMG_2041.jpg")
    fields = {"alt": ALT, "version": officer.hidden("version"), **ANSWERS, **answers}
    return officer.send(f"{address}/pictures/new", expect=expect, picture=file, **fields)


def with_a_picture(officer: Visitor, **answers: str) -> str:
    address = draft(officer)
    attach(officer, address, **answers)
    return address


def shown_in(page: str) -> list[str]:
    return re.findall(r'<img src="(/posts/[^"]+/pictures/[0-9a-f]{64})"', page)


def test_a_picture_stands_beside_the_words_without_what_the_camera_said(officer: Visitor) -> None:
    address = with_a_picture(officer)
    assert officer.address == address
    assert ALT in officer.text
    addresses = shown_in(officer.page)
    assert len(addresses) == 2
    for each in addresses:
        picture = officer.client.get(each)
        assert TELLTALE not in picture.data
        assert picture.headers["X-Content-Type-Options"] == "nosniff"
        assert picture.headers["Cache-Control"] == "private, no-cache"
        with Image.open(io.BytesIO(picture.data)) as opened:
            assert opened.format == "JPEG"
            assert not opened.getexif()
        again = officer.client.get(each, headers={"If-None-Match": picture.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_only_who_may_read_the_post_sees_its_picture(
    officer: Visitor, press: Visitor, visitor: Visitor, engage: Engage
) -> None:
    address = with_a_picture(officer)
    picture = shown_in(officer.page)[0]
    other = Visitor(create_app(engage).test_client()).signed_in("pc.byrne")
    assert other.client.get(picture).status_code == 403
    assert visitor.client.get(picture).status_code == 302
    assert press.client.get(picture).status_code == 200
    another = draft(officer).replace("drafts", "posts")
    hash_ = picture.rpartition("/")[2]
    assert officer.client.get(f"{another}/pictures/{hash_}").status_code == 404
    other.open(f"{address}/pictures/new", expect=403)


def test_the_policy_is_asked_about_the_picture(officer: Visitor) -> None:
    address = draft(officer)
    attach(officer, address, alt="Picture of a bike", people="unknown", licence="unknown")
    officer.open(address)
    assert "does not describe the image" in officer.text
    assert "The licence of the image is not recorded." in officer.text
    assert "The people in the image have not consented." in officer.text
    change(officer, address, "submit", expect=422)
    one = re.findall(r'value="picture:([0-9a-f]{64})"', officer.page)[0]
    officer.open(f"{address}/pictures/{one}")
    fields = {"alt": ALT, "version": officer.hidden("version"), **ANSWERS}
    officer.send(f"{address}/pictures/{one}", **fields)
    assert "does not describe the image" not in officer.text
    change(officer, address, "submit")
    assert "Handed in" in officer.text


def test_an_invented_picture_is_blocked(officer: Visitor) -> None:
    with_a_picture(officer, origin="altered")
    assert "The image is synthetic or altered" in officer.text


def handed_in_with_a_picture(officer: Visitor) -> str:
    address = with_a_picture(officer)
    change(officer, address, "submit")
    return officer.address


def take_out(officer: Visitor, address: str) -> None:
    officer.open(address)
    one = re.findall(r'value="picture:([0-9a-f]{64})"', officer.page)[0]
    officer.open(f"{address}/pictures/{one}")
    officer.send(f"{address}/pictures/{one}/remove", version=officer.hidden("version"))


def describe_otherwise(officer: Visitor, address: str) -> None:
    officer.open(address)
    one = re.findall(r'value="picture:([0-9a-f]{64})"', officer.page)[0]
    officer.open(f"{address}/pictures/{one}")
    other = "A bicycle locked to a stand with a second lock through its front wheel."
    officer.send(
        f"{address}/pictures/{one}", **{"alt": other, "version": officer.hidden("version"), **ANSWERS}
    )


def add_another(officer: Visitor, address: str) -> None:
    attach(officer, address, a_photograph(colour="red"))


@pytest.mark.parametrize("act", [take_out, describe_otherwise, add_another])
def test_a_change_of_a_picture_or_its_description_takes_every_sign_off_away(
    officer: Visitor, press: Visitor, act: Callable[[Visitor, str], None]
) -> None:
    address = handed_in_with_a_picture(officer)
    read = press.open(address).hidden("having_read")
    assert "Signed off. It goes out now." in sign(press, address).text
    edit = address.replace("posts", "drafts")
    act(officer, edit)
    change(officer, edit, "submit")
    press.open(address)
    assert "Missing" in press.text
    press.send(f"{address}/approve", having_read=read, role="press_officer", expect=409)


def test_the_review_page_shows_the_picture_and_what_is_known_of_it(officer: Visitor, press: Visitor) -> None:
    address = handed_in_with_a_picture(officer)
    press.open(address)
    assert len(shown_in(press.page)) == 2
    assert "PC Okafor, Brockwell Park" in press.text
    assert "Yes, the force owns it" in press.text
    press.open(f"{address}/history")
    assert ALT in press.text


def test_what_was_never_signed_off_is_forgotten_when_it_is_taken_out(
    officer: Visitor, engage: Engage
) -> None:
    address = with_a_picture(officer)
    picture = shown_in(officer.page)[0]
    take_out(officer, address)
    assert shown_in(officer.page) == []
    assert officer.client.get(picture).status_code == 404
    with engage.transaction() as unit:
        assert unit.session.execute(text("SELECT count(*) FROM picture")).scalar_one() == 0


def test_four_pictures_and_no_fifth(officer: Visitor) -> None:
    address = draft(officer)
    for colour in ("red", "green", "blue", "black"):
        attach(officer, address, a_photograph(colour=colour))
    officer.open(address)
    assert "add a picture" not in officer.text
    attach(officer, address, a_photograph(colour="white"), expect=400)
    assert "at most 4 pictures" in officer.text


def a_lying_png() -> bytes:
    whole = encoded(Image.new("RGB", (400, 300), "navy"), "PNG")
    return whole[:60] + whole[-12:]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Choose a picture."),
        (b"not a picture", "This is not a picture that can be read."),
        (a_lying_png(), "This is not a picture that can be read."),
    ],
)
def test_what_is_no_picture_is_refused_beside_the_field_and_nothing_else_is_lost(
    officer: Visitor, content: bytes, said: str
) -> None:
    address = draft(officer)
    attach(officer, address, content, expect=400)
    assert said in officer.text
    assert "PC Okafor, Brockwell Park" in officer.page
    assert ALT in officer.page
    assert shown_in(officer.open(address).page) == []


def sent_at_once(somebody: Visitor, address: str, size: int) -> TestResponse:
    """A form of this many bytes, as the server first hears of it."""
    return somebody.client.post(
        address,
        input_stream=io.BytesIO(b"--x"),
        environ_overrides={"CONTENT_LENGTH": str(size)},
        content_type="multipart/form-data; boundary=x",
    )


def test_a_picture_of_60_mb_is_refused_with_what_to_do(officer: Visitor) -> None:
    answer = sent_at_once(officer, f"{draft(officer)}/pictures/new", 60_000_000)
    assert answer.status_code == 413
    assert "A picture may have up to 25 MB" in answer.text


def test_no_other_form_and_nobody_else_sends_more_than_a_page_of_words(
    officer: Visitor, visitor: Visitor
) -> None:
    address = draft(officer)
    assert sent_at_once(officer, address, 300_000).status_code == 413
    assert sent_at_once(visitor, f"{address}/pictures/new", 300_000).status_code == 302


def test_every_unanswered_question_is_named_at_once(officer: Visitor) -> None:
    address = draft(officer)
    attach(officer, address, expect=400, alt=" ", type="", people="purpose")
    assert "Describe the picture for people who cannot see it." in officer.text
    assert "What does it show? Choose one." in officer.text
    assert "Say which policing purpose it serves" in officer.text


def test_an_auditor_sees_pictures_and_changes_none(officer: Visitor, engage: Engage) -> None:
    address = handed_in_with_a_picture(officer)
    auditor = Visitor(create_app(engage).test_client()).signed_in("audit.lin")
    auditor.open(address)
    assert len(shown_in(auditor.page)) == 2
    auditor.open(f"{address.replace('posts', 'drafts')}/pictures/new", expect=403)


def test_a_post_by_hand_is_handed_over_with_its_picture(
    officer: Visitor, press: Visitor, engage: Engage
) -> None:
    by_hand_on_nextdoor(engage)
    address = draft(officer, platforms=["nextdoor"])
    attach(officer, address)
    change(officer, address, "submit")
    sign(press, officer.address)
    hand_over(engage)
    press.open("/deliveries")
    [bundle] = re.findall(r'href="(/deliveries/[^"]+/bundle)"', press.page)
    with zipfile.ZipFile(io.BytesIO(press.client.get(bundle).data)) as archive:
        assert archive.namelist() == ["post.txt", "picture-1.jpg", "picture-1-alt.txt"]
        with engage.transaction() as unit:
            picture = unit.posts.get(UUID(address.rpartition("/")[2])).variants[0].media[0]
        assert hashlib.sha256(archive.read("picture-1.jpg")).hexdigest() == picture.sha256
        assert archive.read("picture-1-alt.txt").decode() == ALT
    with engage.transaction() as unit:
        unit.session.execute(text("DELETE FROM picture"))
    press.open(bundle, expect=409)
    assert "Picture 1 is not kept any more" in press.text


def test_a_pixel_is_no_picture_and_a_thumbnail_is_said_to_look_coarse(officer: Visitor) -> None:
    address = draft(officer)
    attach(officer, address, a_photograph(size=(1, 1)), expect=400)
    assert "The picture has 1 by 1 pixels: nobody could make anything out on it." in officer.text
    attach(officer, address, a_photograph(size=(120, 90)))
    assert "It has only 120 by 90 pixels, and looks coarse on a screen." in officer.text
