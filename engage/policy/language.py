"""The policy language: what may stand in a rule file and in policy.yaml, and nothing else.

Every shape is closed: an unknown key is an error, and there is no way to write code. The checks a
rule can make are in `engage.policy.vocabulary`.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, field_validator

from engage.posts.kinds import Kind
from engage.posts.people import Role


class Closed(BaseModel):
    """A mapping with exactly the keys named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Scalar = str | bool | int | float | None


class FactCondition(Closed):
    """One stated fact of the post's context, by its dotted path, compared with what the rule names.

    A fact that is not stated `passes` (the condition does not hold), unless the rule says it `fails`,
    or `fails_when_submitted`: benign while typing, missing from submission on.
    """

    fact: str = Field(
        pattern=r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$",
        description="dotted path into the context: case.status",
    )
    equals: Scalar = None
    one_of: tuple[Scalar, ...] | None = None
    none_of: tuple[Scalar, ...] | None = None
    contains: tuple[str, ...] | None = Field(
        default=None, description="the fact's text contains one of these"
    )
    below: float | None = None
    above: float | None = None
    missing: bool | None = Field(default=None, description="stated as null, empty, false or unknown")
    stated: bool | None = Field(default=None, description="stated at all, and not empty")
    older_than_minutes: float | None = Field(default=None, description="a time that long before now")
    after_now: bool | None = Field(default=None, description="a time still to come")
    shorter_than: int | None = Field(default=None, description="a text of fewer characters")
    unstated: Literal["passes", "fails", "fails_when_submitted"] = "passes"


class KindCondition(Closed):
    """The post is of one of these kinds."""

    kind: tuple[Kind, ...]


class MomentCondition(Closed):
    """The decision is asked for at one of these moments."""

    moment: tuple[Literal["typing", "submit", "approval", "send"], ...]


class SaysCondition(Closed):
    """The text contains one of these phrases (or lists: $name)."""

    says: tuple[str, ...] = Field(min_length=1)


class MentionsCondition(Closed):
    """The text names a person, an officer, a place, a figure …, as the tokeniser finds them."""

    mentions: tuple[
        Literal["person", "officer", "place", "number", "percentage", "reference", "time", "date", "link"],
        ...,
    ]


class AllCondition(Closed):
    """Every one holds."""

    all: "tuple[Condition, ...]" = Field(min_length=1)


class AnyCondition(Closed):
    """At least one holds."""

    any: "tuple[Condition, ...]" = Field(min_length=1)


class NotCondition(Closed):
    """It does not hold."""

    not_: "Condition" = Field(alias="not")


_CONDITION_KEYS = ("fact", "kind", "moment", "says", "mentions", "all", "any", "not")


def _condition_kind(value: Any) -> str | None:
    if isinstance(value, BaseModel):
        name = next((key for key in type(value).model_fields if key.rstrip("_") in _CONDITION_KEYS), None)
        return name and name.rstrip("_")
    if not isinstance(value, dict):
        return None
    return next((key for key in _CONDITION_KEYS if key in value), None)


Condition = Annotated[
    Annotated[FactCondition, Tag("fact")]
    | Annotated[KindCondition, Tag("kind")]
    | Annotated[MomentCondition, Tag("moment")]
    | Annotated[SaysCondition, Tag("says")]
    | Annotated[MentionsCondition, Tag("mentions")]
    | Annotated[AllCondition, Tag("all")]
    | Annotated[AnyCondition, Tag("any")]
    | Annotated[NotCondition, Tag("not")],
    Discriminator(
        _condition_kind,
        custom_error_type="not_a_condition",
        custom_error_message="is not a condition: begin it with one of fact, kind, moment, says, mentions, all, any, not",
    ),
]
for _model in (AllCondition, AnyCondition, NotCondition):
    _model.model_rebuild()


class SourceOfRule(Closed):
    """Where a rule comes from, how sure we are of it, and whether it is law, guidance or our design."""

    code: str
    grade: Literal["R", "P", "K", "D"] = Field(
        description="R read in an excerpt, P the page exists, K not checked, D our own design"
    )
    basis: Literal["law", "guidance", "design"]
    says: str = Field(min_length=8, description="the clause in our own words")


