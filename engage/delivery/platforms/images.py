"""Pictures as they will be posted: decoded, turned upright, stripped of all they carry, and encoded anew.

Nothing of the file that came in survives but its pixels: no EXIF, no GPS position, no thumbnail, no
colour profile, no trailing bytes. Files that would fill the memory are refused before they are decoded.
"""

import io
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps

from engage.delivery.ports import Limits
from engage.posts.errors import BadInput

UPLOAD_BYTES = 25_000_000
UPLOAD_PIXELS = 50_000_000
"""A 50-megapixel PNG takes 400 MB while it is worked on; a JPEG of that size 150 MB."""
LONGEST_SIDE = 4096
POSTED_PIXELS = 3840 * 2160
"""What a screen of the finest common kind shows; no platform shows more of a picture."""
_FORMATS = ("JPEG", "PNG", "WEBP")
_WITH_COMPANIONS = "MPO"
"""A JPEG of many telephones: the photograph, then others that belong to it (its depth, its brightness), never posted."""
_QUALITIES = (90, 82, 74)
_SHRINK = 0.8
_SMALLEST_SIDE = 200
LEAST_SIDE = 50
"""Below it nobody makes out a face or a number plate; X alone documents a least size, of 4 pixels."""
LONGEST_STRIP = 10
"""How many times as long as wide a picture may be: in what people look at, more is a line."""
_FEW_PIXELS = 200
_LONG_STRIP = 3
"""Feeds cut what is longer to about this; Instagram takes nothing beyond 1.91 to 1."""
_MOST_SCANS = 100
"""A progressive JPEG has about ten; each costs a pass over the whole picture, so a file of thousands takes hours."""
_SCAN = b"\xff\xda"
_APPLE_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")
_REMEDY = "Save it again as a JPEG or PNG, or choose another picture."


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it will be posted: bytes, MIME type ("image/jpeg" or "image/png"), pixels."""

    content: bytes
    content_type: str
    width: int
    height: int

    @property
    def concern(self) -> str:
        """What is to be said to who attaches it, though it may be posted; empty for most pictures."""
        longer, shorter = max(self.width, self.height), min(self.width, self.height)
        if shorter < _FEW_PIXELS:
            return (
                f"It has only {self._size}, and looks coarse on a screen. If there is a larger one, use that."
            )
        if longer > _LONG_STRIP * shorter:
            return f"It is a long strip ({self._size}), of which platforms may show the middle only."
        return ""

    @property
    def _size(self) -> str:
        return _in_pixels(self.width, self.height)


def fitted(content: bytes, *, limits: Limits, where: str = "picture") -> Picture:
    """A picture re-encoded to fit one platform; see `each_fitted`."""
    [picture] = each_fitted(content, limits=[limits], where=where)
    return picture


def each_fitted(content: bytes, *, limits: Sequence[Limits], where: str = "picture") -> list[Picture]:
    """A picture re-encoded to fit each platform, in order; the same bytes in give the same bytes out.

    A PNG stays one unless it takes more than a byte for each pixel, as photographs do. `where` names the
    file or field in a refusal. BadInput for what is not a JPEG, PNG or WebP picture,
    is cut short, moves, is larger than 25 MB or 50 million pixels, too small or too narrow for anybody to
    make anything out, or cannot be made to fit.
    """
    if len(content) > UPLOAD_BYTES:
        size = f"{len(content) / 1e6:.0f} MB; at most {UPLOAD_BYTES / 1e6:.0f} MB can be used"
        raise BadInput(f"The picture has {size}.", where=where, remedy="Make it smaller first.")
    _refuse_unread(content, where)
    largest = min(POSTED_PIXELS, max(each.picture_pixels for each in limits))
    decoded = _decoded(content, where, most=largest)
    lossless = content.startswith(b"\x89PNG") and len(content) < decoded.width * decoded.height
    pixels = _within(decoded, largest)
    return [_fitting(pixels, each, lossless=lossless, where=where) for each in limits]


def _refuse_unread(content: bytes, where: str) -> None:
    """What no decoder need be shown."""
    if content[4:8] == b"ftyp" and content[8:12] in _APPLE_BRANDS:
        raise BadInput(
            "This is a HEIC picture, which platforms do not take.",
            where=where,
            remedy="On an iPhone choose Settings, Camera, Formats, Most Compatible, or save it as a JPEG.",
        )
    if content.startswith(b"\xff\xd8") and content.count(_SCAN) > _MOST_SCANS:
        raise BadInput("This is not a picture that can be read.", where=where, remedy=_REMEDY)


def _fitting(whole: Image.Image, limits: Limits, *, lossless: bool, where: str) -> Picture:
    for pixels in _ever_smaller(_within(whole, limits.picture_pixels)):
        for encoded, content_type in _encodings(pixels, lossless=lossless):
            if len(encoded) <= limits.picture_bytes:
                return Picture(encoded, content_type, *pixels.size)
    raise BadInput(
        f"The picture does not fit in {limits.picture_bytes:,} bytes.", where=where, remedy=_REMEDY
    )


def _ever_smaller(pixels: Image.Image) -> Iterator[Image.Image]:
    """The picture, then smaller ones, down to what can still be made out."""
    yield pixels
    while min(pixels.size) * _SHRINK >= _SMALLEST_SIDE:
        pixels = pixels.resize((int(pixels.width * _SHRINK), int(pixels.height * _SHRINK)))
        yield pixels


def _decoded(content: bytes, where: str, *, most: int) -> Image.Image:
    """The picture's pixels; of a JPEG with far more than `most`, a half or a quarter of each side is decoded."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
                _refuse_too_large(picture, where)
                scale = (most / (picture.width * picture.height)) ** 0.5
                picture.draft(None, (int(picture.width * scale), int(picture.height * scale)))
                picture.load()
                return _plain(picture)
    except BadInput:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(where) from error
    except Exception as error:  # decoders raise many kinds for a broken file
        raise BadInput("This is not a picture that can be read.", where=where, remedy=_REMEDY) from error


