"""The same figure from the same file always has the same id, and a changed figure never keeps it."""

from dataclasses import replace

import pytest

from engage.posts.evidence import DerivedSource, Evidence, FileSource, Source, StatedSource

FILE = FileSource(
    dataset="MPS borough crime",
    publisher="Metropolitan Police Service",
    file_name="boroughs.csv",
    file_sha256="a" * 64,
    licence="OGL v3.0",
    filter={"borough": "Camden", "topic": "home_burglary"},
    period="2025-11",
    rows=3,
    as_of="2025-12-10",
)
STATED = StatedSource(
    stated_by="pc.okafor", stated_at="2026-10-12T11:00:00+00:00", reference="CAD 1204/03OCT"
)
DERIVED = DerivedSource(method="difference of two counts", inputs=("ev_1", "ev_2"))
ITEM = Evidence(field="count_now", value="388", number=388.0, label="Offences", source=FILE)


def test_the_same_figure_has_the_same_id_whatever_order_its_filter_was_written_in() -> None:
    turned = replace(FILE, filter=dict(reversed(FILE.filter.items())))
    assert replace(ITEM, source=turned).id == ITEM.id


@pytest.mark.parametrize(
    "changes",
    [
        {"field": "count_before"},
        {"value": "389"},
        {"number": 389.0},
        {"label": "Crimes"},
        {"source": replace(FILE, file_sha256="b" * 64)},
        {"source": replace(FILE, period="2025-10")},
        {"source": replace(FILE, rows=4)},
        {"source": replace(FILE, filter={"borough": "Brent", "topic": "home_burglary"})},
        {"source": replace(FILE, synthetic=True)},
        {"source": STATED},
        {"source": DERIVED},
    ],
)
def test_any_change_to_a_figure_or_its_source_is_another_id(changes: dict[str, object]) -> None:
    assert replace(ITEM, **changes).id != ITEM.id  # type: ignore[arg-type]


@pytest.mark.parametrize("source", [FILE, STATED, DERIVED])
def test_evidence_survives_its_journey_through_json(source: Source) -> None:
    item = replace(ITEM, source=source)
    assert Evidence.from_json(item.to_json()) == item


def test_a_kind_of_source_nobody_knows_is_refused() -> None:
    data = ITEM.to_json()
    data["source"] = {"kind": "rumour"}
    with pytest.raises(KeyError):
        Evidence.from_json(data)
