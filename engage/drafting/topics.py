"""Which prevention advice a borough needs now: what is out of line first, then what is most common."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from engage.drafting.shelf import TemplateShelf
from engage.drafting.template import Template
from engage.posts.kinds import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a topic stands in a borough in its newest month.

    `count` is what was recorded, `usual` what was to be expected; `unusual` says that the crime room
    finds the count out of line, not only above what was expected.
    """

    topic: str
    count: int
    usual: float
    unusual: bool

    @property
    def more_than_usual(self) -> float:
        """How many more than usual; negative for fewer."""
        return self.count - self.usual


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A prevention template, the topic it was chosen for, and why, in words."""

    template: Template
    topic: str
    reason: str


def topics_for(
    standings: Sequence[Standing], shelf: TemplateShelf, *, recently: Collection[str] = (), most: int = 3
) -> tuple[Choice, ...]:
    """Up to `most` topics that have prevention wording, most pressing first, each template once.

    Topics unusually high come first, by how many more than usual; then the most common ones. What was
    posted about `recently` is left out, so that no borough hears of one thing too often.
    """
    advice = {topic: each for each in reversed(shelf.for_kind(Kind.PREVENTION)) for topic in each.topics}
    choices: dict[str, Choice] = {}
    for standing in sorted(standings, key=_urgency):
        template = advice.get(standing.topic)
        if template is None or standing.topic in recently or standing.count == 0 or template.name in choices:
            continue
        choices[template.name] = Choice(template=template, topic=standing.topic, reason=_reason(standing))
    return tuple(choices.values())[:most]


def _is_high(standing: Standing) -> bool:
    return standing.unusual and standing.more_than_usual > 0


def _urgency(standing: Standing) -> tuple[bool, float, str]:
    weight = standing.more_than_usual if _is_high(standing) else standing.count
    return (not _is_high(standing), -weight, standing.topic)


def _reason(standing: Standing) -> str:
    if _is_high(standing):
        return f"unusually high: {standing.count} recorded, about {standing.usual:.0f} is usual"
    return f"common here: {standing.count} recorded"