class Reference(Closed):
    """A law, a guide or a study that rules rest on: what it is called, and where it can be read."""

    title: str = Field(min_length=3)
    address: str | None = Field(default=None, pattern=r"^https://[^\s]+$")


class RoleNeed(Closed):
    """How many people must sign in a role, and when."""

    role: Role
    count: int = Field(default=1, ge=1, le=3)
    instead: tuple[Role, ...] = Field(default=(), description="a second person in one of these roles will do")
    when: Condition | None = None


class MatrixEntry(Closed):
    """Who approves one kind of post, in hours and out, within what time and for how long."""

    kinds: tuple[Kind, ...] = Field(min_length=1)
    when: Condition | None = None
    tier: int = Field(ge=0, le=3)
    approve: tuple[RoleNeed, ...] = Field(min_length=1)
    out_of_hours: Literal["wait", "same"] | tuple[RoleNeed, ...]
    approve_within_minutes: int = Field(gt=0)
    valid_for_minutes: int = Field(gt=0)


class PolicyWindow(Closed):
    """A dated regime, such as a pre-election period, force-wide or for some boroughs."""

    name: str
    kind: Literal["pre_election"]
    starts: str = Field(pattern=r"^\d{4}-\d\d-\d\d$")
    ends: str = Field(pattern=r"^\d{4}-\d\d-\d\d$")
    boroughs: tuple[str, ...] = ()


class Contacts(Closed):
    """The numbers, links and handles that a post may give, and nothing else."""

    numbers: dict[str, str] = Field(description="number as it may be written: what it is for")
    domains: tuple[str, ...] = Field(description="a link must be on one of these, or below one")
    shorteners: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    handles: dict[str, str] = Field(description="@handle: what it is for")
    report_handles: dict[str, str] = Field(
        default_factory=dict, description="@handle that takes reports: the date this is to be checked again"
    )

    @field_validator("domains", "shorteners", "emails")
    @classmethod
    def _in_any_case(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(each.casefold() for each in value)


class Thresholds(Closed):
    """The numbers that rules share. None is law: each is a design choice of the force."""

    small_count: int = 5
    small_count_sensitive: int = 10
    small_base: int = 20
    noise_z: float = 1.96
    data_age_days: int = 45
    status_check_minutes: int = 60
    appeal_age_days: int = 28
    appeal_repeats: int = 3
    reading_age: float = 14.0
    emoji: int = 2
    hashtags: int = 2
    alt_length: int = 20


class Force(Closed):
    """policy.yaml: the force's names, contacts, kinds, approval matrix, windows, thresholds and lists."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    version: str = Field(min_length=1)
    title: str
    extends: str | None = Field(default=None, description="the folder of the policy this one builds on")
    contacts: Contacts
    kinds: tuple[Kind, ...]
    stands_for: dict[Role, tuple[Role, ...]] = Field(default_factory=dict)
    override: dict[str, Role] = Field(default_factory=dict)
    matrix: tuple[MatrixEntry, ...]
    windows: tuple[PolicyWindow, ...] = ()
    sources: dict[str, Reference] = Field(
        default_factory=dict, description="code: what a rule's source is called, and where it can be read"
    )
    thresholds: Thresholds = Thresholds()
    lists: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="first names, words of places, organisations: for the tokeniser"
    )

    @field_validator("extends")
    @classmethod
    def _stays_near(cls, value: str | None) -> str | None:
        if value is not None and value.startswith("/"):
            raise ValueError("is given relative to this policy's own folder, as ../met")
        return value


class Case(Closed):
    """One example of a rule: a post, and what the rule must say about it."""

    rule: str
    expect: Literal["fires", "passes"]
    name: str
    post: dict[str, Any]
    verdict: Literal["allow", "escalate", "block"] | None = None
    span: str | None = Field(default=None, description="the words the finding must mark")
