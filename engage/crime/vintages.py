"""Two publications of one month: which one stands, and by how much they differ.

Crime figures are revised for years. Every vintage is kept; the newer one speaks, and what it changed is
written down when it comes in.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engage.crime.months import later, span
from engage.crime.records import CountRow, CrimeReader, Dataset, ImportedFile, Revision, speaking

Sums = Mapping[tuple[str, str], npt.NDArray[np.int64]]
"""Borough and category to counts, one for each month of a file."""


def revisions(
    reader: CrimeReader, known: Iterable[ImportedFile], file: ImportedFile, rows: Sequence[CountRow]
) -> tuple[Revision, ...]:
    """How a file differs, month by month, from those of the known files that spoke before it came."""
    if not file.dataset.counts_crime:
        return ()
    peers = [each for each in known if each.synthetic == file.synthetic]
    before = speaking(peers, file.dataset)
    both = [month for month in file.months if month in before]
    if not both:
        return ()
    old = {
        each.sha256: _sums(reader.rows(each.sha256), each)
        for each in {before[m].sha256: before[m] for m in both}.values()
    }
    new = _sums(rows, file)
    return tuple(_revision(month, file, new, before[month], old[before[month].sha256]) for month in both)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vintage:
    """What one file changed in one month, and whether it is the one that speaks for the month now."""

    file: ImportedFile
    revision: Revision
    stands: bool


def vintages(reader: CrimeReader, *, month: str | None = None) -> list[Vintage]:
    """What every file changed when it came in, oldest month first; of one month where it is named."""
    files = reader.files()
    voices = {dataset: speaking(files, dataset) for dataset in Dataset}
    found = [
        Vintage(file=file, revision=each, stands=voices[file.dataset].get(each.month) == file)
        for file in files
        for each in file.revisions
        if month in {None, each.month}
    ]
    return sorted(found, key=lambda each: (each.revision.month, each.file.dataset, each.file.as_of))


def gaps(files: Sequence[ImportedFile], file: ImportedFile) -> str:
    """In words, the months missing just before a file, where earlier ones are known; nothing where none is."""
    earlier = [month for month in _known(files, file) if month < file.months[0]]
    return _gap(max(earlier), file.months[0]) if earlier else ""


def gap_after(files: Sequence[ImportedFile], file: ImportedFile) -> str:
    """The same of the months just after a file: to be asked when an import is over, since the next file may fill them."""
    after = [month for month in _known(files, file) if month > file.months[-1]]
    return _gap(file.months[-1], min(after)) if after else ""


def _known(files: Sequence[ImportedFile], file: ImportedFile) -> Iterable[str]:
    """The months of all files of a file's kind; none where the file itself has none."""
    return {month for each in files if file.months and each.dataset is file.dataset for month in each.months}


def _gap(before: str, after: str) -> str:
    first, last = later(before, 1), later(after, -1)
    if first > last:
        return ""
    return f"No file has {span([first] if first == last else [first, last])}: the series is broken there."


def _sums(rows: Sequence[CountRow], file: ImportedFile) -> Sums:
    sums: defaultdict[tuple[str, str], npt.NDArray[np.int64]] = defaultdict(
        lambda: np.zeros(len(file.months), dtype=np.int64)
    )
    for row in rows:
        sums[row.borough, row.major] += row.counts
    return sums


def _revision(month: str, new_file: ImportedFile, new: Sums, old_file: ImportedFile, old: Sums) -> Revision:
    now, was = new_file.months.index(month), old_file.months.index(month)
    cells = sorted({*new, *old})
    pairs = [(int(old[c][was]) if c in old else 0, int(new[c][now]) if c in new else 0) for c in cells]
    widest = max(range(len(cells)), key=lambda at: abs(pairs[at][1] - pairs[at][0]))
    borough, category = cells[widest]
    return Revision(
        month=month,
        other_sha256=old_file.sha256,
        other_name=old_file.file_name,
        total_other=sum(before for before, _ in pairs),
        total=sum(after for _, after in pairs),
        cells=len(cells),
        changed=sum(before != after for before, after in pairs),
        widest=f"{borough}, {category.capitalize()}",
        widest_other=pairs[widest][0],
        widest_here=pairs[widest][1],
    )
