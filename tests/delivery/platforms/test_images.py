"""Pictures: nothing but their pixels goes out, and no file can fill the memory."""

import contextlib
import io
import struct
import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engage.delivery.platforms.images import LONGEST_SIDE, POSTED_PIXELS, UPLOAD_BYTES, each_fitted, fitted
from engage.delivery.ports import Limits
from engage.posts.errors import BadInput
from tests.pictures import a_photograph, encoded

LIMITS = Limits(
    characters=280, pictures=4, picture_bytes=1_000_000, picture_pixels=2000 * 2000, alt_characters=1_000
)


def test_no_position_camera_or_comment_survives() -> None:
    original = a_photograph()
    assert b"TELLTALE" in original
    picture = fitted(original, limits=LIMITS)
    assert b"TELLTALE" not in picture.content
    with Image.open(io.BytesIO(picture.content)) as opened:
        assert dict(opened.getexif()) == {}
        assert "comment" not in opened.info


def test_bytes_hidden_behind_the_picture_do_not_survive() -> None:
    picture = fitted(a_photograph() + b"TELLTALE ARCHIVE", limits=LIMITS)
    assert b"TELLTALE" not in picture.content


def test_text_inside_a_png_does_not_survive() -> None:
    original = encoded(Image.new("RGB", (60, 60)), "PNG")
    chunk = b"tEXt" + b"Author\x00TELLTALE OFFICER"
    hidden = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    assert b"TELLTALE" not in fitted(original[:33] + hidden + original[33:], limits=LIMITS).content


def test_a_picture_taken_sideways_stands_upright() -> None:
    picture = fitted(a_photograph(size=(400, 300), rotated=True), limits=LIMITS)
    assert (picture.width, picture.height) == (300, 400)


def test_a_large_picture_is_made_to_fit_in_pixels_and_bytes() -> None:
    noise = Image.effect_noise((3000, 2500), 90).convert("RGB")
    small = replace(LIMITS, picture_bytes=300_000)
    picture = fitted(encoded(noise, "JPEG", quality=95), limits=small)
    assert len(picture.content) <= 300_000
    assert picture.width * picture.height <= LIMITS.picture_pixels


def test_a_poster_stays_lossless_where_it_fits() -> None:
    poster = Image.new("RGBA", (300, 200), (0, 0, 120, 128))
    picture = fitted(encoded(poster, "PNG"), limits=LIMITS)
    assert picture.content_type == "image/png"
    with Image.open(io.BytesIO(picture.content)) as opened:
        assert opened.getpixel((5, 5)) == (0, 0, 120, 128)


def test_the_same_picture_always_gives_the_same_bytes() -> None:
    assert fitted(a_photograph(), limits=LIMITS) == fitted(a_photograph(), limits=LIMITS)


def test_each_platform_gets_what_fits_it_and_none_more_than_a_screen_shows() -> None:
    noise = Image.effect_noise((4800, 3600), 60).convert("RGB")
    wide = replace(LIMITS, picture_bytes=16_000_000, picture_pixels=33_177_600)
    for_wide, for_small = each_fitted(encoded(noise, "JPEG", quality=80), limits=[wide, LIMITS])
    assert LIMITS.picture_pixels < for_wide.width * for_wide.height <= POSTED_PIXELS
    assert for_small.width * for_small.height <= LIMITS.picture_pixels
    assert len(for_small.content) <= LIMITS.picture_bytes
    assert for_wide.width / for_wide.height == pytest.approx(4 / 3, abs=0.01)


def test_a_photograph_saved_as_png_goes_out_as_jpeg() -> None:
    noise = Image.effect_noise((300, 200), 120).convert("RGB")
    assert fitted(encoded(noise, "PNG"), limits=LIMITS).content_type == "image/jpeg"


def a_png_header(width: int, height: int, data: bytes = b"") -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(100_000, 100_000), (30_000, 2_000)])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(BadInput, match="million pixels"):
        fitted(a_png_header(*size), limits=LIMITS)


def test_a_panorama_has_no_side_longer_than_every_platform_takes() -> None:
    wide = replace(LIMITS, picture_pixels=33_177_600)
    picture = fitted(encoded(Image.new("RGB", (9000, 1000), "teal"), "JPEG"), limits=wide)
    assert (picture.width, picture.height) == (LONGEST_SIDE, 455)


