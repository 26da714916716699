"""A policy fit to be proposed: it loads, nothing is wrong with it, and every one of its own cases holds."""

from dataclasses import dataclass
from pathlib import Path

from engage.policy.advice import faults_of
from engage.policy.cases import CaseBook
from engage.policy.files import FilesOnDisk, KeptFiles
from engage.policy.loading import read_sources
from engage.policy.policy import Policy
from engage.posts.errors import NotAllowed


class NotFit(NotAllowed):
    """The policy can be read, and is not fit to be put in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A policy, the files that decide, and how many cases of its own it passed."""

    policy: Policy
    kept: KeptFiles
    cases: int


def read_proposed(directory: Path) -> Proposed:
    """The policy of a directory, checked and tested.

    Raises PolicyError where it cannot be loaded, NotFit where `engage policy check` or `test` would say no.
    """
    sources = read_sources(FilesOnDisk(directory), with_cases=True)
    book = CaseBook.of(sources)
    faults = faults_of(sources)
    if faults:
        raise NotFit(
            f"This policy has {_count(len(faults), 'fault')}, of which the first is {faults[0]} "
            "Run `engage policy check` for all of them, mend them, then propose it again."
        )
    failed = [result for result in book.run() if not result.holds]
    if failed:
        first = failed[0]
        raise NotFit(
            f"{_count(len(failed), 'case')} of its own {len(book.cases)} {_not(len(failed))} hold. The first is "
            f"{first.where.file}:{first.where.line} “{first.case.name}”: {first.why_not}. "
            "Run `engage policy test` for all of them, mend the rules or the cases, then propose it again."
        )
    return Proposed(policy=book.policy, kept=sources.kept, cases=len(book.cases))


def _not(number: int) -> str:
    return "does not" if number == 1 else "do not"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
