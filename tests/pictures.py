"""Pictures for tests: as a phone takes them, and kept as they would be posted."""

import hashlib
import io
from datetime import UTC, datetime

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from engage.posts.post import Media
from engage.store.pictures import KeptPicture
from engage.store.unit import Unit

ALT = "A D-lock through the frame and both wheels of a bicycle."
UPLOADED = datetime(2026, 10, 3, 9, 30, tzinfo=UTC)
TELLTALE = b"TELLTALE"


def encoded(picture: Image.Image, format_name: str, **options: object) -> bytes:
    """A picture as the bytes of a file."""
    made = io.BytesIO()
    picture.save(made, format_name, **options)
    return made.getvalue()


def a_photograph(*, size: tuple[int, int] = (400, 300), rotated: bool = False, colour: str = "teal") -> bytes:
    """A JPEG with a position, a camera's name and a comment, as a phone makes it."""
    exif = Image.Exif()
    exif[0x010F] = "TELLTALE CAMERA"
    exif[0x0112] = 6 if rotated else 1
    exif.get_ifd(0x8825).update({1: "N", 2: (IFDRational(51), IFDRational(32), IFDRational(19)), 3: "W"})
    return encoded(Image.new("RGB", size, colour), "JPEG", exif=exif, comment=b"TELLTALE COMMENT")


def kept(unit: Unit, *, colour: str = "navy", alt: str = ALT) -> Media:
    """A picture in the store, as a variant carries it."""
    content = encoded(Image.new("RGB", (40, 30), colour), "PNG")
    sha256 = hashlib.sha256(content).hexdigest()
    original = hashlib.sha256(colour.encode()).hexdigest()
    unit.pictures.keep(
        KeptPicture(
            sha256=sha256,
            content_type="image/png",
            width=40,
            height=30,
            bytes=len(content),
            original=original,
            uploaded_by="pc.khan",
            uploaded_at=UPLOADED,
        ),
        content,
    )
    return Media(sha256=sha256, content_type="image/png", alt=alt, original=original)
