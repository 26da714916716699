"""Builders for drafting tests: evidence, and a shelf of a given text."""

from collections.abc import Mapping
from pathlib import Path

from engage.drafting import Template, TemplateShelf
from engage.posts.evidence import Evidence, StatedSource

SHIPPED = Path(__file__).parents[2] / "templates"
STATED = StatedSource(stated_by="pc.okafor", stated_at="2026-10-12T11:00:00+00:00")

PLAIN = """---
name: plain
title: Plain
kind: engagement
slots:
  - {name: place, label: Where, from: officer}
---
{% block short %}
Meet us {{ place }}.
{% endblock %}
"""


def said(**fields: str) -> tuple[Evidence, ...]:
    return tuple(Evidence(field=name, value=value, source=STATED) for name, value in fields.items())


def shelf_of(folder: Path, **files: str) -> TemplateShelf:
    for name, text in files.items():
        (folder / f"{name}.j2").write_text(text, encoding="utf-8")
    return TemplateShelf.load(folder)


def template_of(folder: Path, text: str = PLAIN) -> Template:
    return shelf_of(folder, one=text).all()[0]


def examples(template: Template, **instead: str) -> Mapping[str, str]:
    """Every slot filled with the example its form shows."""
    return {slot.name: slot.example for slot in template.slots} | instead
