"""The story's two campaigns: one goes out by itself in the words signed, one has aged by its time and comes back."""

import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx

from engage.crime.importing import Outcome, import_paths
from engage.crime.samples import write_samples
from engage.posts.campaign import Campaign
from engage.posts.clock import in_london, utc_now
from engage.posts.evidence import FileSource
from engage.posts.how_often import Often, coming_round
from engage.posts.kinds import Platform
from engage.posts.post import Post
from engage.posts.states import DeliveryState, PostState
from engage.wiring import Engage
from engage.wiring.campaigns import begin, hand_in
from tests.demo.campaigns import SIGNER, WRITER, a_campaign, person, sign_all
from tests.demo.promise import must

SOON = timedelta(seconds=45)
"""The least time from the beginning of a campaign to its first post: it is signed meanwhile."""
PATIENCE = 150.0


@dataclass(frozen=True, slots=True)
class Begun:
    """The two campaigns of the story: the one that goes out, and the one whose figures age."""

    advice: UUID
    figures: UUID


def begin_both(engage: Engage, borough: str, topic: str) -> Begun:
    """Begin, hand in and sign both, due within the next two minutes."""
    due = _whole_minute(in_london(utc_now() + SOON)).replace(tzinfo=None)
    once = coming_round(Often.ONCE, first=due, until=None)
    advice = a_campaign(
        engage,
        "The story's advice",
        once,
        wording="prevention_bicycle_theft",
        boroughs=(borough,),
        platforms=(Platform.X, Platform.MASTODON),
    )
    figures = a_campaign(
        engage,
        "The story's figures",
        once,
        wording="crime_summary",
        topic=topic,
        boroughs=(borough,),
        platforms=(Platform.X,),
    )
    for each in (advice, figures):
        _signed(engage, each)
    return Begun(advice.id, figures.id)


def publish_newer(engage: Engage, begun: Begun) -> None:
    """Import the made-up figures once more with one count put right, as if that had been published since.

    Real figures are left as they are: nobody makes up a newer publication of those.
    """
    source = _source(the_post(engage, begun.figures))
    if not source.synthetic:
        return
    with tempfile.TemporaryDirectory() as folder, engage.transaction() as unit:
        newest, *_ = write_samples(Path(folder), last_month=source.as_of[:7])
        header, first, *rest = newest.read_text(encoding="utf-8").splitlines(keepends=True)
        names, _, count = first.rpartition(",")
        newest.write_text("".join([header, f"{names},{int(count) + 1}\n", *rest]), encoding="utf-8")
        (report,) = import_paths(unit, [newest])
    must(report.outcome is Outcome.IMPORTED, f"the newer figures are imported: {report.reason}")


def goes_out(engage: Engage, begun: Begun) -> None:
    """Wait until the advice is public, once on each platform, byte for byte as signed."""
    post = the_post(engage, begun.advice)
    _wait(engage, post, DeliveryState.SENT)
    for variant in post.variants:
        answer = httpx.get(f"{engage.settings.base_urls[variant.platform]}/_posts", timeout=10)
        answer.raise_for_status()
        there = [each["text"] for each in answer.json()]
        must(
            there.count(variant.text) == 1, f"{variant.platform.label} has the campaign's words exactly once"
        )


def comes_back(engage: Engage, begun: Begun) -> None:
    """Wait until the figures' post has come back, unsent, with the reason; real figures have not aged."""
    post = the_post(engage, begun.figures)
    if not _source(post).synthetic:
        return
    deadline = time.monotonic() + PATIENCE
    while (stands := the_post(engage, begun.figures).state) is not PostState.LAPSED:
        must(time.monotonic() < deadline, f"it comes back to a person: {stands.value}")
        time.sleep(0.5)
    with engage.transaction() as unit:
        told = unit.audit.about(str(post.id))[-1]
    must("Its figures have aged" in str(told.details["comment"]), f"it says why: {told.details['comment']}")
    answer = httpx.get(f"{engage.settings.base_urls[Platform.X]}/_posts", timeout=10)
    must(post.variants[0].text not in {each["text"] for each in answer.json()}, "nothing aged is public")


def the_post(engage: Engage, campaign_id: UUID) -> Post:
    """The one post of a campaign that comes round once in one borough."""
    with engage.transaction() as unit:
        planned = unit.campaigns.planned(campaign_id)
    must(len(planned) == 1, f"it is written ahead once, not {len(planned)} times")
    post = planned[0].post
    must(post is not None, planned[0].problem)
    assert post is not None
    return post


def _signed(engage: Engage, campaign: Campaign) -> None:
    begin(engage, campaign, by=person(engage, WRITER))
    batch = hand_in(engage, campaign.id, by=person(engage, WRITER))
    must(not batch.refused, f"the policy allows it: {list(batch.refused.values())}")
    sign_all(engage, campaign, by=person(engage, SIGNER))
    state = the_post(engage, campaign.id).state
    must(state is PostState.SIGNED_OFF, f"it is signed off ahead of its time: {state.value}")


def _whole_minute(moment: datetime) -> datetime:
    """The next full minute: a campaign's time is to the minute."""
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _source(post: Post) -> FileSource:
    found = [
        each.source
        for each in post.evidence
        if each.number is not None and isinstance(each.source, FileSource)
    ]
    must(bool(found), "the campaign's figures come from a file")
    return max(found, key=lambda each: each.as_of)


def _wait(engage: Engage, post: Post, wanted: DeliveryState) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        with engage.transaction() as unit:
            states = [(each.state, each.reason) for each in unit.deliveries.for_post(post.id)]
        if states and all(state is wanted for state, _ in states):
            return
        must(time.monotonic() < deadline, f"its deliveries are {wanted.label.lower()}: {states}")
        time.sleep(0.5)
