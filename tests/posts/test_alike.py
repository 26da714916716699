"""Words that differ in nothing but the borough's name are read once, and each post's own come back exactly."""

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from engage.posts.alike import alike, shared_words
from engage.posts.kinds import Kind, Platform
from engage.posts.places import BOROUGHS
from engage.posts.post import Media, Post, Variant
from tests.posts.test_post import NOON

NAMES = [place.name for place in BOROUGHS]


def a_post(borough: str, *texts: str, number: int = 1) -> Post:
    platforms = (Platform.X, Platform.MASTODON, Platform.FACEBOOK)
    return Post(
        id=UUID(int=number),
        kind=Kind.PREVENTION,
        borough=borough,
        variants=tuple(
            Variant(platform=platform, account=f"{borough}-{platform.value}", parts=(text,))
            for platform, text in zip(platforms, texts, strict=False)
        ),
        writers=frozenset({"press.lee"}),
        created_by="press.lee",
        created_at=NOON,
    )


def test_posts_are_together_where_only_the_name_differs_and_apart_where_anything_else_does() -> None:
    brent, camden = (a_post(name, f"Bikes in {name}? {name} locks.") for name in ("Brent", "Camden"))
    other = a_post("Ealing", "Bikes in Ealing? Ealing locks!")
    groups = list(alike([brent, camden, other]).values())
    assert groups == [[brent, camden], [other]]


def test_platforms_that_show_the_same_words_are_put_together() -> None:
    (short, long) = shared_words(a_post("Brent", "Short in Brent", "Short in Brent", "Long in Brent"))
    assert short.platforms == (Platform.X, Platform.MASTODON)
    assert long.platforms == (Platform.FACEBOOK,)
    assert short.name_borough


def test_a_picture_keeps_posts_apart() -> None:
    plain = a_post("Brent", "Bikes in Brent")
    shown = Media(sha256="a" * 64, content_type="image/jpeg", alt="A lock", original="b" * 64)
    pictured = replace(
        a_post("Camden", "Bikes in Camden"),
        variants=(replace(a_post("Camden", "Bikes in Camden").variants[0], media=(shown,)),),
    )
    assert len(alike([plain, pictured])) == 2


@given(
    st.lists(
        st.tuples(
            st.sampled_from(NAMES),
            st.lists(st.one_of(st.text(max_size=12), st.sampled_from(NAMES)), max_size=5),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_nothing_is_lost_whatever_the_words(drawn: list[tuple[str, list[str]]]) -> None:
    """A page that shows the shared words and a borough's name has shown that borough's exact words."""
    posts = [a_post(name, " ".join(words), number=number) for number, (name, words) in enumerate(drawn)]
    for words, members in alike(posts).items():
        for post in members:
            (shared,) = words
            assert shared.of(post.borough) == post.variants[0].parts
