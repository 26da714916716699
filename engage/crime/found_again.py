"""From an evidence id back to the figure it was given to.

An id is made from the item's content, so it cannot be turned back; every count of the imported files is
tried instead, newest month first. The items of one topic and month differ in a few places only, so their
text is written once and filled in for each borough: four hundred thousand in about a second.
"""

from collections.abc import Iterator

from engage.crime.records import CrimeReader
from engage.crime.series import NAMES, Panel, panel_of
from engage.crime.sourced import as_counted, counted
from engage.crime.suppression import limits, said
from engage.crime.topics import Topic
from engage.posts.errors import BadInput
from engage.posts.evidence import Evidence, id_of

_BOROUGH = "\ue000"
_WORDS = "\ue001"
_COUNT = 987_654_321_987
_LINES = 123_456_789_123


def evidence_called(reader: CrimeReader, evidence_id: str) -> Evidence:
    """The figure of any borough, topic and month with this evidence id.

    Raises BadInput where no figure of the files that speak has it.
    """
    panel = panel_of(reader)
    for month in reversed(panel.months):
        for topic in panel.topics(month):
            for borough, each in _ids(panel, topic, month):
                if each == evidence_id:
                    items = counted(panel, topic, borough, month)
                    return next(item for item in items if item.id == evidence_id)
    raise BadInput(
        "is no count of the files imported here.",
        where=evidence_id,
        remedy="`engage summary --json` lists the ids of a borough's figures.",
    )


def _ids(panel: Panel, topic: Topic, month: str) -> Iterator[tuple[str, str]]:
    """Every id that a count of a topic and month can have, and its borough."""
    file = panel.voices[topic.key][month]
    items = as_counted(file, topic, month, borough=_BOROUGH, count=_COUNT, lines=_LINES, words=_WORDS)
    text = "\n".join(item.written() for item in items)
    for borough in NAMES:
        count = panel.count(topic, borough, month)
        if count is None:
            continue
        lines = panel.stood.get((topic.key, borough, file.sha256), 0)
        filled = (
            text.replace(_BOROUGH, borough)
            .replace(_WORDS, said(count, limits(panel, month).get((borough, topic.key))))
            .replace(str(_COUNT), str(count))
            .replace(str(_LINES), str(lines))
        )
        for each in filled.split("\n"):
            yield borough, id_of(each)
