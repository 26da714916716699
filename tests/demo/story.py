"""The whole story, walked by people of the demo on the running system, without a browser.

Every step asserts what a press office would: the post stands on the platform once, in the approved
words, and each of its figures opens back to rows of an imported file.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from rich.console import Console

from engage.crime.figures import borough_figures
from engage.crime.sourced import trace
from engage.delivery.takedown import Takedown, TakedownState
from engage.drafting.desk import Order, draft
from engage.drafting.figures import CrimeFigures
from engage.posts.clock import utc_now
from engage.posts.errors import EngageError, NotAllowed
from engage.posts.evidence import DerivedSource, Evidence, FileSource
from engage.posts.kinds import DRAFTED_FOR, Kind, Platform
from engage.posts.people import Person, Role
from engage.posts.post import Post
from engage.posts.states import DeliveryState, PostState
from engage.signoff import acts
from engage.signoff.ports import Desk
from engage.signoff.refusals import Blocked, OwnWork
from engage.signoff.regimes import HoldScope, lift_hold, place_hold
from engage.signoff.taking_down import take_down
from engage.wiring import Engage
from tests.demo.campaign_story import begin_both, comes_back, goes_out, publish_newer
from tests.demo.poster import attach_poster
from tests.demo.promise import DoesNotHold, must

BOROUGH = "Camden"
HELD_BOROUGH = "Islington"
TOPIC = "home_burglary"
PATIENCE = 90.0
UNTRACED = " Burglary is down 73% since March."


@dataclass
class Story:
    """The story so far."""

    engage: Engage
    console: Console = field(default_factory=lambda: Console(stderr=True))

    def step(self, promise: str, act: Callable[[], Any]) -> Any:
        """Do one step and say whether its promise held."""
        with self.console.status(promise):
            result = act()
        self.console.print(f"  [green]✓[/green] {promise}")
        return result

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """One transaction at the sign-off desk."""
        with self.engage.transaction() as unit:
            yield self.engage.desk(unit)

    def person(self, username: str) -> Person:
        """A person of the demo."""
        with self.engage.transaction() as unit:
            found = unit.people.by_id(username)
        must(found is not None, f"{username} is one of the demo's people")
        assert found is not None
        return found

    def everyone(self) -> Sequence[Person]:
        """All the demo's people."""
        with self.engage.transaction() as unit:
            return unit.people.all()

    def post(self, post_id: UUID) -> Post:
        """A post as it stands."""
        with self.engage.transaction() as unit:
            return unit.posts.get(post_id)


def walk(engage: Engage) -> bool:
    """Walk it all; False, with the reason on standard error, where any step does not hold."""
    story = Story(engage)
    try:
        khan = story.person("pc.khan")
        story.step("London's figures are there, and a borough shows what is unusual", lambda: _figures(story))
        campaigns = story.step(
            "two campaigns are written ahead and signed by somebody else, then left to themselves",
            lambda: begin_both(engage, BOROUGH, TOPIC),
        )
        story.step("newer figures are published meanwhile", lambda: publish_newer(engage, campaigns))
        post = story.step(
            "an officer's draft rests on imported figures", lambda: _drafted(story, khan, Kind.CRIME_SUMMARY)
        )
        story.step("every figure opens back to rows of an imported file", lambda: _traced(story, post))
        post = story.step(
            "a poster is attached, made anew for each platform and described",
            lambda: attach_poster(engage, post, by=khan),
        )
        story.step(
            "words with an untraced figure are blocked, and mended",
            lambda: _blocked_then_mended(story, khan, post),
        )
        story.step(
            "the press office returns it with a comment; it is submitted again",
            lambda: _returned(story, khan, post),
        )
        story.step("nobody signs off words of their own", lambda: _own_work_refused(story, khan, post))
        story.step(
            "it is approved for a time, in exactly these words",
            lambda: _approve(story, post.id, in_seconds=4),
        )
        story.step(
            "a worker publishes it at its time, once, in the approved words with the approved picture",
            lambda: _published_once(story, post.id),
        )
        story.step("an edit of an approved post takes its sign-off", lambda: _edit_takes_signoff(story, khan))
        story.step("a hold on the borough keeps everything in", lambda: _hold_keeps_in(story, khan))
        story.step(
            "taken down, it is gone from every platform, with each one's receipt",
            lambda: _taken_down(story, post.id),
        )
        story.step(
            "the campaign's advice went out by itself at its time, once, in the words signed",
            lambda: goes_out(engage, campaigns),
        )
        story.step(
            "the campaign's figures had aged by then, so they came back to a person instead",
            lambda: comes_back(engage, campaigns),
        )
        story.step("the record tells the whole history and is whole", lambda: _record(story, post.id))
    except (DoesNotHold, EngageError, httpx.HTTPError) as error:
        story.console.print(f"  [red]✗[/red] {type(error).__name__}: {error}")
        return False
    story.console.print("[bold green]The story holds.[/bold green]")
    return True


