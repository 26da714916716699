"""Posting by hand: the approved words byte for byte, and a link that confirms."""

import io
import zipfile

from engage.delivery.platforms import adapter_for
from engage.delivery.platforms.export import bundle
from engage.posts.kinds import Platform
from tests.delivery.platforms.rigs import a_picture, a_post


def test_the_bundle_holds_the_words_byte_for_byte_and_each_picture_with_its_alt_text() -> None:
    words = "Bike marking at Swiss Cottage — “free” & open to all\nSaturday, 10:00"
    adapter = adapter_for(Platform.NEXTDOOR, base_urls={})
    outgoing = a_post(adapter, text=words, media=(a_picture("A marked bicycle."),))
    with zipfile.ZipFile(io.BytesIO(bundle(outgoing))) as archive:
        assert archive.namelist() == ["post.txt", "picture-1.png", "picture-1-alt.txt"]
        assert archive.read("post.txt").decode() == words
        assert archive.read("picture-1.png") == outgoing.media[0].content
        assert archive.read("picture-1-alt.txt").decode() == "A marked bicycle."
    assert bundle(outgoing) == bundle(outgoing)
