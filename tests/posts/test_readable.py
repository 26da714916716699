"""What may stand in a post is what its reader sees, and no more of it than can be judged."""

import pytest

from engage.posts.errors import BadInput
from engage.posts.kinds import Platform
from engage.posts.post import Media, Variant
from engage.posts.readable import LONGEST, must_be_readable


def on_x(*parts: str, alt: str = "A street.") -> Variant:
    picture = Media(sha256="0" * 64, content_type="image/png", alt=alt, original="1" * 64)
    return Variant(platform=Platform.X, account="met_x", parts=parts, media=(picture,))


@pytest.mark.parametrize(
    "words",
    [
        "Two lines\nand a\ttab.",
        "👮🏽\u200d♀️ A woman as a police officer.",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏴󠁧󠁢󠁷󠁬󠁳󠁿",
        "می\u200cخواهم",  # noqa: RUF001 - Persian parts letters so
        "\U0001fae9 An emoji newer than this Python.",
        "x" * LONGEST,
    ],
)
def test_what_people_write_may_stand(words: str) -> None:
    must_be_readable([on_x(words)], {"case": {"offence": words}})


@pytest.mark.parametrize(
    "hidden", ["\x00", "\x1b", "\u200b", "\u200d", "\u202e", "\ufffe", "\ue000", "\U000e0067\U000e007f"]
)
def test_what_nobody_sees_is_refused_wherever_it_stands(hidden: str) -> None:
    words = f"near {hidden}here"
    with pytest.raises(BadInput, match="X: holds a character that cannot be seen"):
        must_be_readable([on_x("One.", words)], {})
    with pytest.raises(BadInput, match="X: holds a character that cannot be seen"):
        must_be_readable([on_x("One.", alt=words)], {})
    with pytest.raises(BadInput, match=r"pictures\.a: holds a character that cannot be seen"):
        must_be_readable([on_x("One.")], {"pictures": {"a": [1, words]}})


def test_the_parts_of_a_thread_are_no_longer_together_than_what_can_be_judged() -> None:
    with pytest.raises(BadInput, match="X: is longer than 100,000 characters"):
        must_be_readable([on_x("x" * LONGEST, "x")], {})


@pytest.mark.parametrize("platform", Platform)
def test_only_what_takes_threads_may_have_parts_for_the_rest_would_never_go(platform: Platform) -> None:
    thread = Variant(platform=platform, account="met", parts=("One.", "Two."))
    if platform.takes_answers:
        must_be_readable([thread], {})
        return
    with pytest.raises(BadInput, match=f"{platform.label}: has 2 parts, but takes no threads"):
        must_be_readable([thread], {})
