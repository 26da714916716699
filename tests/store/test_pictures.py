"""Pictures are kept once, by the hash of their bytes, and forgotten when nothing carries them any more."""

from dataclasses import replace
from uuid import UUID, uuid4

from cryptography.fernet import Fernet
from sqlalchemy import Engine

from engage.posts.kinds import Kind, Platform
from engage.posts.post import Media, Post, Variant
from engage.store.unit import transaction
from engage.store.vault import Vault
from tests.pictures import UPLOADED, kept


def a_draft(*media: Media) -> Post:
    return Post(
        id=uuid4(),
        kind=Kind.PREVENTION,
        borough="Camden",
        variants=(Variant(platform=Platform.X, account="MPSCamden", parts=("Lock it.",), media=media),),
        writers=frozenset({"pc.khan"}),
        created_by="pc.khan",
        created_at=UPLOADED,
    )


def shown_by_a_draft(engine: Engine) -> tuple[Media, UUID]:
    with transaction(engine) as unit:
        picture = kept(unit)
        post = a_draft(picture)
        unit.posts.add(post)
    return picture, post.id


def taken_out(engine: Engine, post_id: UUID) -> None:
    with transaction(engine) as unit:
        post = unit.posts.for_change(post_id)
        unit.posts.save(replace(post, variants=a_draft().variants))


def test_the_same_bytes_are_kept_once_under_who_uploaded_them_first(engine: Engine) -> None:
    with transaction(engine) as unit:
        first = kept(unit)
        again = unit.pictures.known([first.sha256])[first.sha256]
        unit.pictures.keep(replace(again, uploaded_by="pc.other"), b"never written")
        content = unit.pictures.content(first.sha256)
        assert content
        assert content.startswith(b"\x89PNG")
        assert unit.pictures.known([first.sha256, "no such"]) == {first.sha256: again}
    assert again.uploaded_by == "pc.khan"
    assert again.to_json()["uploaded_at"] == UPLOADED.isoformat()


def test_a_picture_nothing_shows_any_more_is_forgotten(engine: Engine) -> None:
    picture, post_id = shown_by_a_draft(engine)
    with transaction(engine) as unit:
        assert unit.pictures.forget_unused([picture.sha256]) == 0
    taken_out(engine, post_id)
    with transaction(engine) as unit:
        assert unit.pictures.forget_unused([picture.sha256]) == 1
        assert unit.pictures.content(picture.sha256) is None


def test_a_picture_that_another_post_shows_stays(engine: Engine) -> None:
    picture, post_id = shown_by_a_draft(engine)
    shown_by_a_draft(engine)
    taken_out(engine, post_id)
    with transaction(engine) as unit:
        assert unit.pictures.forget_unused([picture.sha256]) == 0


def test_what_was_ever_signed_off_stays_for_the_record(engine: Engine) -> None:
    with transaction(engine, Vault(Fernet.generate_key().decode())) as unit:
        unit.accounts.add(Platform.X, "MPSCamden", credentials={})
        picture = kept(unit)
        post = a_draft(picture)
        unit.posts.add(post)
        unit.outbox.plan(post, due_at=UPLOADED, latest=UPLOADED, now=UPLOADED)
        unit.outbox.recall(post.id, why="words changed", now=UPLOADED)
    taken_out(engine, post.id)
    with transaction(engine) as unit:
        assert unit.pictures.forget_unused([picture.sha256]) == 0
        [delivery] = unit.deliveries.for_post(post.id)
        assert delivery.media == (picture,)
