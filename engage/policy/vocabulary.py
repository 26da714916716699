"""The closed vocabulary of checks a rule can make, and the shape of a rule.

A check is one mapping whose first key says what is checked. There are no others, and none takes code.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, Tag, model_validator

from engage.policy.decision import Severity
from engage.policy.language import Closed, Condition, SourceOfRule
from engage.posts.kinds import Kind, Platform
from engage.posts.people import Role


class Check(Closed):
    """What every check may carry: a message and a fix more exact than its rule's."""

    message: str | None = None
    fix: str | None = None


class PhrasesCheck(Check):
    """The text says one of these phrases (or lists: $name), and not as part of an exception."""

    phrases: tuple[str, ...] = Field(min_length=1)
    except_: tuple[str, ...] = Field(default=(), alias="except")


class PatternCheck(Check):
    """The text matches an RE2 pattern, and not as part of an exception."""

    pattern: str
    except_: tuple[str, ...] = Field(default=(), alias="except")


class TogetherCheck(Check):
    """One phrase of every group stands in the same sentence (or anywhere in the text)."""

    together: tuple[tuple[str, ...], ...] = Field(min_length=2)
    within: Literal["sentence", "text"] = "sentence"
    except_: tuple[str, ...] = Field(default=(), alias="except")


class RequiresCheck(Check):
    """The text must say at least one of these phrases, and says none."""

    requires: tuple[str, ...] = Field(min_length=1)


class HoldsCheck(Check):
    """A condition on the context holds."""

    holds: Condition


class NamesCheck(Check):
    """A person is named who is neither an officer named with consent nor somebody allowed."""

    names: Literal["anybody", "suspect", "not_in_evidence"]
    role_words: tuple[str, ...] = Field(default=(), description="what must stand in the same sentence")
    not_near: tuple[str, ...] = Field(
        default=(), description="what must not stand nearer in the same sentence"
    )


class IdentifiersCheck(Check):
    """Particulars that together identify somebody, counted with those already public for the case."""

    identifiers: tuple[
        Literal[
            "name",
            "address",
            "school",
            "workplace",
            "relationship",
            "age",
            "route",
            "picture",
            "job",
            "job_of_suspect",
            "handle",
        ],
        ...,
    ]
    at_least: int = Field(default=1, ge=1)
    near: tuple[str, ...] = Field(default=(), description="count only sentences that say one of these")
    not_near: tuple[str, ...] = Field(default=(), description="not what stands nearer to one of these")


class GroundedCheck(Check):
    """Every token of these kinds matches an evidence item, a stated fact, a contact or an allow-list."""

    grounded: tuple[
        Literal[
            "number", "percentage", "date", "time", "place", "name", "reference", "phone", "handle", "link"
        ],
        ...,
    ]


class ReferenceCheck(Check):
    """The reference is there, well formed, and the one on the record."""

    reference: Literal["present", "well_formed", "as_recorded"]


class PhonesCheck(Check):
    """A telephone number is none of the force's contacts."""

    phones: Literal["unknown", "required"]
    one_of: tuple[str, ...] = ()


class LinksCheck(Check):
    """A link or e-mail address outside the allow-lists, or a report handle past its review date."""

    links: Literal["unknown", "shortened", "email", "stale_handle"]


class PersonalDataCheck(Check):
    """Personal data by its shape: a telephone, an e-mail, a number plate, a full postcode, a house number."""

    personal: tuple[Literal["email", "plate", "postcode", "house", "phone"], ...]


class PlaceCheck(Check):
    """A place finer than the policy allows: below a borough, or a house, block or flat."""

    place: Literal["below_borough", "house"]
    with_: tuple[str, ...] = Field(
        default=(), alias="with", description="only in a sentence that says one of these"
    )


class StatisticCheck(Check):
    """A figure that may not be published so: too small, a percentage of too few, noise, unlike periods."""

    statistic: Literal[
        "small_count",
        "small_base",
        "noise",
        "periods",
        "same_season",
        "source_line",
        "embargo",
        "range",
        "both_periods",
        "last_year",
        "data_age",
    ]


class StyleCheck(Check):
    """How the text is written: length, hashtags, emoji, capitals, exclamation, plain words."""

    style: Literal[
        "length",
        "hashtag_case",
        "hashtag_count",
        "hashtag_place",
        "emoji",
        "styled_letters",
        "reading_age",
        "capitals",
        "exclamation",
    ]


class AltCheck(Check):
    """The description of an image: there, long enough, not a file name, not “image of”."""

    alt: Literal["missing", "weak"]


class HoldBackCheck(Check):
    """A fact the officer in the case holds back, however it is spelt."""

    holdback: str = Field(description="dotted path to the list of facts held back")


class DescriptionCheck(Check):
    """A seeking description: how many independent features it gives, and whether only ethnicity or dress."""

    description: Literal["too_few", "only_ethnicity"]
    at_least: int = 3