@pytest.mark.parametrize("size", [(1, 1), (49, 600), (5000, 40), (5000, 400), (60, 700)])
def test_what_nobody_could_make_out_is_refused_with_its_size(size: tuple[int, int]) -> None:
    with pytest.raises(BadInput, match=f"{size[0]:,} by {size[1]:,} pixels: nobody could make anything out"):
        fitted(encoded(Image.new("RGB", size, "teal"), "JPEG"), limits=LIMITS)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ((80, 120), "only 80 by 120 pixels"),
        ((1200, 300), "a long strip"),
        ((300, 1200), "a long strip"),
        ((600, 200), ""),
        ((1200, 675), ""),
    ],
)
def test_who_attaches_a_coarse_picture_or_a_strip_is_told(size: tuple[int, int], said: str) -> None:
    concern = fitted(encoded(Image.new("RGB", size, "teal"), "JPEG"), limits=LIMITS).concern
    assert said in concern
    assert bool(said) == bool(concern)


def test_a_jpeg_of_endless_scans_is_refused_before_it_is_decoded() -> None:
    flat = encoded(Image.new("RGB", (64, 64), "white"), "JPEG", progressive=True)
    last = flat.rfind(b"\xff\xda")
    with pytest.raises(BadInput, match="not a picture that can be read"):
        fitted(flat[:-2] + flat[last:-2] * 200 + flat[-2:], limits=LIMITS)
    assert fitted(flat, limits=LIMITS).width == 64


def test_an_iphones_heic_is_refused_with_what_to_do() -> None:
    with pytest.raises(BadInput, match=r"HEIC.*Most Compatible"):
        fitted(b"\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1heic", limits=LIMITS)


def test_pixels_that_the_header_does_not_own_are_never_unpacked() -> None:
    whole = a_png_header(100, 100, bytes(30_100) + bytes(50_000_000))
    picture = fitted(whole, limits=LIMITS)
    assert (picture.width, picture.height) == (100, 100)


def test_a_png_that_lies_about_its_size_is_refused() -> None:
    with pytest.raises(BadInput, match="not a picture that can be read"):
        fitted(a_png_header(500, 500, b"too little"), limits=LIMITS)


def test_a_file_of_60_mb_is_refused_by_its_size_alone() -> None:
    with pytest.raises(BadInput, match=r"poster\.png.*60 MB; at most 25 MB"):
        fitted(bytes(60_000_000), limits=LIMITS, where="poster.png")
    assert UPLOAD_BYTES == 25_000_000


def test_a_moving_picture_is_refused() -> None:
    frames = [Image.new("RGB", (60, 60), colour) for colour in ("red", "blue")]
    moving = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    with pytest.raises(BadInput, match="moving"):
        fitted(moving, limits=LIMITS)


def test_of_a_telephones_jpeg_with_companions_the_photograph_alone_is_posted() -> None:
    photograph, depth = Image.new("RGB", (400, 300), "navy"), Image.new("RGB", (400, 300), "white")
    both = encoded(photograph, "MPO", save_all=True, append_images=[depth])
    with Image.open(io.BytesIO(both)) as opened:
        assert opened.format == "MPO"
    picture = fitted(both, limits=LIMITS)
    with Image.open(io.BytesIO(picture.content)) as posted:
        assert posted.format == "JPEG"
        assert posted.getpixel((200, 150)) == pytest.approx((0, 0, 128), abs=3)
    assert picture.content.count(b"\xff\xd8\xff") == 1


@pytest.mark.parametrize("format_name", ["GIF", "TIFF", "BMP"])
def test_only_jpeg_png_and_webp_are_opened(format_name: str) -> None:
    with pytest.raises(BadInput, match="not a picture"):
        fitted(encoded(Image.new("RGB", (60, 60)), format_name), limits=LIMITS)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 400), st.binary(min_size=1, max_size=12))
def test_a_damaged_file_is_a_picture_or_a_clear_no(place: int, damage: bytes) -> None:
    original = encoded(Image.new("RGB", (80, 60), "navy"), "PNG")
    damaged = original[:place] + damage + original[place + len(damage) :]
    with contextlib.suppress(BadInput):
        picture = fitted(damaged, limits=LIMITS)
        assert picture.width * picture.height <= LIMITS.picture_pixels
