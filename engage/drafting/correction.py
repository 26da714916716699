"""A correction is bound to the post it corrects, and the public can get from one to the other.

Where a platform lets a post answer another, the correction is sent as an answer; elsewhere its words carry
the address. Either way the words signed off say all that the public will read.
"""

from collections.abc import Mapping
from dataclasses import replace

from engage.posts.errors import BadInput
from engage.posts.kinds import Kind, Platform
from engage.posts.post import Post, Variant


def correcting(post: Post, original: Post, *, reason: str, addresses: Mapping[Platform, str]) -> Post:
    """A new correction as one of `original`, which is public at these addresses.

    `reason` is why it has to be corrected, for the record. Raises BadInput where the post is no
    correction, the original was never public, or no reason is given.
    """
    if post.kind is not Kind.CORRECTION:
        raise BadInput("only a correction corrects a post.", where="corrects")
    if not addresses:
        raise BadInput(
            "that post was never public.", where="corrects", remedy="Change its words, or withdraw it."
        )
    if not reason.strip():
        raise BadInput("say why the post has to be corrected; it stays on record.", where="correction-reason")
    recorded = {"reason": reason.strip(), "original_post": str(original.id)}
    return replace(
        post,
        corrects=original.id,
        variants=tuple(_linked(each, addresses.get(each.platform)) for each in post.variants),
        context={**post.context, "corrects": str(original.id), "correction": recorded},
    )


def _linked(variant: Variant, address: str | None) -> Variant:
    """The variant with the address of what it corrects, where it cannot answer it."""
    if address is None or variant.platform.takes_answers:
        return variant
    *before, last = variant.parts
    return replace(variant, parts=(*before, f"{last}\n\nThe post this corrects: {address}"))
