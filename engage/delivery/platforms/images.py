"""Pictures as they will be posted: decoded, turned upright, stripped of all they carry, and encoded anew.

Nothing of the file that came in survives but its pixels: no EXIF, no GPS position, no thumbnail, no
colour profile, no trailing bytes. Files that would fill the memory are refused before they are decoded.
"""

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps

from engage.delivery.ports import Limits
from engage.posts.errors import BadInput

UPLOAD_BYTES = 25_000_000
UPLOAD_PIXELS = 50_000_000
"""A 50-megapixel picture takes 200 MB while it is worked on."""
_FORMATS = ("JPEG", "PNG", "WEBP")
_QUALITIES = (90, 82, 74)
_SHRINK = 0.8
_SMALLEST_SIDE = 200
_REMEDY = "Save it again as a JPEG or PNG, or choose another picture."


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it will be posted: bytes, MIME type ("image/jpeg" or "image/png"), pixels."""

    content: bytes
    content_type: str
    width: int
    height: int


def fitted(content: bytes, *, limits: Limits, where: str = "picture") -> Picture:
    """A picture re-encoded to fit a platform; the same bytes in give the same bytes out.

    `where` names the file or field in a refusal. BadInput for what is not a JPEG, PNG or WebP picture,
    is cut short, moves, is larger than 25 MB or 50 million pixels, or cannot be made to fit.
    """
    if len(content) > UPLOAD_BYTES:
        size = f"{len(content) / 1e6:.0f} MB; at most {UPLOAD_BYTES / 1e6:.0f} MB can be used"
        raise BadInput(f"The picture has {size}.", where=where, remedy="Make it smaller first.")
    keep_lossless = content.startswith(b"\x89PNG")
    for pixels in _ever_smaller(_within(_decoded(content, where), limits.picture_pixels)):
        for encoded, content_type in _encodings(pixels, lossless=keep_lossless):
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


def _decoded(content: bytes, where: str) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
                _refuse_too_large(picture, where)
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
    if getattr(picture, "n_frames", 1) > 1:
        raise BadInput("A moving picture cannot be posted.", where=where, remedy=_REMEDY)


def _too_large(where: str) -> BadInput:
    return BadInput(
        f"The picture has more than {UPLOAD_PIXELS // 1_000_000} million pixels.",
        where=where,
        remedy="Make it smaller first.",
    )


def _plain(picture: Image.Image) -> Image.Image:
    """Upright pixels in sRGB, in a new picture that carries nothing else."""
    profile = picture.info.get("icc_profile")
    upright = ImageOps.exif_transpose(picture)
    pixels = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    if profile and upright.mode in {"RGB", "RGBA"}:
        pixels = _in_srgb(pixels, profile)
    pixels.info = {}
    return pixels


def _in_srgb(pixels: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(pixels, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return pixels  # A broken profile: the colours stay as the pixels say.
    return converted or pixels


def _within(pixels: Image.Image, most: int) -> Image.Image:
    if pixels.width * pixels.height <= most:
        return pixels
    scale = (most / (pixels.width * pixels.height)) ** 0.5
    size = max(1, int(pixels.width * scale)), max(1, int(pixels.height * scale))
    return pixels.resize(size, Image.Resampling.LANCZOS)


def _encodings(pixels: Image.Image, *, lossless: bool) -> Iterator[tuple[bytes, str]]:
    """Candidates, best first: PNG for drawings and posters, then JPEG on white in falling quality."""
    if lossless:
        yield _encoded(pixels, "PNG", optimize=True), "image/png"
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
