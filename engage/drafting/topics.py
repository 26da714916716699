"""Which prevention advice a borough needs now: what is out of line first, then what is most common."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from engage.crime.figures import TopicFigure
from engage.drafting.shelf import TemplateShelf
from engage.drafting.template import Template
from engage.posts.kinds import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A prevention template, the topic it was chosen for, and why, in words."""

    template: Template
    topic: str
    reason: str


def topics_for(
    figures: Sequence[TopicFigure], shelf: TemplateShelf, *, recently: Collection[str] = (), most: int = 3
) -> tuple[Choice, ...]:
    """Up to `most` topics that have prevention wording, most pressing first, each template once.

    `figures` are one borough's, by topic. Topics unusually high come first, by how many more than usual;
    then the most common ones. What was posted about `recently` is left out, so that no borough hears of
    one thing too often.
    """
    advice = {topic: each for each in reversed(shelf.for_kind(Kind.PREVENTION)) for topic in each.topics}
    choices: dict[str, Choice] = {}
    for figure in sorted(figures, key=_urgency):
        template = advice.get(figure.topic)
        if template is None or figure.topic in recently or not figure.count_now or template.name in choices:
            continue
        choices[template.name] = Choice(template=template, topic=figure.topic, reason=_reason(figure))
    return tuple(choices.values())[:most]


def _more_than_usual(figure: TopicFigure) -> float:
    """How many more than usual where the crime room finds the count unusually high; otherwise nothing."""
    standing = figure.standing
    if standing is None or not standing.unusual or not standing.above:
        return 0
    return figure.count_now - standing.usual


def _urgency(figure: TopicFigure) -> tuple[bool, float, int, str]:
    more = _more_than_usual(figure)
    return (more <= 0, -more, -figure.count_now, figure.topic)


def _reason(figure: TopicFigure) -> str:
    if figure.usual is not None and _more_than_usual(figure) > 0:
        return f"unusually high: {figure.count_now} recorded, about {figure.usual:.0f} is usual"
    return f"common here: {figure.count_now} recorded"
