"""The pictures of a post as its pages list them: what is said of each to people who cannot see it, and what is known."""

from dataclasses import dataclass

from engage.drafting.picture_questions import said
from engage.drafting.pictures import answers_about, originals, shown_as
from engage.posts.post import Post


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPicture:
    """One picture of a post. `sha256` is one of the forms it is posted in; `known` are (question, answer)."""

    number: int
    original: str
    sha256: str
    alt: str
    known: tuple[tuple[str, str], ...]


def shown_pictures(post: Post) -> tuple[ShownPicture, ...]:
    """A post's pictures in the order they are shown."""
    return tuple(
        ShownPicture(
            number=number,
            original=original,
            sha256=shown_as(post, original).sha256,
            alt=shown_as(post, original).alt,
            known=said(answers_about(post, original)),
        )
        for number, original in enumerate(originals(post), start=1)
    )
