"""The shelf: every template of a directory, checked as it is loaded so that a draft never meets a bad one."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import jinja2
import yaml
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import TypeAdapter, ValidationError

from engage.drafting.errors import BadTemplate, NoSuchTemplate
from engage.drafting.template import BLOCKS, FrontMatter, Template
from engage.posts.kinds import Kind

SUFFIX = ".j2"
_FENCE = "---"
_MATTER = TypeAdapter(FrontMatter)
_UNKNOWN = frozenset({"unexpected_keyword_argument", "extra_forbidden"})
"""An unknown key is told first: with it, what seems missing is usually only misspelt."""
_BLOCK_NAMES = frozenset(name for names in BLOCKS.values() for name in names)
_MAY_SAY = (
    nodes.Template, nodes.Block, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, nodes.Const,
    nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand,
)  # fmt: skip
"""Wording is words, slots and `if`: no calls, loops, attributes, filters or includes, so that the press
office can read all of it and no template can reach anything but its evidence."""


def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # Plain text: "O'Meara & Borough" must not come out as entities.
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass(frozen=True, slots=True)
class TemplateShelf:
    """The force's templates, by name."""

    templates: Mapping[str, Template]

    @classmethod
    def load(cls, directory: Path) -> "TemplateShelf":
        """Read every `.j2` file below a directory.

        Raises BadTemplate naming the file and line of the first thing wrong: front matter that is not
        YAML, an unknown key, a kind that does not exist, a slot used but not declared or declared but
        not used, wording missing for a platform, or Jinja2 beyond words, slots and `if`.
        """
        environment = _environment()
        templates: dict[str, Template] = {}
        for path in sorted(directory.rglob(f"*{SUFFIX}")):
            template = _read(path, str(path.relative_to(directory)), environment)
            if template.name in templates:
                taken = templates[template.name].where
                raise BadTemplate(f"the name {template.name} is taken by {taken}.", where=template.where)
            templates[template.name] = template
        if not templates:
            raise BadTemplate(
                f"holds no {SUFFIX} file.", where=str(directory), remedy="Check ENGAGE_TEMPLATES."
            )
        return cls(templates)

    def all(self) -> tuple[Template, ...]:
        """Every template, by name."""
        return tuple(self.templates[name] for name in sorted(self.templates))

    def named(self, name: str) -> Template:
        """The template of this name. Raises NoSuchTemplate, listing the names there are."""
        if name not in self.templates:
            known = ", ".join(sorted(self.templates))
            raise NoSuchTemplate(f"There is no template “{name}”.", remedy=f"There are: {known}.")
        return self.templates[name]

    def for_kind(self, kind: Kind) -> tuple[Template, ...]:
        """The templates that word this kind of post."""
        return tuple(each for each in self.all() if each.kind is kind)

    def for_topic(self, topic: str) -> tuple[Template, ...]:
        """The templates that name this topic as theirs."""
        return tuple(each for each in self.all() if topic in each.topics)


def _read(path: Path, where: str, environment: jinja2.Environment) -> Template:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadTemplate(
            "is not UTF-8 text.", where=f"{where}, line {line}", remedy="Save it as UTF-8."
        ) from error
    above, body = _split(text, where)
    matter = _front_matter(above, where)
    wording = _wording(body, matter, where, environment)
    template = Template(matter=matter, hash=hashlib.sha256(raw).hexdigest(), where=where, wording=wording)
    for platform in matter.platforms:
        if template.block_for(platform) is None:
            raise BadTemplate(
                f"has no wording for {platform.label}.",
                where=where,
                remedy=f"Add a block {' or '.join(BLOCKS[platform])}, or leave {platform.value} out of platforms.",
            )
    return template


def _split(text: str, where: str) -> tuple[str, str]:
    """Front matter and body, each padded so that its line numbers are those of the file."""
    lines = text.splitlines()
    ends = [number for number, line in enumerate(lines) if line.rstrip() == _FENCE]
    if len(ends) < 2 or ends[0] != 0:  # noqa: PLR2004 - a fence above and a fence below
        raise BadTemplate(
            "has no front matter.", where=f"{where}, line 1", remedy="Begin with --- and end it with ---."
        )
    close = ends[1]
    return "\n" + "\n".join(lines[1:close]), "\n" * (close + 1) + "\n".join(lines[close + 1 :])


def _front_matter(above: str, where: str) -> FrontMatter:
    try:
        tree = yaml.compose(above, Loader=yaml.SafeLoader)
        return _MATTER.validate_python(yaml.safe_load(above))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadTemplate(f"{error.problem}.", where=f"{where}, line {line}") from error
    except ValidationError as error:
        wrong = min(error.errors(), key=lambda each: each["type"] not in _UNKNOWN)
        key = ".".join(str(part) for part in wrong["loc"]) or "front matter"
        problem = "is no key of a template." if wrong["type"] in _UNKNOWN else f"{wrong['msg']}."
        line = _line_of(tree, wrong["loc"])
        raise BadTemplate(f"{key}: {problem}", where=f"{where}, line {line}") from error


def _line_of(tree: yaml.Node | None, path: tuple[int | str, ...]) -> int:
    """The line of a key, or of the nearest thing around it that is there."""
    line = 2 if tree is None else tree.start_mark.line + 1
    for part in path:
        if isinstance(tree, yaml.MappingNode):
            found = [(key, value) for key, value in tree.value if key.value == part]
            if not found:
                return line
            line, tree = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(tree, yaml.SequenceNode) and isinstance(part, int) and part < len(tree.value):
            tree = tree.value[part]
            line = tree.start_mark.line + 1
    return line


def _wording(body: str, matter: FrontMatter, where: str, environment: jinja2.Environment) -> jinja2.Template:
    try:
        tree = environment.parse(body)
    except jinja2.TemplateSyntaxError as error:
        raise BadTemplate(f"{error.message}.", where=f"{where}, line {error.lineno}") from error
    for problem, line in _problems(tree, {slot.name for slot in matter.slots}):
        raise BadTemplate(problem, where=f"{where}, line {line}")
    return environment.from_string(body)


def _problems(tree: nodes.Template, slots: set[str]) -> Iterator[tuple[str, int]]:
    """What is wrong with the wording, each with its line."""
    used = set()
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _MAY_SAY):
            yield f"wording may use words, slots and “if” only, not {type(node).__name__}.", node.lineno
        if isinstance(node, nodes.Name):
            used.add(node.name)
            if node.name not in slots:
                yield f"uses {node.name}, which is not one of its slots.", node.lineno
        if isinstance(node, nodes.Block) and node.name not in _BLOCK_NAMES:
            yield f"block {node.name} is for no platform.", node.lineno
    outside = [node for node in tree.body if not isinstance(node, nodes.Block) and _says_something(node)]
    if outside:
        yield "has wording outside a block, which no platform would show.", outside[0].lineno
    if slots - used:
        yield f"declares slots its wording never uses: {', '.join(sorted(slots - used))}.", 1


def _says_something(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Output):
        return any(not isinstance(part, nodes.TemplateData) or part.data.strip() for part in node.nodes)
    return True