def _figures(story: Story) -> None:
    with story.engage.transaction() as unit:
        figures = borough_figures(unit.crime, BOROUGH)
    must(bool(figures.topics), f"{BOROUGH} has figures")
    must(bool(figures.attribution), "the figures say whose they are")


def _drafted(
    story: Story, by: Person, kind: Kind, *, borough: str = BOROUGH, template: str | None = None
) -> Post:
    engage = story.engage
    with engage.transaction() as unit:
        order = Order(
            kind=kind,
            borough=borough,
            topic=TOPIC,
            template=template,
            platforms=[each for each in DRAFTED_FOR if each in engage.adapters],
            accounts=unit.accounts.speaking_for(borough),
        )
        made = draft(
            order,
            shelf=engage.shelf,
            figures=CrimeFigures(unit.crime),
            rules=engage.policy_in(unit),
            by=by,
            now=utc_now(),
        )
        return acts.create(engage.desk(unit), made.post(by=by, now=utc_now()), by=by)


def _traced(story: Story, post: Post) -> None:
    by_id = {item.id: item for item in post.evidence}
    counted = [item for item in post.evidence if item.number is not None]
    must(bool(counted), "the draft rests on figures")
    with story.engage.transaction() as unit:
        for item in counted:
            for source in _files_behind(item, by_id):
                must(bool(trace(unit.crime, source)), f"{item.field} {item.value} opens back to rows")


def _files_behind(item: Evidence, by_id: dict[str, Evidence]) -> Iterator[FileSource]:
    match item.source:
        case FileSource():
            yield item.source
        case DerivedSource(inputs=inputs):
            must(bool(inputs), f"{item.field} says what it was worked out from")
            for each in inputs:
                if each in by_id:
                    yield from _files_behind(by_id[each], by_id)


def _blocked_then_mended(story: Story, by: Person, post: Post) -> None:
    _reworded(story, by, post, UNTRACED)
    try:
        with story.desk() as desk:
            acts.submit(desk, post.id, by=by)
    except Blocked as refusal:
        must(
            any(reason.startswith("D0") for reason in refusal.reasons),
            "the untraced figure is what blocks it",
        )
    else:
        must(False, "an untraced figure is blocked")
    current = story.post(post.id)
    with story.desk() as desk:
        acts.edit(desk, post.id, by=by, version=current.version, variants=post.variants, context=post.context)
        acts.submit(desk, post.id, by=by)


def _reworded(story: Story, by: Person, post: Post, more: str) -> Post:
    variants = [replace(each, parts=(*each.parts[:-1], each.parts[-1] + more)) for each in post.variants]
    with story.desk() as desk:
        current = desk.posts.for_change(post.id)
        return acts.edit(
            desk, post.id, by=by, version=current.version, variants=variants, context=current.context
        )


def _returned(story: Story, by: Person, post: Post) -> None:
    with story.desk() as desk:
        acts.return_(
            desk, post.id, by=story.person("press.bailey"), comment="Please check the months once more."
        )
    with story.desk() as desk:
        acts.submit(desk, post.id, by=by)


def _own_work_refused(story: Story, by: Person, post: Post) -> None:
    try:
        with story.desk() as desk:
            acts.approve(desk, post.id, by=by, role=Role.PRESS_OFFICER, having_read=post.fingerprint)
    except OwnWork:
        return
    must(False, "an approval of one's own words is refused")


def _approve(story: Story, post_id: UUID, *, in_seconds: float) -> Post:
    """Set the time, then have everybody the policy asks for sign."""
    with story.desk() as desk:
        at = utc_now() + timedelta(seconds=in_seconds)
        post = acts.schedule(desk, post_id, by=story.person("press.bailey"), publish_at=at)
    for person in story.everyone():
        if post.state is PostState.SIGNED_OFF:
            break
        post = _signed_by(story, post, person)
    must(post.state is PostState.SIGNED_OFF, "everybody the policy asks for has signed")
    return post


def _signed_by(story: Story, post: Post, person: Person) -> Post:
    for role in sorted(person.roles):
        try:
            with story.desk() as desk:
                return acts.approve(desk, post.id, by=person, role=role, having_read=post.fingerprint)
        except Blocked:
            raise
        except NotAllowed:
            continue
    return post


