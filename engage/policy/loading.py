"""A policy's directory read into a policy; every fault of it named with file and line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import normpath
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engage.policy.files import Files, FilesOnDisk, KeptFiles, shown
from engage.policy.language import Case, Force
from engage.policy.marked import Marked, Path_, PolicyError, Problem, read_marked
from engage.policy.policy import Policy
from engage.policy.vocabulary import Rule, RuleFile

M = TypeVar("M", bound=BaseModel)
_DEEPEST_BASE = 4


@dataclass
class Sources:
    """A policy as its files say it, base policies merged in, with where each rule and case stands.

    `kept` are the files that decide, as they were read: policy.yaml and rules, not the cases.
    """

    force: Force
    kept: KeptFiles
    rules: dict[str, Rule] = field(default_factory=dict)
    where: dict[str, Problem] = field(default_factory=dict)
    cases: list[tuple[Case, Problem]] = field(default_factory=list)

    def compiled(self) -> Policy:
        """The policy, ready to decide. Raises PolicyError."""
        return Policy(self.force, list(self.rules.values()), hash_=self.kept.hash, where=self.where)


def load_policy(directory: Path) -> Policy:
    """The policy in a directory: policy.yaml and rules/*.yaml, built on what it extends.

    Raises PolicyError listing every fault found with file and line.
    """
    return read_sources(FilesOnDisk(directory)).compiled()


def read_sources(files: Files, *, with_cases: bool = False) -> Sources:
    """The files of a policy, checked against the language. Raises PolicyError."""
    return _Reading(files, with_cases=with_cases).policy_in(".", depth=0)


@dataclass
class _Reading:
    """One reading of a policy and of what it builds on; what decides is kept as it is read."""

    files: Files
    with_cases: bool
    contents: dict[str, bytes] = field(default_factory=dict)

    def policy_in(self, folder: str, *, depth: int) -> Sources:
        """The policy of one folder, its base policies merged in."""
        marked = self._deciding(_within(folder, "policy.yaml"))
        base = self._base(marked, folder, depth=depth)
        value = (
            marked.value
            if base is None
            else _merged(base.force.model_dump(mode="json", by_alias=True, exclude={"extends"}), marked.value)
        )
        force = _validated(Force, Marked(marked.file, value, marked.lines))
        sources = Sources(force, KeptFiles(self.files.folder, self.contents))
        if base is not None:
            sources.rules, sources.where, sources.cases = base.rules, base.where, base.cases
        _add_matrix(sources, marked)
        self._add_rules(sources, folder)
        if self.with_cases:
            self._add_cases(sources, folder)
        return sources

    def _base(self, marked: Marked, folder: str, *, depth: int) -> Sources | None:
        if not isinstance(marked.value, dict) or not isinstance(marked.value.get("extends"), str):
            return None
        line = marked.line(("extends",))
        if depth == _DEEPEST_BASE:
            raise PolicyError([Problem(marked.file, line, "builds on itself, or on too long a chain.")])
        target = _within(folder, marked.value["extends"])
        if self.files.read(_within(target, "policy.yaml")) is None:
            problem = f"“{marked.value['extends']}” holds no policy.yaml."
            raise PolicyError([Problem(marked.file, line, problem)])
        return self.policy_in(target, depth=depth + 1)

    def _deciding(self, name: str) -> Marked:
        """A file that decides. Raises PolicyError where it is not there, or is not YAML."""
        content = self.files.read(name)
        if content is None:
            raise PolicyError(
                [
                    Problem(
                        shown(self.files, name),
                        1,
                        "is not there: a policy is a folder with policy.yaml and rules/.",
                    )
                ]
            )
        self.contents[name] = content
        return read_marked(content, shown_as=shown(self.files, name))

    def _add_rules(self, sources: Sources, folder: str) -> None:
        problems: list[Problem] = []
        given: dict[str, Problem] = {}
        for name in self.files.within(_within(folder, "rules")):
            try:
                marked = self._deciding(name)
                read = _validated(RuleFile, marked)
            except PolicyError as error:
                problems.extend(error.problems)
                continue
            for place, rule in enumerate(read.rules):
                problems.extend(_given_twice(rule, given))
                _add_rule(sources, rule, place, marked)
                given[rule.id] = sources.where[rule.id]
            problems.extend(_switched_off(sources, read, marked))
        if problems:
            raise PolicyError(problems)

    def _add_cases(self, sources: Sources, folder: str) -> None:
        problems: list[Problem] = []
        for name in self.files.within(_within(folder, "cases")):
            marked = read_marked(self.files.read(name) or b"", shown_as=shown(self.files, name))
            listed = marked.value if isinstance(marked.value, list) else None
            if listed is None:
                problems.append(Problem(marked.file, 1, "is not a list of cases."))
                continue
            for place, value in enumerate(listed):
                try:
                    case = Case.model_validate(value)
                except ValidationError as error:
                    problems.extend(_problems(error, marked, (place,)))
                    continue
                sources.cases.append((case, Problem(marked.file, marked.line((place,)), "")))
        if problems:
            raise PolicyError(problems)


def _within(folder: str, name: str) -> str:
    return normpath(f"{folder}/{name}")


def _merged(base: dict[str, Any], own: Any) -> Any:
    """The base, with what the own file says instead: mappings are merged, all else is replaced."""
    if not isinstance(own, dict):
        return own
    merged = dict(base)
    for key, value in own.items():
        inner = merged.get(key)
        merged[key] = _merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged


def _add_matrix(sources: Sources, marked: Marked) -> None:
    """Where each entry of the matrix stands; one that says nothing of the matrix has its base's."""
    if "matrix" not in marked.value:
        return
    sources.where["matrix"] = Problem(marked.file, marked.line(("matrix",)), "")
    for place in range(len(sources.force.matrix)):
        sources.where[f"matrix.{place}"] = Problem(marked.file, marked.line(("matrix", place)), "")


def _given_twice(rule: Rule, given: Mapping[str, Problem]) -> Iterator[Problem]:
    other = given.get(rule.id)
    if other is not None:
        yield Problem(other.file, other.line, f"{rule.id} is given twice.")


def _add_rule(sources: Sources, rule: Rule, place: int, marked: Marked) -> None:
    sources.rules[rule.id] = rule
    sources.where[rule.id] = Problem(marked.file, marked.line(("rules", place)), "")
    for number, clause in enumerate(rule.clauses):
        path: Path_ = ("rules", place, "clauses", number)
        sources.where[f"{rule.id}.{number}"] = Problem(marked.file, marked.line(path), "")
        for check in range(len(clause.checks)):
            line = marked.line((*path, "checks", check))
            sources.where[f"{rule.id}.{number}.{check}"] = Problem(marked.file, line, "")


def _switched_off(sources: Sources, read: RuleFile, marked: Marked) -> Iterator[Problem]:
    for rule_id in read.off:
        if sources.rules.pop(rule_id, None) is None:
            line = marked.line(("off", rule_id))
            yield Problem(marked.file, line, f"{rule_id} is no rule of the base policy.")


def _validated(model: type[M], marked: Marked) -> M:
    try:
        return model.model_validate(marked.value if marked.value is not None else {})
    except ValidationError as error:
        raise PolicyError(_problems(error, marked, ())) from error


def _problems(error: ValidationError, marked: Marked, above: Path_) -> list[Problem]:
    """Each fault pydantic found, on the line of the value it is about."""
    problems = []
    for fault in error.errors(include_url=False, include_context=False):
        path = (*above, *_walked(marked.value, above, fault["loc"]))
        name = ".".join(str(step) for step in path if not isinstance(step, int)) or "this file"
        problems.append(Problem(marked.file, marked.line(path), f"{name}: {_in_words(fault)}"))
    return problems


def _walked(value: Any, above: Path_, location: tuple[str | int, ...]) -> Path_:
    """The path through the file's own values: what pydantic adds for its unions is left out."""
    for step in above:
        value = value[step]
    path: list[str | int] = []
    for step in location:
        if isinstance(value, Mapping) and step in value:
            path.append(step)
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            path.append(step)
            value = value[step]
    return tuple(path)


def _in_words(fault: Any) -> str:
    name = fault["loc"][-1] if fault["loc"] else "it"
    match fault["type"]:
        case "extra_forbidden":
            return f"“{name}” is no key here."
        case "missing":
            return f"“{name}” is missing."
        case _:
            return f"{str(fault['msg']).removeprefix('Value error, ')}."