def _refuse_too_large(picture: Image.Image, where: str) -> None:
    """Judge by the header, before any pixel is decoded."""
    if picture.width * picture.height > UPLOAD_PIXELS:
        raise _too_large(where)
    if getattr(picture, "n_frames", 1) > 1 and picture.format != _WITH_COMPANIONS:
        raise BadInput("A moving picture cannot be posted.", where=where, remedy=_REMEDY)
    longer, shorter = max(picture.size), min(picture.size)
    if shorter < LEAST_SIDE or longer > LONGEST_STRIP * shorter:
        raise BadInput(
            f"The picture has {_in_pixels(*picture.size)}: nobody could make anything out on it.",
            where=where,
            remedy=f"Use one with at least {LEAST_SIDE} pixels on each side, and no longer than {LONGEST_STRIP} times its width.",
        )


def _in_pixels(width: int, height: int) -> str:
    return f"{width:,} by {height:,} pixels"


def _too_large(where: str) -> BadInput:
    return BadInput(
        f"The picture has more than {UPLOAD_PIXELS // 1_000_000} million pixels.",
        where=where,
        remedy="Make it smaller first.",
    )


def _plain(picture: Image.Image) -> Image.Image:
    """Upright pixels in sRGB, in a new picture that carries nothing else."""
    profile = picture.info.get("icc_profile")
    was_rgb = picture.mode in {"RGB", "RGBA"}
    ImageOps.exif_transpose(picture, in_place=True)
    pixels = Image.new("RGBA" if picture.has_transparency_data else "RGB", picture.size)
    pixels.paste(picture if was_rgb else picture.convert(pixels.mode))
    return _in_srgb(pixels, profile) if profile and was_rgb else pixels


def _in_srgb(pixels: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(pixels, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return pixels  # A broken profile: the colours stay as the pixels say.
    return converted or pixels


def _within(pixels: Image.Image, most: int) -> Image.Image:
    scale = min((most / (pixels.width * pixels.height)) ** 0.5, LONGEST_SIDE / max(pixels.size))
    if scale >= 1:
        return pixels
    size = max(1, int(pixels.width * scale)), max(1, int(pixels.height * scale))
    return pixels.resize(size, Image.Resampling.LANCZOS)


def _encodings(pixels: Image.Image, *, lossless: bool) -> Iterator[tuple[bytes, str]]:
    """Candidates, best first: PNG for posters, then JPEG on white in falling quality."""
    if lossless:
        yield _encoded(pixels, "PNG"), "image/png"
    opaque = _on_white(pixels) if pixels.mode == "RGBA" else pixels
    for quality in _QUALITIES:
        yield _encoded(opaque, "JPEG", quality=quality, optimize=True), "image/jpeg"


def _on_white(pixels: Image.Image) -> Image.Image:
    opaque = Image.new("RGB", pixels.size, "white")
    opaque.paste(pixels, mask=pixels.getchannel("A"))
    return opaque


def _encoded(pixels: Image.Image, format_name: str, **options: object) -> bytes:
    made = io.BytesIO()
    pixels.save(made, format_name, **options)
    return made.getvalue()
