"""What cannot be used, as a page says it: by the form's own label or none, never by a name of files or options."""

from dataclasses import dataclass

from engage.drafting import MissingEvidence, Template
from engage.posts.errors import BadInput
from engage.web.campaign_asked import at_field, label_of


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a form, and the field it is about, if it is about one."""

    text: str
    field: str = ""

    @property
    def href(self) -> str:
        """Where the summary's link leads."""
        return f"#{self.field}" if self.field else ""


def said(problem: BadInput, label: str = "") -> str:
    """A problem and its remedy as sentences; behind a field's label where the page has one for it."""
    words = f"{problem.problem} {problem.remedy}".strip()
    return f"{label}: {words}" if label else words[:1].upper() + words[1:]


def faults(problem: BadInput, template: Template) -> list[Fault]:
    """What is wrong with the form of a draft: every required field that is empty, or the one problem there is."""
    if isinstance(problem, MissingEvidence) and problem.slots:
        return [Fault(f"Fill in “{slot.label}”", f"slot-{slot.name}") for slot in problem.slots]
    at = at_field(problem, template)
    label = label_of(at.where, template)
    return [Fault(said(at, label), at.where if label else "")]
