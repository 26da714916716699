"""Evidence: what a draft may say, each item with where it came from.

An item's id is made from its content, so the same figure from the same file always has the same id
and a changed figure never keeps it.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """A figure counted from rows of an imported file.

    `filter` is what selected the rows (column to value); `period` is "2025-11" or
    "2025-09..2025-11"; `rows` is how many rows or cells of the file it was counted from;
    `as_of` is the ISO date the file was published or imported (its vintage).
    """

    dataset: str
    publisher: str
    file_name: str
    file_sha256: str
    licence: str
    filter: Mapping[str, str]
    period: str
    rows: int
    as_of: str
    synthetic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedSource:
    """A figure worked out from other evidence: `method` in words, `inputs` their evidence ids."""

    method: str
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedSource:
    """Something a named officer stated, and when (ISO time, UTC)."""

    stated_by: str
    stated_at: str
    reference: str | None = None


Source = FileSource | DerivedSource | StatedSource
_SOURCES: Mapping[str, type[FileSource] | type[DerivedSource] | type[StatedSource]] = {
    "file": FileSource,
    "derived": DerivedSource,
    "stated": StatedSource,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One figure, place, time, reference or statement a draft may use.

    `field` is the slot it fills ("count_now", "place", "reference"); `value` is the text as it may
    be shown; `number` the figure behind it, where there is one.
    """

    field: str
    value: str
    source: Source
    number: float | None = None
    label: str = ""
    id: str = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", id_of(self.written()))

    def written(self) -> str:
        """The item as its id is made from."""
        return json.dumps(self._content(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def _content(self) -> dict[str, Any]:
        kind = next(name for name, type_ in _SOURCES.items() if isinstance(self.source, type_))
        return {
            "field": self.field,
            "value": self.value,
            "number": self.number,
            "label": self.label,
            "source": {"kind": kind, **asdict(self.source)},
        }

    def to_json(self) -> dict[str, Any]:
        """The item as JSON types."""
        return {"id": self.id, **self._content()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Evidence":
        """The item that `to_json` wrote. Raises KeyError or TypeError on anything else."""
        source = dict(data["source"])
        type_ = _SOURCES[source.pop("kind")]
        if type_ is DerivedSource:
            source["inputs"] = tuple(source["inputs"])
        return cls(
            field=data["field"],
            value=data["value"],
            number=data.get("number"),
            label=data.get("label", ""),
            source=type_(**source),
        )


def id_of(written: str) -> str:
    """The id of the item that `Evidence.written` wrote."""
    return "ev_" + hashlib.sha256(written.encode()).hexdigest()[:16]
