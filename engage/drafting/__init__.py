"""Evidence and the press office's wording make a draft for every platform that fits its limits."""

from engage.drafting.compose import compose, fill, used
from engage.drafting.errors import BadTemplate, MissingEvidence, NoSuchTemplate, TooLong
from engage.drafting.in_use import WordingInUse
from engage.drafting.question import post_json
from engage.drafting.shelf import TemplateShelf
from engage.drafting.stated import stated_evidence
from engage.drafting.template import Origin, Slot, Template

__all__ = [
    "BadTemplate",
    "MissingEvidence",
    "NoSuchTemplate",
    "Origin",
    "Slot",
    "Template",
    "TemplateShelf",
    "TooLong",
    "WordingInUse",
    "compose",
    "fill",
    "post_json",
    "stated_evidence",
    "used",
]
