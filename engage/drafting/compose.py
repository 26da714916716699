"""Evidence and a template make a variant for every platform. Evidence is the only way into the wording."""

from collections.abc import Iterator, Mapping, Sequence

from engage.drafting.errors import MissingEvidence, TooLong
from engage.drafting.template import Slot, Template
from engage.posts.evidence import Evidence
from engage.posts.kinds import Platform
from engage.posts.length import length
from engage.posts.post import Variant, normalised


def compose(
    template: Template,
    *,
    evidence: Sequence[Evidence],
    platforms: Sequence[Platform],
    accounts: Mapping[Platform, str],
) -> tuple[Variant, ...]:
    """A variant for each platform, in the order given; a platform without an account has "".

    Raises MissingEvidence for a required slot with nothing in it, TooLong where the words do not fit
    and the template may not run over several parts.
    """
    values = fill(template, evidence)
    return tuple(
        Variant(
            platform=platform,
            account=accounts.get(platform, ""),
            parts=_parts(template, platform, normalised(template.words(platform, values))),
        )
        for platform in platforms
    )


def fill(template: Template, evidence: Sequence[Evidence]) -> dict[str, str]:
    """The value of each slot, by name. Raises MissingEvidence naming the template and the first empty slot."""
    said = {item.field: item.value for item in evidence}
    values = {slot.name: (said.get(slot.name) or "").strip() for slot in template.slots}
    empty = [slot for slot in template.slots if slot.required and not values[slot.name]]
    if empty:
        raise _missing(template, empty)
    return values


def used(template: Template, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The evidence that the template's slots draw on, in the order given."""
    names = {slot.name for slot in template.slots}
    return tuple(item for item in evidence if item.field in names)


def _missing(template: Template, empty: Sequence[Slot]) -> MissingEvidence:
    slot = empty[0]
    example = f" Example: {slot.example}" if slot.example else ""
    return MissingEvidence(
        f"“{slot.label}” ({slot.name}) is empty.",
        where=f"template {template.name}",
        remedy=f"Say it with --set {slot.name}=…, or choose another template.{example}",
        slots=empty,
    )


def _parts(template: Template, platform: Platform, text: str) -> tuple[str, ...]:
    if length(text, platform).fits:
        return (text,)
    several = template.matter.thread and platform.takes_answers
    parts = tuple(_packed(text, platform)) if several else (text,)
    for part in parts:
        counted = length(part, platform)
        if not counted.fits:
            raise TooLong(
                f"{counted.used} characters for {platform.label}, which takes {counted.limit}.",
                where=f"template {template.name}",
                remedy="Shorten what fills its slots, or leave this platform out.",
            )
    return parts


def _packed(text: str, platform: Platform) -> Iterator[str]:
    """The text's paragraphs, as many to a part as fit, in order."""
    part = ""
    for paragraph in text.split("\n\n"):
        longer = f"{part}\n\n{paragraph}" if part else paragraph
        if part and not length(longer, platform).fits:
            yield part
            part = paragraph
        else:
            part = longer
    yield part
