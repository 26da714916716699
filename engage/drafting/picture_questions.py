"""What is asked of whoever attaches a picture, in plain words, and what the answers mean to the policy.

The answers are kept as they were given. Only what asks the policy turns them into its facts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engage.posts.errors import BadInput
from engage.posts.kinds import Kind

Answers = Mapping[str, str]
NOBODY = "nobody is shown"
SHOWS_A_PERSON_OF_THE_CASE = frozenset(
    {Kind.APPEAL_IDENTIFY, Kind.APPEAL_MISSING, Kind.CHARGE, Kind.COURT_RESULT}
)
"""The kinds of post whose picture may be of somebody sought, missing, charged or convicted."""

_AS_ANSWERED = (
    "type",
    "source",
    "licence",
    "credit",
    "origin",
    "sio_approval",
    "rationale",
    "other_ids_tried",
    "chief_officer_authority",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureQuestion:
    """One question. `options` are (answer, words); without them the answer is text."""

    name: str
    label: str
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    required: bool = True
    of_the_case: bool = False

    def in_words(self, answer: str) -> str:
        """An answer as a page shows it."""
        return dict(self.options).get(answer, answer)


class Unanswered(BadInput):
    """Some of what was asked about a picture has no usable answer: `problems` are (question, what to do)."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problem for _, problem in problems), where="picture")


QUESTIONS = (
    PictureQuestion(
        name="type",
        label="What does it show?",
        options=(
            ("scene", "A place, a thing or a vehicle"),
            ("people", "Officers, an event or members of the public"),
            ("graphic", "A graphic or poster that nobody can take for a photograph"),
            ("family", "A missing person, in a picture from their family"),
            ("suspect_cctv", "Somebody sought, from CCTV or other footage"),
            ("custody", "Somebody in custody"),
        ),
    ),
    PictureQuestion(
        name="source",
        label="Where does it come from?",
        hint="Who took or made it, and when. For example: PC Khan, Brockwell Park, 3 October.",
    ),
    PictureQuestion(
        name="licence",
        label="May the force publish it?",
        options=(
            ("owned", "Yes, the force owns it"),
            ("recorded", "Yes, its owner allowed it, and that is on record"),
            ("ogl", "Yes, under the Open Government Licence"),
            ("public_domain", "Yes, nobody owns it any more"),
            ("unknown", "Not known yet"),
        ),
    ),
    PictureQuestion(
        name="credit",
        label="Who has to be named with it?",
        hint="If the owner wants a credit, write it in the words of the post too.",
        required=False,
    ),
    PictureQuestion(
        name="origin",
        label="Is it as the camera saw it?",
        options=(
            ("real", "Yes: cropped, blurred or made brighter at most, or it is a graphic"),
            ("altered", "No: put together, altered or made by a computer"),
        ),
    ),
    PictureQuestion(
        name="people",
        label="Can anybody in it be recognised?",
        options=(
            ("nobody", "No"),
            ("consented", "Yes, and all of them agreed to it"),
            ("purpose", "Yes, and not all agreed: it serves a policing purpose"),
            ("unknown", "Yes, and it is not known whether they agreed"),
        ),
    ),
    PictureQuestion(
        name="policing_purpose",
        label="Which policing purpose?",
        hint="Only where somebody did not agree: what it is for, and who authorised it.",
        required=False,
    ),
    PictureQuestion(
        name="under_18",
        label="Is anybody in it under 18?",
        options=(("no", "No, or nobody can be recognised"), ("yes", "Yes, or they may be")),
    ),
    PictureQuestion(
        name="obscured",
        label="Are bystanders, number plates, house numbers and screens blurred?",
        options=(("yes", "Yes, or there are none"), ("no", "Not yet")),
    ),
    PictureQuestion(
        name="text",
        label="Is there writing in it?",
        options=(
            ("none", "No"),
            ("repeated", "Yes, and the post says the same in words"),
            ("not_repeated", "Yes, and the post does not say it"),
        ),
    ),
    PictureQuestion(
        name="sio_approval",
        label="Which senior investigating officer approved it?",
        hint="Name and date.",
        required=False,
        of_the_case=True,
    ),
    PictureQuestion(
        name="verified",
        label="Who checked that it shows the right person?",
        hint="Name, and how they know.",
        required=False,
        of_the_case=True,
    ),
    PictureQuestion(
        name="rationale",
        label="Why is it necessary and proportionate?",
        hint="With the risk to the person shown.",
        required=False,
        of_the_case=True,
    ),
    PictureQuestion(
        name="other_ids_tried",
        label="What else was tried first?",
        hint="Other ways of finding or recognising the person.",
        required=False,
        of_the_case=True,
    ),
    PictureQuestion(
        name="last_resort",
        label="Is a custody picture of a missing person the last resort?",
        options=(("no", "No, or it is not a custody picture"), ("yes", "Yes")),
        required=False,
        of_the_case=True,
    ),
    PictureQuestion(
        name="chief_officer_authority",
        label="Which chief officer allowed a custody picture of somebody under 18?",
        hint="Only where it is one.",
        required=False,
        of_the_case=True,
    ),
)


def asked_of(kind: Kind) -> tuple[PictureQuestion, ...]:
    """The questions about a picture of a post of this kind, in order."""
    return tuple(each for each in QUESTIONS if not each.of_the_case or kind in SHOWS_A_PERSON_OF_THE_CASE)


def answered(given: Mapping[str, str], *, kind: Kind) -> dict[str, str]:
    """The answers as they are kept, empty ones left out. Raises Unanswered with every problem at once."""
    answers = {each.name: " ".join(given.get(each.name, "").split()) for each in asked_of(kind)}
    problems = [
        (each.name, f"{each.label} {'Choose one.' if each.options else 'Say it in a few words.'}")
        for each in asked_of(kind)
        if not _usable(each, answers[each.name])
    ]
    if answers["people"] == "purpose" and not answers["policing_purpose"]:
        problems.append(("policing_purpose", "Say which policing purpose it serves, and who authorised it."))
    if problems:
        raise Unanswered(problems)
    return {name: answer for name, answer in answers.items() if answer}


def _usable(question: PictureQuestion, answer: str) -> bool:
    if not answer:
        return not question.required
    return not question.options or answer in dict(question.options)


def facts(answers: Answers) -> dict[str, Any]:
    """What the answers mean to the policy, by its own names for the facts of an image.

    What was not answered is not stated, except who checked the picture: nobody did.
    """
    known: dict[str, Any] = {name: answers[name] for name in _AS_ANSWERED if name in answers}
    if answers.get("people") == "purpose":
        known["policing_purpose"] = answers.get("policing_purpose")
    if "people" in answers:
        known["people_consented"] = {"nobody": NOBODY, "consented": True}.get(answers["people"], "")
    return known | {
        "labelled": answers.get("type") == "graphic",
        "people_under_18": answers.get("under_18") == "yes",
        "bystanders_obscured": answers.get("obscured") == "yes",
        "contains_text": answers.get("text") in {"repeated", "not_repeated"},
        "text_repeated": answers.get("text") == "repeated",
        "last_resort": answers.get("last_resort") == "yes",
        "verified": answers.get("verified", ""),
    }


def said(answers: Answers) -> tuple[tuple[str, str], ...]:
    """The answers for a page: (question, answer in words)."""
    return tuple(
        (each.label, each.in_words(answers[each.name])) for each in QUESTIONS if each.name in answers
    )
