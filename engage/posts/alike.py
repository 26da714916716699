"""Posts whose words differ in nothing but the borough's name, so that a person reads them once.

Nothing is lost: the words of each are the shared ones with its borough's name between the pieces.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engage.posts.kinds import Platform
from engage.posts.post import Media, Post


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedWords:
    """What every post of a group says on some platforms: each part in pieces, the borough's name between them."""

    platforms: tuple[Platform, ...]
    parts: tuple[tuple[str, ...], ...]
    media: tuple[Media, ...] = ()

    def of(self, borough: str) -> tuple[str, ...]:
        """The exact words of one borough's post, part by part."""
        return tuple(borough.join(pieces) for pieces in self.parts)

    @property
    def name_borough(self) -> bool:
        """Whether the borough's name is anywhere in them."""
        return any(len(pieces) > 1 for pieces in self.parts)


Words = tuple[SharedWords, ...]


def shared_words(post: Post) -> Words:
    """A post's words without its borough's name; platforms that show the same words are put together."""
    found: dict[tuple[tuple[tuple[str, ...], ...], tuple[Media, ...]], list[Platform]] = {}
    for variant in post.variants:
        pieces = tuple(tuple(part.split(post.borough)) for part in variant.parts)
        found.setdefault((pieces, variant.media), []).append(variant.platform)
    return tuple(
        SharedWords(platforms=tuple(where), parts=parts, media=media)
        for (parts, media), where in found.items()
    )


def alike(posts: Iterable[Post]) -> Mapping[Words, Sequence[Post]]:
    """The posts by what they share, in the order they come in."""
    groups: dict[Words, list[Post]] = {}
    for post in posts:
        groups.setdefault(shared_words(post), []).append(post)
    return groups
