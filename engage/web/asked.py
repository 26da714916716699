"""What a form asked for, read once into typed values. BadInput names the field that cannot be used."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict

from engage.posts.clock import from_london
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform
from engage.posts.post import Post, Variant
from engage.posts.readable import must_be_postable, must_be_seen
from engage.web.numbers import whole

Form = MultiDict[str, str]

CASE_STATUSES = ("report", "arrested", "charged", "convicted", "sentenced", "closed")
CASE_FIELDS = {"cad": "CAD reference", "offence": "Offence", "status": "Where the case stands"}

Problems = Sequence[tuple[str, str]]
"""Where on the page, by its id there, and what is wrong with what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A draft's words as a form gives them, and the version they were written on."""

    version: int
    variants: tuple[Variant, ...]
    context: Mapping[str, Any]

    def changes(self, post: Post) -> bool:
        """Whether anything of the post would be different."""
        return self.variants != post.variants or dict(self.context) != dict(post.context)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDraft:
    """What a new draft is to be made from."""

    template: str
    borough: str
    topic: str | None
    stated: Mapping[str, str]
    platforms: tuple[Platform, ...]
    case: Mapping[str, str]
    corrects: UUID | None = None
    correction_reason: str = ""


class Unusable(BadInput):
    """What was typed into a draft cannot be kept; `problems` says why."""

    def __init__(self, problems: Problems) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problem for _, problem in problems))


def typed(form: Form, post: Post, besides: Sequence[Variant] = ()) -> Written:
    """What a draft's form holds, whether it can be kept or not; a platform left empty has one empty part.

    `besides` are the platforms it may be written for though the post has no words there, without any parts.
    """
    variants = tuple(replace(each, parts=_parts(form, each) or ("",)) for each in post.variants)
    joining = tuple(replace(each, parts=parts) for each in besides if (parts := _parts(form, each)))
    return Written(
        version=whole_number(form, "version"), variants=variants + joining, context=_context(form, post)
    )


def written(form: Form, post: Post, besides: Sequence[Variant] = ()) -> Written:
    """The words in a draft's form. A part left empty is dropped; a platform left empty is dropped too.

    Raises Unusable with every problem at once.
    """
    words = typed(form, post, besides)
    problems = tuple(_problems(form, words))
    if problems:
        raise Unusable(problems)
    return replace(words, variants=tuple(each for each in words.variants if each.text))


def _problems(form: Form, words: Written) -> Iterator[tuple[str, str]]:
    if not any(each.text for each in words.variants):
        yield (
            _first_part(words.variants[0]),
            "Every text is empty. Write at least one, or withdraw the draft.",
        )
    for variant in words.variants:
        try:
            must_be_postable(variant)
        except BadInput as problem:
            yield _first_part(variant), str(problem)
    for name, label in CASE_FIELDS.items():
        try:
            must_be_seen(form.get(f"case-{name}", ""), where=label)
        except BadInput as problem:
            yield f"case-{name}", str(problem)


def _first_part(variant: Variant) -> str:
    return f"text-{variant.platform.value}-0"


def _parts(form: Form, variant: Variant) -> tuple[str, ...]:
    name = f"text-{variant.platform.value}"
    given = form.getlist(name) if name in form else list(variant.parts)
    return tuple(text for text in given if text.strip())


def _context(form: Form, post: Post) -> dict[str, Any]:
    case = {name: form[f"case-{name}"].strip() for name in CASE_FIELDS if f"case-{name}" in form}
    if not case:
        return dict(post.context)
    kept = {**(post.context.get("case") or {}), **case}
    return {**post.context, "case": {name: value for name, value in kept.items() if value != ""}}


def new_draft(form: Form) -> NewDraft:
    """The order for a new draft."""
    platforms = tuple(platform for platform in Platform if platform.value in form.getlist("platforms"))
    if not platforms:
        raise BadInput("choose at least one platform.", where="platforms")
    return NewDraft(
        template=form.get("template", ""),
        borough=form.get("borough", ""),
        topic=form.get("topic") or None,
        stated={
            name.removeprefix("slot-"): value.strip()
            for name, value in form.items()
            if name.startswith("slot-") and value.strip()
        },
        platforms=platforms,
        case={
            name: form[f"case-{name}"].strip() for name in CASE_FIELDS if form.get(f"case-{name}", "").strip()
        },
        corrects=post_named(form.get("corrects", "")),
        correction_reason=form.get("correction-reason", "").strip(),
    )


def post_named(value: str) -> UUID | None:
    """The post that a link or a form names; None where it names none."""
    if not value:
        return None
    try:
        return UUID(value)
    except ValueError:
        raise BadInput("names no post. Open it from the post it corrects.", where="corrects") from None


def moment(form: Form, name: str) -> datetime | None:
    """A date and a time of London from two fields (`name`-date, `name`-time), in UTC; None when both are empty."""
    day, clock = form.get(f"{name}-date", "").strip(), form.get(f"{name}-time", "").strip()
    if not day and not clock:
        return None
    if not day or not clock:
        raise BadInput("give both the day and the time, or neither.", where=name)
    return from_london(f"{day}T{clock}")


def whole_number(form: Form, name: str) -> int:
    """A whole number that the page itself put into its form."""
    value = whole(form.get(name, ""))
    if value is None:
        raise BadInput("is missing from the form. Open the page again.", where=name)
    return value
