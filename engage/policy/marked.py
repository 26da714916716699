"""YAML with every value's line kept, so that an error can say file and line.

The plain core of YAML 1.2: `on`, `no` and `9:20` are words, not booleans and numbers; anchors and
keys given twice are errors.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from engage.posts.errors import BadInput

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a policy, and where."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class PolicyError(BadInput):
    """A policy that cannot be loaded. `problems` lists everything found, with file and line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        first, *rest = self.problems
        more = f" (and {len(rest)} more: run `engage policy check`)" if rest else ""
        super().__init__(f"{first.message}{more}", where=f"{first.file}:{first.line}")


@dataclass(frozen=True, slots=True)
class Marked:
    """What a YAML file says, and the line each value of it begins on."""

    file: str
    value: Any
    lines: dict[Path_, int] = field(default_factory=dict)

    def line(self, path: Path_) -> int:
        """The line of a value, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class _Core(yaml.SafeLoader):
    """YAML 1.2's core: null, true and false, whole and decimal numbers; all else is text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own


for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:null", r"(?:null|~|)\Z", ["n", "~", ""]),
    ("tag:yaml.org,2002:bool", r"(?:true|false)\Z", ["t", "f"]),
    ("tag:yaml.org,2002:int", r"-?(?:0|[1-9][0-9]*)\Z", list("-0123456789")),
    ("tag:yaml.org,2002:float", r"-?[0-9]+\.[0-9]+\Z", list("-0123456789")),
):
    _Core.add_implicit_resolver(_tag, re.compile(_pattern), _first)


def read_marked(content: bytes, *, shown_as: str) -> Marked:
    """Read one YAML file's bytes. Raises PolicyError with the line."""
    try:
        return _read(content.decode("utf-8"), shown_as)
    except UnicodeDecodeError as error:
        raise PolicyError([Problem(shown_as, 1, "is not UTF-8 text.")]) from error


def _read(text: str, shown_as: str) -> Marked:
    try:
        loader = _Core(text)
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise PolicyError(
            [Problem(shown_as, line, f"is not YAML: {error.problem or error.context}.")]
        ) from error
    except yaml.YAMLError as error:
        raise PolicyError(
            [Problem(shown_as, 1, "is not YAML: it holds a character YAML does not allow.")]
        ) from error
    builder = _Builder(loader, shown_as)
    value = None if node is None else builder.build(node, ())
    return Marked(shown_as, value, builder.lines)


@dataclass
class _Builder:
    """Plain values from YAML nodes, with the line of each."""

    loader: _Core
    file: str
    lines: dict[Path_, int] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)

    def build(self, node: yaml.Node, path: Path_) -> Any:
        """The value of a node and of all below it."""
        self.lines[path] = line = node.start_mark.line + 1
        if id(node) in self.seen:
            raise PolicyError(
                [Problem(self.file, line, "a policy does not use anchors: write it out again.")]
            )
        self.seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.build(each, (*path, place)) for place, each in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        try:
            return self.loader.construct_object(node)
        except yaml.YAMLError as error:
            raise PolicyError(
                [Problem(self.file, line, "is not plain text, a number, true or false.")]
            ) from error

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in built:
                raise PolicyError([Problem(self.file, line, f"“{key}” is given twice.")])
            built[key] = self.build(value_node, (*path, key))
            self.lines[(*path, key)] = line
        return built
