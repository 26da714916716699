"""What people do with a post: write, submit, return, reject, schedule, approve, withdraw.

Each act reads as the procedure it is: take the post under lock, refuse what may not be, change the
state, write the record. All of it happens in the caller's transaction or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engage.posts.clock import show
from engage.posts.evidence import Evidence
from engage.posts.people import PRESS_OFFICE, Person, Role
from engage.posts.post import Post, Variant
from engage.posts.readable import must_be_readable
from engage.posts.states import IllegalMove, PostState
from engage.signoff.ports import Desk, SignOff
from engage.signoff.record import Entry
from engage.signoff.refusals import (
    BadTime,
    Blocked,
    NotNeeded,
    NotYours,
    OwnWork,
    WordsChanged,
)
from engage.signoff.ruling import Ruling

_READING = timedelta(minutes=1)
"""How long after its time a post may still be signed as if it were not late."""

SYSTEM = "engage"
"""The actor of what nobody did: a lapse, a change of the world."""


def create(desk: Desk, post: Post, *, by: Person) -> Post:
    """Keep a new draft of this person's, for a borough of theirs. Raises BadInput for what cannot be read."""
    _must_draft_for(by, post.borough)
    must_be_readable(post.variants, post.context)
    desk.posts.add(post)
    _write(desk, post, by.id, "drafted", kind=post.kind.value, borough=post.borough, template=post.template)
    return post


def edit(
    desk: Desk,
    post_id: UUID,
    *,
    by: Person,
    version: int,
    variants: Sequence[Variant],
    context: Mapping[str, Any],
    evidence: Sequence[Evidence] | None = None,
) -> Post:
    """Change the words or what is recorded with them; every sign-off falls.

    Raises WordsChanged where somebody else changed it since `version`, AlreadyLeft where any part of
    it is public or may be, BadInput where somebody could not read it: such a post could never be judged again.
    """
    post = desk.posts.for_change(post_id)
    _must_draft_for(by, post.borough)
    if post.version != version:
        raise WordsChanged("Somebody else changed this draft while you were writing. Read it again first.")
    must_be_readable(variants, context)
    fell = _unsign(desk, post, why=f"edited by {by.name}")
    changed = replace(
        post,
        variants=tuple(variants),
        context=dict(context),
        evidence=post.evidence if evidence is None else tuple(evidence),
        writers=post.writers | {by.id},
        state=post.state if post.state is PostState.DRAFT else post.moved_to(PostState.DRAFT).state,
        version=post.version + 1,
    )
    desk.posts.save(changed)
    before = [variant.to_json() for variant in post.variants]
    after = [variant.to_json() for variant in changed.variants]
    _write(
        desk,
        changed,
        by.id,
        "edited",
        from_state=post.state.value,
        signoffs_voided=fell,
        before=before,
        after=after,
    )
    return changed


def submit(desk: Desk, post_id: UUID, *, by: Person) -> Post:
    """Hand a draft to the people who must sign it off. Raises Blocked, with the rules' reasons."""
    post = desk.posts.for_change(post_id)
    _must_draft_for(by, post.borough)
    waiting = post.moved_to(PostState.AWAITING)
    ruling = _ruling(desk, waiting, "submit")
    if ruling.blocked:
        raise Blocked(ruling.reasons())
    desk.posts.save(waiting)
    _write(desk, waiting, by.id, "submitted", decisions=ruling.to_json(), required=dict(ruling.required()))
    return waiting


def schedule(
    desk: Desk, post_id: UUID, *, by: Person, publish_at: datetime | None, latest: datetime | None = None
) -> Post:
    """Set when it goes out (UTC) and when it is too late. A changed time voids every sign-off."""
    post = desk.posts.for_change(post_id)
    _must_be_press_office(by)
    if publish_at is not None and publish_at < desk.now() - timedelta(minutes=1):
        raise BadTime(f"{show(publish_at)} is already past. Choose a later time, or publish at once.")
    if latest is not None and latest <= (publish_at or desk.now()):
        raise BadTime("The latest time must be after the time it goes out.")
    if (post.publish_at, post.latest) == (publish_at, latest):
        return post
    fell = _unsign(desk, post, why=f"time changed by {by.name}")
    state = post.moved_to(PostState.AWAITING).state if post.state is PostState.SIGNED_OFF else post.state
    changed = replace(post, publish_at=publish_at, latest=latest, state=state, version=post.version + 1)
    desk.posts.save(changed)
    times = {"publish_at": publish_at and publish_at.isoformat(), "latest": latest and latest.isoformat()}
    _write(desk, changed, by.id, "scheduled", signoffs_voided=fell, **times)
    return changed


