"""Whether newer figures have come in since a post's were read."""

from collections.abc import Sequence
from datetime import date

from engage.crime.months import in_words
from engage.crime.records import Dataset, ImportedFile, speaking
from engage.posts.evidence import Evidence, FileSource


def aged(evidence: Sequence[Evidence], files: Sequence[ImportedFile]) -> str:
    """Which figure has aged and what is newer, as a sentence; empty where the figures are the newest there are.

    The newest figure of a post speaks for all of them: those of a year before come from older files.
    """
    counted = [item for item in evidence if item.number is not None and isinstance(item.source, FileSource)]
    newest = max(counted, key=_as_of, default=None)
    if newest is None or not isinstance(newest.source, FileSource):
        return ""
    file = newer(newest.source, files)
    if file is None:
        return ""
    about = f"{newest.label or newest.field.replace('_', ' ')}, {in_words(_month(newest.source))}"
    return (
        f"Its figures have aged: “{newest.value}” ({about}) is from {newest.source.file_name} "
        f"as of {_day(newest.source.as_of)}, and {file.file_name} as of {_day(file.as_of)} is newer."
    )


def newer(source: FileSource, files: Sequence[ImportedFile]) -> ImportedFile | None:
    """The file that goes further than the source's, or speaks for its month now; None where neither is so."""
    peers = [each for each in files if each.synthetic == source.synthetic]
    voices = speaking(peers, Dataset(source.dataset))
    if not voices:
        return None
    furthest, of_month = voices[max(voices)], voices.get(_month(source))
    if furthest.as_of > source.as_of:
        return furthest
    return of_month if of_month is not None and of_month.sha256 != source.file_sha256 else None


def _as_of(item: Evidence) -> str:
    assert isinstance(item.source, FileSource)  # noqa: S101 - only such items are compared
    return item.source.as_of


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%-d %B %Y}"


def _month(source: FileSource) -> str:
    return source.period.rpartition("..")[2]
