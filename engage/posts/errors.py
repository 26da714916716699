"""The family of everything Engage itself refuses, worded for the person who has to act on it.

EngageError
 ├── BadInput       what was given cannot be used: names file, line or field and what to do (exit 2)
 ├── NotAllowed     understood, and the answer is no: a rule, a role or a state forbids it (exit 1)
 └── Unavailable    a part we depend on does not answer: database, broker, disk (exit 2)
"""


class EngageError(Exception):
    """Base of all refusals; the message is one sentence a person can act on."""


class BadInput(EngageError):
    """What was given cannot be used.

    `where` names the file, line or field ("crime.csv, line 12", "--borough"); `remedy` says what to do.
    """

    def __init__(self, problem: str, *, where: str = "", remedy: str = "") -> None:
        self.problem = problem
        self.where = where
        self.remedy = remedy
        place = f"{where}: " if where else ""
        advice = f" {remedy}" if remedy else ""
        super().__init__(f"{place}{problem}{advice}")


class NotAllowed(EngageError):
    """The request was understood and is refused: nothing was changed."""


class Unavailable(EngageError):
    """Something Engage depends on does not answer; nothing was changed."""
