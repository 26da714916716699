"""A campaign's posts as a page shows them: words that are the same read once, every post in its round, each state counted."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from markupsafe import Markup, escape

from engage.policy import Decision
from engage.posts.alike import SharedWords, Words, shared_words
from engage.posts.campaign import APART, Campaign, CampaignState
from engage.posts.kinds import Platform
from engage.posts.people import Role
from engage.posts.post import Post
from engage.posts.states import PostState
from engage.signoff.ruling import Ruling
from engage.store.campaigns import Planned
from engage.web.standing import state_in_words
from engage.web.words_shown import ShownDecision, shown_decision
from engage.wiring.campaign_reading import Judged

STATE_COLOURS = {
    CampaignState.DRAFT: "grey",
    CampaignState.SUBMITTED: "blue",
    CampaignState.RUNNING: "green",
    CampaignState.PAUSED: "orange",
    CampaignState.ENDED: "grey",
}
NOT_WRITTEN = ("Could not be written", "red")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownWords:
    """What a group of posts says on some platforms: its parts as safe HTML, the borough's name marked in them."""

    platforms: str
    parts: tuple[Markup, ...]
    decisions: tuple[ShownDecision, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownBorough:
    """One borough of a group: its exact words by platforms, its accounts, its posts."""

    name: str
    words: tuple[tuple[str, tuple[str, ...]], ...]
    accounts: str
    posts: tuple[Post, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Posts that share their words but for the borough's name, and what the policy says of them."""

    words: tuple[ShownWords, ...]
    boroughs: tuple[ShownBorough, ...]
    missing: tuple[str, ...]
    reasons: tuple[str, ...]
    named: bool
    pictures: bool

    @property
    def count(self) -> int:
        """How many posts."""
        return sum(len(each.posts) for each in self.boroughs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One borough's turn in a round: its post and how it stands, or why there is none."""

    borough: str
    due: datetime
    state: str
    colour: str
    post_id: UUID | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One time it comes round: every borough's turn, and how many stand how."""

    lines: tuple[Line, ...]

    @property
    def begins(self) -> datetime:
        """When its first post is due."""
        return self.lines[0].due

    @property
    def ends(self) -> datetime:
        """When its last post is due."""
        return self.lines[-1].due

    @property
    def counts(self) -> Sequence[tuple[str, str, int]]:
        """How many stand how, as (state, colour, how many)."""
        return counted([(line.state, line.colour) for line in self.lines])


def groups(posts: Sequence[Judged]) -> list[Group]:
    """The posts by words and by what the policy says, so that each thing is read once."""
    found: dict[tuple[Words, object], list[Judged]] = defaultdict(list)
    for each in posts:
        found[shared_words(each.post), _said(each.ruling)].append(each)
    return [_group(words, members) for (words, _), members in found.items()]


def rounds(campaign: Campaign, planned: Sequence[Planned], published: set[UUID]) -> list[Round]:
    """Every time on record, round by round: a borough's place in the list is its minute of the round."""
    place = {name: number for number, name in enumerate(campaign.boroughs)}
    found: dict[datetime, list[Line]] = defaultdict(list)
    for each in planned:
        occurrence = each.occurrence
        begins = occurrence.due - place.get(occurrence.borough, 0) * APART
        found[begins].append(_line(each, published))
    return [Round(lines=tuple(lines)) for _, lines in sorted(found.items())]


def counted(states: Sequence[tuple[str, str]]) -> list[tuple[str, str, int]]:
    """How many stand how, as (state, colour, how many), in the order met."""
    return [(state, colour, count) for (state, colour), count in Counter(states).items()]


def states_counted(counts: Mapping[PostState, int], *, published: int) -> list[tuple[str, int]]:
    """A campaign's posts by state for a list, as (state in words, how many); what is published was signed off."""
    told = [
        (state.label, counts.get(state, 0) - (published if state is PostState.SIGNED_OFF else 0))
        for state in PostState
    ]
    return [(label, many) for label, many in (*told, ("Published", published)) if many]


def _line(each: Planned, published: set[UUID]) -> Line:
    borough, due = each.occurrence.borough, each.occurrence.due
    if each.post is None:
        return Line(
            borough=borough, due=due, state=NOT_WRITTEN[0], colour=NOT_WRITTEN[1], problem=each.problem
        )
    state, colour = state_in_words(each.post, published=each.post.id in published)
    return Line(
        borough=borough, due=each.post.publish_at or due, state=state, colour=colour, post_id=each.post.id
    )


def _said(ruling: Ruling) -> object:
    """What a decision says, as something that can be compared."""
    return tuple(
        (platform, each.verdict, *((one.rule, one.severity, one.message) for one in each.findings))
        for platform, each in sorted(ruling.decisions.items())
    ), tuple(sorted(ruling.missing().items()))


def _group(words: Words, members: Sequence[Judged]) -> Group:
    first = members[0]
    by_borough: dict[str, list[Post]] = defaultdict(list)
    for each in members:
        by_borough[each.post.borough].append(each.post)
    missing = first.ruling.missing()
    return Group(
        words=tuple(_words(shared, first) for shared in words),
        boroughs=tuple(_borough(name, words, posts) for name, posts in sorted(by_borough.items())),
        missing=tuple(
            Role(name).label if count == 1 else f"{count} of {Role(name).label}"
            for name, count in missing.items()
        ),
        reasons=tuple(first.ruling.reasons()),
        named=len(by_borough) > 1 and any(shared.name_borough for shared in words),
        pictures=any(shared.media for shared in words),
    )


def _words(shared: SharedWords, first: Judged) -> ShownWords:
    return ShownWords(
        platforms=_listed(shared.platforms),
        parts=tuple(_marked(pieces, first.post.borough) for pieces in shared.parts),
        decisions=_decisions([first.ruling.decisions[each] for each in shared.platforms], first, shared),
    )


def _decisions(
    decisions: Sequence[Decision], first: Judged, shared: SharedWords
) -> tuple[ShownDecision, ...]:
    """The decisions on the same words on several platforms, each that says something else once."""
    text = "\n\n".join(shared.of(first.post.borough))
    return tuple(dict.fromkeys(shown_decision(each, text) for each in decisions))


def _borough(name: str, words: Words, posts: Sequence[Post]) -> ShownBorough:
    accounts = dict.fromkeys(
        f"{variant.platform.label} {variant.account}" for post in posts for variant in post.variants
    )
    return ShownBorough(
        name=name,
        words=tuple((_listed(shared.platforms), shared.of(name)) for shared in words),
        accounts=", ".join(accounts),
        posts=tuple(posts),
    )


def _marked(pieces: tuple[str, ...], name: str) -> Markup:
    """A part of the words with the borough's name marked wherever it stands."""
    mark = Markup('<mark class="eng-mark">{}</mark>').format(name)
    return mark.join(escape(piece) for piece in pieces)


def _listed(platforms: Sequence[Platform]) -> str:
    return ", ".join(each.label for each in platforms)
