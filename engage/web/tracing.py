"""From a figure back to the rows of the file it was counted from."""

from collections.abc import Sequence
from dataclasses import dataclass

from engage.crime.sourced import TracedRow, trace
from engage.posts.evidence import Evidence, FileSource
from engage.store.unit import Unit
from engage.web.words_shown import ShownEvidence, shown_evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """One item of evidence and the lines of its file; `total` is what their counts add up to."""

    item: ShownEvidence
    file_name: str
    rows: tuple[TracedRow, ...]

    @property
    def total(self) -> int:
        """The sum of the rows: the figure itself, where the item is a count."""
        return sum(row.count for row in self.rows)


def traced(unit: Unit, items: Sequence[Evidence], evidence_id: str) -> Traced | None:
    """The rows behind one of these items; None where there is no such item or no file behind it.

    Raises BadInput where its file is not imported here.
    """
    item = next((each for each in items if each.id == evidence_id), None)
    if item is None or not isinstance(item.source, FileSource):
        return None
    (shown,) = shown_evidence([item], names={}, rows_at="")
    return Traced(item=shown, file_name=item.source.file_name, rows=trace(unit.crime, item.source))
