"""Posts and small policies for the tests of this room."""

from pathlib import Path
from typing import Any

MET = Path(__file__).parents[2] / "policies" / "met"


def a_post(
    text: str, *, kind: str = "prevention", platform: str = "facebook", **context: Any
) -> dict[str, Any]:
    return {"kind": kind, "platform": platform, "text": text, "context": context}


FORCE = """\
name: small
version: "1"
title: A small policy
contacts: {numbers: {"101": police}, domains: [police.uk], handles: {}}
kinds: [prevention, appeal_witness]
matrix:
  - kinds: [prevention, appeal_witness]
    tier: 0
    approve: [{role: press_officer}]
    out_of_hours: wait
    approve_within_minutes: 60
    valid_for_minutes: 60
"""

RULE = """\
rules:
  - id: X01
    title: No shouting
    severity: block
    source: {code: US, grade: D, basis: design, says: our own design}
    message: "“{found}” is shouting."
    why: It hurts.
    fix: Say it quietly.
    clauses:
      - checks: [{phrases: [shout~]}]
"""

CASES = """\
- {rule: X01, expect: fires, name: a shout, post: {kind: prevention, text: They shouted}}
- {rule: X01, expect: fires, name: a shout now, post: {kind: prevention, text: We shout}}
- {rule: X01, expect: passes, name: a whisper, post: {kind: prevention, text: They whispered}}
- {rule: X01, expect: passes, name: a song, post: {kind: prevention, text: They sang}}
"""


def write_policy(folder: Path, *, force: str = FORCE, rules: str = RULE, cases: str = "") -> Path:
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    (folder / "policy.yaml").write_text(force, encoding="utf-8")
    (folder / "rules" / "X.yaml").write_text(rules, encoding="utf-8")
    if cases:
        (folder / "cases").mkdir(exist_ok=True)
        (folder / "cases" / "X.yaml").write_text(cases, encoding="utf-8")
    return folder
