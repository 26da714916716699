"""Rule F01 by types: no value that a draft is made of can be made of a planning map."""

import re
from pathlib import Path

from mypy import api

from engage.planning.maps import PlanningMap

ROOT = Path(__file__).parents[2]
WAYS = """
from engage.crime.figures import TopicFigure
from engage.crime.sourced import evidence
from engage.drafting.compose import fill
from engage.drafting.desk import Brought, Order
from engage.drafting.stated import stated_evidence
from engage.planning.maps import PlanningMap
from engage.posts.evidence import Evidence, FileSource, StatedSource
from engage.posts.kinds import Kind, Platform
from engage.posts.post import Variant


def every_way(made: PlanningMap, source: FileSource) -> None:
    Evidence(field="place", value=made, source=source)  # no
    Evidence(field="place", value="here", number=made, source=source)  # no
    Evidence(field="place", value="here", source=made)  # no
    Brought(evidence=(made,))  # no
    Brought(evidence=made)  # no
    Order(kind=Kind.PREVENTION, borough="Camden", stated={"place": made})  # no
    Order(kind=Kind.PREVENTION, borough=made)  # no
    Variant(platform=Platform.X, account="met", parts=(made,))  # no
    evidence(made)  # no
    made.cells  # no
    made.score  # no
    made.to_json()  # no
    str.join(", ", made)  # no
    [each for each in made]  # no
    len(made)  # no
    float(made)  # no
"""


def test_nothing_a_draft_is_made_of_accepts_a_planning_map(tmp_path: Path) -> None:
    asked = tmp_path / "ways.py"
    asked.write_text(WAYS)
    told, complaints, _ = api.run(["--config-file", str(ROOT / "pyproject.toml"), str(asked)])
    assert complaints == ""
    refused = {int(line) for line in re.findall(r"ways\.py:(\d+): error", told)}
    wanted = {at for at, line in enumerate(WAYS.splitlines(), start=1) if line.endswith("# no")}
    assert refused == wanted, told


def test_a_planning_map_says_nothing_of_itself() -> None:
    public = {name for name in dir(PlanningMap) if not name.startswith("_")}
    assert public == {"write"}
    assert "__str__" not in vars(PlanningMap)