def return_(desk: Desk, post_id: UUID, *, by: Person, comment: str) -> Post:
    """Send it back to its writer with what is to be changed."""
    return _close(desk, post_id, by=by, there=PostState.RETURNED, action="returned", comment=comment)


def reject(desk: Desk, post_id: UUID, *, by: Person, comment: str) -> Post:
    """End it: it is not to be published, and why."""
    return _close(desk, post_id, by=by, there=PostState.REJECTED, action="rejected", comment=comment)


def approve(
    desk: Desk, post_id: UUID, *, by: Person, role: Role, having_read: str, at_once: bool = False
) -> Post:
    """Sign off exactly the words read (`having_read` is their fingerprint), in one of one's roles.

    When it was the last sign-off missing, the post is signed off and its deliveries are planned in
    the same transaction. A post whose time has passed goes out at once then: only where its signer was told so,
    `at_once`. Raises OwnWork, WordsChanged, NotYours, NotNeeded, BadTime or Blocked.
    """
    post = desk.posts.for_change(post_id)
    held = _live(desk, post)
    _may_sign(post, held, by=by, role=role, having_read=having_read)
    if post.latest is not None and post.latest <= desk.now():
        raise BadTime(
            f"Its latest time, {show(post.latest)}, has passed, so it would not go out. Set another time first."
        )
    if not at_once and post.publish_at is not None and post.publish_at < desk.now() - _READING:
        raise BadTime(f"Its time, {show(post.publish_at)}, passed while you read: it would go out at once.")
    before = _ruling(desk, post, "approval", held)
    if before.blocked:
        raise Blocked(before.reasons())
    signoff = _signoff(desk, post, before, by=by, role=role)
    after = _ruling(desk, post, "approval", (*held, signoff))
    if after.missing() == before.missing():
        names = ", ".join(Role(name).label for name in before.missing()) or "none"
        raise NotNeeded(f"A sign-off as {role.label} is not what this post waits for. Missing: {names}.")
    desk.signoffs.add(signoff)
    decided = {"decisions": after.to_json(), "missing": dict(after.missing())}
    _write(
        desk, post, by.id, "approved", role=role.value, expires_at=signoff.expires_at.isoformat(), **decided
    )
    return post if after.missing() else _sign_off(desk, post, (*held, signoff), by=by)


def withdraw(desk: Desk, post_id: UUID, *, by: Person, reason: str) -> Post:
    """Stop a post that has not left. Raises AlreadyLeft where any part has, or may have."""
    post = desk.posts.for_change(post_id)
    if not by.has(*PRESS_OFFICE):
        _must_draft_for(by, post.borough)
    _must_say_why(reason)
    ended = post.moved_to(PostState.WITHDRAWN)
    _unsign(desk, post, why=f"withdrawn by {by.name}")
    desk.posts.save(ended)
    _write(desk, ended, by.id, "withdrawn", comment=reason)
    return ended


def lapse(desk: Desk, post_id: UUID, *, why: str) -> Post:
    """Send an approved or waiting post back to people because its time has passed."""
    post = desk.posts.for_change(post_id)
    lapsed = post.moved_to(PostState.LAPSED)
    _unsign(desk, post, why=why)
    desk.posts.save(lapsed)
    _write(desk, lapsed, SYSTEM, "lapsed", comment=why)
    return lapsed


def ask_again(desk: Desk, post_id: UUID, *, actor: str, why: str) -> Post:
    """Take a signed-off post back to the queue: the world changed, or a hold on it was lifted.

    Raises IllegalMove where it is not signed off, or no longer: only its writer submits a draft.
    """
    post = desk.posts.for_change(post_id)
    if post.state is not PostState.SIGNED_OFF:
        raise IllegalMove(f"A post that is {post.state.label.lower()} has no sign-off to ask for again.")
    waiting = post.moved_to(PostState.AWAITING)
    _unsign(desk, post, why=why)
    desk.posts.save(waiting)
    _write(desk, waiting, actor, "approval asked again", comment=why)
    return waiting