def _published_once(story: Story, post_id: UUID) -> None:
    post = story.post(post_id)
    deadline = time.monotonic() + PATIENCE
    while not (deliveries := _deliveries(story, post_id)) or any(
        each.state is not DeliveryState.SENT for each in deliveries
    ):
        must(
            time.monotonic() < deadline,
            f"everything is sent: {[(each.handle, each.state.value, each.reason) for each in deliveries]}",
        )
        time.sleep(0.2)
    for variant in post.variants:
        public = _on_platform(story, variant.platform)
        for part in variant.parts:
            there = [each for each in public if each["text"] == part]
            must(len(there) == 1, f"{variant.platform.label} has these words exactly once: {part!r}")
        pictures = [each for post in public if post["text"] == variant.parts[0] for each in post["media"]]
        must(
            [(each["sha256"], each["alt"]) for each in pictures]
            == [(each.sha256, each.alt) for each in variant.media],
            f"{variant.platform.label} shows the picture that was signed off",
        )
    must(all(each.receipt for each in deliveries), "each has its receipt")


def _taken_down(story: Story, post_id: UUID) -> None:
    post = story.post(post_id)
    with story.engage.transaction() as unit:
        take_down(
            story.engage.desk(unit),
            unit.takedowns,
            post_id,
            by=story.person("press.bailey"),
            reason="The demonstration is over.",
        )
    deadline = time.monotonic() + PATIENCE
    while not all(each.state is TakedownState.GONE for each in _takedowns(story, post_id)):
        must(time.monotonic() < deadline, f"every platform says so: {_takedowns(story, post_id)}")
        time.sleep(0.2)
    for variant in post.variants:
        there = [each["text"] for each in _on_platform(story, variant.platform)]
        must(not set(there) & set(variant.parts), f"{variant.platform.label} shows these words no more")


def _takedowns(story: Story, post_id: UUID) -> list[Takedown]:
    with story.engage.transaction() as unit:
        return list(unit.takedowns.of_post(post_id).values())


def _deliveries(story: Story, post_id: UUID) -> Sequence[Any]:
    with story.engage.transaction() as unit:
        return unit.deliveries.for_post(post_id)


def _on_platform(story: Story, platform: Platform) -> list[dict[str, Any]]:
    answer = httpx.get(f"{story.engage.settings.base_urls[platform]}/_posts", timeout=10)
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()
    return found


def _edit_takes_signoff(story: Story, by: Person) -> None:
    post = _drafted(story, by, Kind.PREVENTION)
    with story.desk() as desk:
        acts.submit(desk, post.id, by=by)
    _approve(story, post.id, in_seconds=3600)
    edited = _reworded(story, by, post, " Thank you.")
    with story.engage.transaction() as unit:
        must(not unit.signoffs.of(post.id), "no sign-off is left")
        must(
            all(each.state is DeliveryState.WITHDRAWN for each in unit.deliveries.for_post(post.id)),
            "nothing is due",
        )
    must(edited.state is PostState.DRAFT, "it is a draft again")


def _hold_keeps_in(story: Story, by: Person) -> None:
    post = _drafted(story, by, Kind.PREVENTION, borough=HELD_BOROUGH)
    with story.desk() as desk:
        acts.submit(desk, post.id, by=by)
    _approve(story, post.id, in_seconds=3)
    bailey = story.person("press.bailey")
    with story.engage.transaction() as unit:
        desk = story.engage.desk(unit)
        hold = place_hold(
            desk, unit.regimes, HoldScope.BOROUGH, HELD_BOROUGH, reason="Community tension", by=bailey
        )
    time.sleep(6)
    words = [part for variant in post.variants for part in variant.parts]
    for platform in {variant.platform for variant in post.variants}:
        must(
            not any(each["text"] in words for each in _on_platform(story, platform)), "nothing held is public"
        )
    with story.engage.transaction() as unit:
        again = lift_hold(
            story.engage.desk(unit),
            unit.regimes,
            hold.id,
            by=bailey,
            signed_off=story.engage.signed_off(unit),
        )
    must(post.id in again, "a lifted hold asks for approval again")
    must(story.post(post.id).state is PostState.AWAITING, "nothing bursts out")


def _record(story: Story, post_id: UUID) -> None:
    with story.engage.transaction() as unit:
        actions = [entry.action for entry in unit.audit.about(str(post_id))]
        chain = unit.audit.verify()
    for action in ("drafted", "edited", "submitted", "returned", "approved", "signed off"):
        must(action in actions, f"the history says “{action}”")
    must(chain.whole, "the chain is whole")