class HoldCheck(Check):
    """A hold stated with the post is in force and reaches it: its borough, kind, platform or topic."""

    hold: Literal["covers"]


class CentralLineCheck(Check):
    """The text differs from the line that was issued centrally."""

    central_line: Literal["differs"]


class ApprovalsCheck(Check):
    """Something is wrong with the approvals held."""

    approvals: Literal[
        "by_drafter", "same_person", "by_machine", "stale", "changed", "out_of_hours", "wrong_role"
    ]


_CHECKS: dict[str, type[Check]] = {
    "phrases": PhrasesCheck,
    "pattern": PatternCheck,
    "together": TogetherCheck,
    "requires": RequiresCheck,
    "holds": HoldsCheck,
    "names": NamesCheck,
    "identifiers": IdentifiersCheck,
    "grounded": GroundedCheck,
    "reference": ReferenceCheck,
    "phones": PhonesCheck,
    "links": LinksCheck,
    "personal": PersonalDataCheck,
    "place": PlaceCheck,
    "statistic": StatisticCheck,
    "style": StyleCheck,
    "alt": AltCheck,
    "hold": HoldCheck,
    "holdback": HoldBackCheck,
    "description": DescriptionCheck,
    "central_line": CentralLineCheck,
    "approvals": ApprovalsCheck,
}
CHECK_NAMES = tuple(_CHECKS)


def _check_kind(value: Any) -> str | None:
    if isinstance(value, BaseModel):
        return next((name for name, model in _CHECKS.items() if type(value) is model), None)
    return next((key for key in _CHECKS if key in value), None) if isinstance(value, dict) else None


AnyCheck = Annotated[
    Annotated[PhrasesCheck, Tag("phrases")]
    | Annotated[PatternCheck, Tag("pattern")]
    | Annotated[TogetherCheck, Tag("together")]
    | Annotated[RequiresCheck, Tag("requires")]
    | Annotated[HoldsCheck, Tag("holds")]
    | Annotated[NamesCheck, Tag("names")]
    | Annotated[IdentifiersCheck, Tag("identifiers")]
    | Annotated[GroundedCheck, Tag("grounded")]
    | Annotated[ReferenceCheck, Tag("reference")]
    | Annotated[PhonesCheck, Tag("phones")]
    | Annotated[LinksCheck, Tag("links")]
    | Annotated[PersonalDataCheck, Tag("personal")]
    | Annotated[PlaceCheck, Tag("place")]
    | Annotated[StatisticCheck, Tag("statistic")]
    | Annotated[StyleCheck, Tag("style")]
    | Annotated[AltCheck, Tag("alt")]
    | Annotated[HoldCheck, Tag("hold")]
    | Annotated[HoldBackCheck, Tag("holdback")]
    | Annotated[DescriptionCheck, Tag("description")]
    | Annotated[CentralLineCheck, Tag("central_line")]
    | Annotated[ApprovalsCheck, Tag("approvals")],
    Discriminator(
        _check_kind,
        custom_error_type="not_a_check",
        custom_error_message=f"is not a check: begin it with one of {', '.join(_CHECKS)}",
    ),
]


class Clause(Closed):
    """One way a rule can be broken. What it leaves out it takes from its rule."""

    severity: Severity | None = None
    roles: tuple[Role, ...] = ()
    instead: tuple[Role, ...] = Field(default=(), description="a second person in one of these roles will do")
    kinds: tuple[Kind, ...] | None = None
    when: Condition | None = None
    unless: Condition | None = None
    message: str | None = None
    fix: str | None = None
    checks: tuple[AnyCheck, ...] = Field(min_length=1)


class Rule(Closed):
    """A rule: what it forbids or asks for, in which posts, why, from which source, and what to do."""

    id: str = Field(pattern=r"^[A-Z]{1,3}\d\d$")
    title: str
    severity: Severity
    roles: tuple[Role, ...] = ()
    kinds: tuple[Kind, ...] | Literal["all"] = "all"
    platforms: tuple[Platform, ...] | Literal["all"] = "all"
    source: SourceOfRule
    message: str
    why: str
    fix: str
    override: Literal["never", "head_of_comms"] = "head_of_comms"
    when: Condition | None = None
    unless: Condition | None = None
    clauses: tuple[Clause, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _approval_names_a_role(self) -> "Rule":
        for clause in self.clauses:
            if (clause.severity or self.severity) is Severity.APPROVE and not (clause.roles or self.roles):
                raise ValueError(f"{self.id} asks for an approval but names no role")
        return self


class RuleFile(Closed):
    """One file of rules. `off` switches rules of the base policy off, with the reason beside each."""

    rules: tuple[Rule, ...] = ()
    off: dict[str, str] = Field(default_factory=dict)
