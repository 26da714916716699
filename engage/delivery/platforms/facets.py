"""Where the links and hashtags of a Bluesky post are: by byte offset into its UTF-8 text.

Bluesky finds nothing by itself: a link that is not marked is plain text.
"""

import re
from collections.abc import Iterator
from typing import Any

_LINK = re.compile(r"https?://[^\s<>\"]+")
_HASHTAG = re.compile(r"(?<!\S)#([^\s#.,;:!?()]*[^\W\d_][^\s#.,;:!?()]*)")
_TRAILING = ".,;:!?'\N{RIGHT SINGLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"


def facets(text: str) -> list[dict[str, Any]]:
    """The facets of a text in order, as `app.bsky.richtext.facet` has them."""
    found = [*_links(text), *_hashtags(text)]
    return [
        _facet(text, start, end, feature) for start, end, feature in sorted(found, key=lambda each: each[0])
    ]


def _links(text: str) -> Iterator[tuple[int, int, dict[str, str]]]:
    for match in _LINK.finditer(text):
        link = match[0].rstrip(_TRAILING)
        if link.endswith(")") and "(" not in link:
            link = link[:-1].rstrip(_TRAILING)
        yield match.start(), match.start() + len(link), {"$type": "app.bsky.richtext.facet#link", "uri": link}


def _hashtags(text: str) -> Iterator[tuple[int, int, dict[str, str]]]:
    for match in _HASHTAG.finditer(text):
        yield match.start(), match.end(), {"$type": "app.bsky.richtext.facet#tag", "tag": match[1]}


def _facet(text: str, start: int, end: int, feature: dict[str, str]) -> dict[str, Any]:
    index = {"byteStart": len(text[:start].encode()), "byteEnd": len(text[:end].encode())}
    return {"$type": "app.bsky.richtext.facet", "index": index, "features": [feature]}