def _sign_off(desk: Desk, post: Post, signoffs: Sequence[SignOff], *, by: Person) -> Post:
    now = desk.now()
    signed = post.moved_to(PostState.SIGNED_OFF)
    due = max(post.publish_at or now, now)
    latest = min([each.expires_at for each in signoffs] + ([post.latest] if post.latest else []))
    count = desk.outbox.plan(signed, due_at=due, latest=latest, now=now)
    desk.posts.save(signed)
    _write(
        desk, signed, by.id, "signed off", deliveries=count, due_at=due.isoformat(), latest=latest.isoformat()
    )
    return signed


def _signoff(desk: Desk, post: Post, ruling: Ruling, *, by: Person, role: Role) -> SignOff:
    now = desk.now()
    expires = now + ruling.valid_for
    if post.publish_at is not None and ruling.too_early(post, now):
        raise BadTime(
            f"A sign-off of this kind of post holds until {show(expires)}, but it is to go out {show(post.publish_at)}. "
            "Set an earlier time, or sign it off nearer to it."
        )
    policy = next(iter(ruling.decisions.values())).policy
    return SignOff(
        post_id=post.id,
        fingerprint=post.fingerprint,
        role=role,
        by=by.id,
        policy_hash=policy.hash,
        at=now,
        expires_at=expires,
    )


def _may_sign(post: Post, held: Sequence[SignOff], *, by: Person, role: Role, having_read: str) -> None:
    if post.state is not PostState.AWAITING:
        raise NotNeeded(f"This post is {post.state.label.lower()}: it is not waiting for a sign-off.")
    if by.id in post.writers:
        raise OwnWork("You wrote some of this post, so somebody else must sign it off.")
    if not by.has(role):
        raise NotYours(f"You cannot sign off as {role.label}: it is not one of your roles.")
    if any(each.by == by.id for each in held):
        raise NotNeeded("You have signed this off already; a second sign-off must be another person's.")
    if having_read != post.fingerprint:
        raise WordsChanged("The words or the time changed after you opened this page. Read them again first.")


def _close(desk: Desk, post_id: UUID, *, by: Person, there: PostState, action: str, comment: str) -> Post:
    post = desk.posts.for_change(post_id)
    _must_be_press_office(by)
    _must_say_why(comment)
    closed = post.moved_to(there)
    _unsign(desk, post, why=f"{action} by {by.name}")
    desk.posts.save(closed)
    _write(desk, closed, by.id, action, comment=comment)
    return closed


def _unsign(desk: Desk, post: Post, *, why: str) -> int:
    now = desk.now()
    if post.state is PostState.SIGNED_OFF:
        desk.outbox.recall(post.id, why=why, now=now)
    return desk.signoffs.void(post.id, why=why, at=now)


def _live(desk: Desk, post: Post) -> tuple[SignOff, ...]:
    now = desk.now()
    return tuple(each for each in desk.signoffs.of(post.id) if each.counts_for(post, now))


def _ruling(desk: Desk, post: Post, moment: str, held: Sequence[SignOff] = ()) -> Ruling:
    return Ruling(decisions=desk.judge(post, moment=moment, signoffs=held))


def _must_draft_for(by: Person, borough: str) -> None:
    if not by.may_draft_for(borough):
        raise NotYours(f"You may not write for {borough}: it is not one of your boroughs.")


def _must_be_press_office(by: Person) -> None:
    if not by.has(*PRESS_OFFICE):
        raise NotYours("Only the press office may do this.")


def _must_say_why(text: str) -> None:
    if not text.strip():
        raise NotNeeded("Say why: the writer and the record need a reason.")


def _write(desk: Desk, post: Post, actor: str, action: str, **details: Any) -> None:
    stamped = {"state": post.state.value, "version": post.version, "fingerprint": post.fingerprint, **details}
    desk.record.append(
        Entry(at=desk.now(), actor=actor, action=action, subject=str(post.id), details=stamped)
    )
