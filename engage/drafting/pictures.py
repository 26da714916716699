"""The pictures of a post: attached to every variant that takes them, described, taken out again."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from engage.drafting.picture_questions import Answers
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform
from engage.posts.post import Media, Post, Variant, normalised

PICTURES = "pictures"
"""Where a post's context keeps what was answered about its pictures, by the hash of each original."""
MOST = 4
"""As many as every platform takes."""
LONGEST_ALT = 1_000
"""Characters of alt text that every platform takes."""


def originals(post: Post) -> tuple[str, ...]:
    """The pictures of a post by the hash of their originals, in the order they are shown."""
    return tuple(dict.fromkeys(each.original for variant in post.variants for each in variant.media))


def shown_as(post: Post, original: str) -> Media:
    """One of the forms in which a post shows a picture. Raises BadInput where it does not."""
    media = (each for variant in post.variants for each in variant.media)
    found = next((each for each in media if each.original == original), None)
    if found is None:
        raise BadInput("that picture is not attached to this post any more.", where="picture")
    return found


def answers_about(post: Post, original: str) -> Answers:
    """What was answered about a picture of a post."""
    answers: Answers = (post.context.get(PICTURES) or {}).get(original) or {}
    return answers


def description(text: str) -> str:
    """An alt text as it will be posted. Raises BadInput where it is empty or too long for a platform."""
    words = normalised(text)
    if not words:
        raise BadInput("Describe the picture for people who cannot see it.", where="alt")
    if len(words) > LONGEST_ALT:
        raise BadInput(
            f"The description has {len(words):,} characters; at most {LONGEST_ALT:,} can be posted.",
            where="alt",
        )
    return words


def attached(post: Post, media: Mapping[Platform, Media], answers: Answers) -> Post:
    """The post with one more picture on each of these platforms; one attached before is replaced where it stands.

    `media` is the same original, encoded for each platform. Raises BadInput where there is no more room.
    """
    [original] = {each.original for each in media.values()}
    if len({*originals(post), original}) > MOST:
        raise BadInput(
            f"A post takes at most {MOST} pictures.", where="picture", remedy="Take one out first."
        )
    variants = (
        _with(each, media[each.platform]) if each.platform in media else each for each in post.variants
    )
    return _recorded(replace(post, variants=tuple(variants)), original, answers)


def described(post: Post, original: str, *, alt: str, answers: Answers) -> Post:
    """The post with other words for a picture and other answers about it."""
    shown_as(post, original)
    changed = (
        tuple(replace(each, alt=alt) if each.original == original else each for each in variant.media)
        for variant in post.variants
    )
    return _recorded(_showing(post, changed), original, answers)


def without(post: Post, original: str) -> Post:
    """The post without a picture, and without what was answered about it."""
    shown_as(post, original)
    left = (tuple(each for each in variant.media if each.original != original) for variant in post.variants)
    changed = _showing(post, left)
    known = {name: value for name, value in (post.context.get(PICTURES) or {}).items() if name != original}
    return replace(changed, context={**post.context, PICTURES: known})


def _with(variant: Variant, picture: Media) -> Variant:
    if any(each.original == picture.original for each in variant.media):
        media = tuple(picture if each.original == picture.original else each for each in variant.media)
    else:
        media = (*variant.media, picture)
    return replace(variant, media=media)


def _showing(post: Post, media: Iterable[tuple[Media, ...]]) -> Post:
    variants = tuple(replace(variant, media=each) for variant, each in zip(post.variants, media, strict=True))
    return replace(post, variants=variants)


def _recorded(post: Post, original: str, answers: Answers) -> Post:
    known = {**(post.context.get(PICTURES) or {}), original: dict(answers)}
    return replace(post, context={**post.context, PICTURES: known})
