"""A template: the press office's wording for one kind of post, and the slots evidence fills.

Below the front matter stand Jinja2 blocks, from short to long: `short` for X and Bluesky, `medium` for
Mastodon, `long` for Facebook and posting by hand. A block named after a platform is used there instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, ClassVar

import jinja2
from pydantic import ConfigDict, Field

from engage.posts.kinds import Kind, Platform

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Words = Annotated[str, Field(min_length=1)]

BLOCKS: Mapping[Platform, tuple[str, ...]] = {
    Platform.X: ("x", "short"),
    Platform.BLUESKY: ("bluesky", "short", "x"),
    Platform.MASTODON: ("mastodon", "medium", "short"),
    Platform.FACEBOOK: ("facebook", "long", "medium", "short"),
    Platform.INSTAGRAM: ("instagram", "long", "medium", "short"),
    Platform.NEXTDOOR: ("nextdoor", "long", "medium", "short"),
    Platform.WHATSAPP: ("whatsapp", "long", "medium", "short"),
    Platform.MET_ENGAGE: ("met_engage", "long", "medium", "short"),
}
"""Which block words a post for a platform: the first of these that the template has."""


class Origin(StrEnum):
    """Where the evidence for a slot comes from."""

    FIGURES = "figures"
    FORECAST = "forecast"
    OFFICER = "officer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A gap in the wording that one evidence item fills.

    `records` names where the value is also kept for the policy, as "case.cad". A slot that is not
    required is an empty text in the wording when there is nothing to say, so `{% if slot %}` works.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    name: Name
    label: Words
    origin: Annotated[Origin, Field(alias="from")]
    help: str = ""
    example: str = ""
    required: bool = True
    records: Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z_]+)?$")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """What a template says about itself above its wording.

    `topics` empty means any topic. `thread` lets a text too long for a platform run over several
    parts. `context` is what the policy is told of every post made from it; `review_days` sets the
    day someone looks again at whether the post should still be up.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    name: Name
    title: Words
    kind: Kind
    topics: tuple[Name, ...] = ()
    platforms: tuple[Platform, ...] = tuple(Platform)
    slots: tuple[Slot, ...] = ()
    thread: bool = False
    context: Mapping[str, Any] = field(default_factory=dict)
    review_days: Annotated[int, Field(ge=1, le=365)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One template of the shelf. `hash` is the SHA-256 of its file, so a draft says which words it used."""

    matter: FrontMatter
    hash: str
    where: str
    wording: jinja2.Template = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """The name drafts and commands use."""
        return self.matter.name

    @property
    def title(self) -> str:
        """What the press office calls it."""
        return self.matter.title

    @property
    def kind(self) -> Kind:
        """The kind of post it words."""
        return self.matter.kind

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics it is for; empty means any."""
        return self.matter.topics

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Its slots, in the order a form should ask for them."""
        return self.matter.slots

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """The platforms it words a post for."""
        return self.matter.platforms

    def asks(self, origin: Origin) -> tuple[Slot, ...]:
        """The slots that this origin fills: `asks(Origin.OFFICER)` is the officer's form."""
        return tuple(slot for slot in self.slots if slot.origin is origin)

    def block_for(self, platform: Platform) -> str | None:
        """The name of the block that words a post for this platform, if there is one."""
        return next((name for name in BLOCKS[platform] if name in self.wording.blocks), None)

    def words(self, platform: Platform, values: Mapping[str, str]) -> str:
        """The wording for a platform with its slots filled. Plain text: nothing is escaped."""
        block = self.block_for(platform)
        assert block is not None, f"{self.where} was loaded without wording for {platform}"  # noqa: S101 - the shelf refuses such a template
        return "".join(self.wording.blocks[block](self.wording.new_context(dict(values))))
