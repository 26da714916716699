"""Made-up figures as the crime room would have imported them, for every borough and topic of the Met's files."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from engage.crime.months import later
from engage.crime.records import CountRow, Dataset, ImportedFile, Residents
from engage.crime.topics import ANY, TOPICS
from engage.posts.places import BOROUGHS

FIRST, LAST, LENGTH = "2022-01", "2025-11", 47
MONTHS = tuple(later(FIRST, step) for step in range(LENGTH))
FILE = ImportedFile(
    sha256="5" * 64,
    file_name="made up.csv",
    dataset=Dataset.MPS_BOROUGH,
    publisher="Metropolitan Police Service",
    as_of="2025-11-30",
    months=MONTHS,
    rows_read=1,
    rows_kept=1,
    rejected={},
    synthetic=True,
)
TOPIC_KEYS = tuple(topic.key for topic in TOPICS if topic.categories)


@dataclass(frozen=True)
class Imported:
    """A reader over rows held in memory."""

    kept: tuple[CountRow, ...]

    def files(self) -> Sequence[ImportedFile]:
        return [FILE] if self.kept else []

    def rows(self, sha256: str) -> Sequence[CountRow]:
        return [row for row in self.kept if sha256 == FILE.sha256]

    def population(self) -> Sequence[Residents]:
        return [Residents(borough=place.name, year=2024, people=250_000) for place in BOROUGHS]


def imported() -> Imported:
    """A count of about 20 to 400 a month for each category, the same every time."""
    dice = random.Random(7)  # noqa: S311 - made-up counts, not secrets
    rows: list[CountRow] = []
    categories = sorted({pair for topic in TOPICS for pair in topic.categories if pair[1] != ANY})
    for place in BOROUGHS:
        for major, minor in categories:
            level = dice.randint(20, 400)
            counts = tuple(max(0, round(dice.gauss(level, level**0.5))) for _ in MONTHS)
            rows.append(
                CountRow(line=len(rows) + 2, borough=place.name, major=major, minor=minor, counts=counts)
            )
    for place in BOROUGHS:
        for major in sorted({pair[0] for topic in TOPICS for pair in topic.categories if pair[1] == ANY}):
            counts = tuple(dice.randint(30, 60) for _ in MONTHS)
            rows.append(
                CountRow(line=len(rows) + 2, borough=place.name, major=major, minor="THE REST", counts=counts)
            )
    return Imported(tuple(rows))
