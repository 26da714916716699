"""A policy's directory read into a policy; every fault of it named with file and line."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engage.policy.language import Case, Force
from engage.policy.marked import Marked, Path_, PolicyError, Problem, read_marked
from engage.policy.policy import Policy
from engage.policy.vocabulary import Rule, RuleFile

M = TypeVar("M", bound=BaseModel)
_DEEPEST_BASE = 4


@dataclass
class Sources:
    """A policy as its files say it, base policies merged in, with where each rule and case stands."""

    directory: Path
    force: Force
    rules: dict[str, Rule] = field(default_factory=dict)
    where: dict[str, Problem] = field(default_factory=dict)
    cases: list[tuple[Case, Problem]] = field(default_factory=list)
    digest: str = ""


def load_policy(directory: Path) -> Policy:
    """The policy in a directory: policy.yaml and rules/*.yaml, built on what it extends.

    Raises PolicyError listing every fault found with file and line.
    """
    sources = read_sources(directory)
    return Policy(sources.force, list(sources.rules.values()), hash_=sources.digest, where=sources.where)


def read_sources(directory: Path, *, with_cases: bool = False) -> Sources:
    """The files of a policy, checked against the language. Raises PolicyError."""
    digest = hashlib.sha256()
    sources = _read(directory, digest, depth=0, with_cases=with_cases)
    sources.digest = digest.hexdigest()
    return sources


def _read(directory: Path, digest: Any, *, depth: int, with_cases: bool) -> Sources:
    main = directory / "policy.yaml"
    if not main.is_file():
        raise PolicyError(
            [Problem(str(main), 1, "is not there: a policy is a folder with policy.yaml and rules/.")]
        )
    marked = _marked(main, directory, digest)
    base = _base(marked, directory, digest, depth=depth, with_cases=with_cases)
    value = (
        marked.value
        if base is None
        else _merged(base.force.model_dump(mode="json", exclude={"extends"}), marked.value)
    )
    force = _validated(Force, Marked(marked.file, value, marked.lines))
    sources = Sources(directory, force)
    if base is not None:
        sources.rules, sources.where, sources.cases = base.rules, base.where, base.cases
    _add_matrix(sources, marked)
    _add_rules(sources, directory, digest)
    if with_cases:
        _add_cases(sources, directory)
    return sources


def _base(marked: Marked, directory: Path, digest: Any, *, depth: int, with_cases: bool) -> Sources | None:
    if not isinstance(marked.value, dict) or not isinstance(marked.value.get("extends"), str):
        return None
    if depth == _DEEPEST_BASE:
        raise PolicyError(
            [Problem(marked.file, marked.line(("extends",)), "builds on itself, or on too long a chain.")]
        )
    target = (directory / marked.value["extends"]).resolve()
    if not (target / "policy.yaml").is_file():
        raise PolicyError(
            [
                Problem(
                    marked.file,
                    marked.line(("extends",)),
                    f"“{marked.value['extends']}” holds no policy.yaml.",
                )
            ]
        )
    return _read(target, digest, depth=depth + 1, with_cases=with_cases)


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


def _add_rules(sources: Sources, directory: Path, digest: Any) -> None:
    problems: list[Problem] = []
    given: dict[str, Problem] = {}
    for path in sorted((directory / "rules").glob("*.yaml")):
        try:
            marked = _marked(path, directory, digest)
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


def _add_cases(sources: Sources, directory: Path) -> None:
    problems: list[Problem] = []
    for path in sorted((directory / "cases").glob("*.yaml")):
        marked = read_marked(path, shown_as=_shown(path, directory))
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


def _marked(path: Path, directory: Path, digest: Any) -> Marked:
    shown = _shown(path, directory)
    digest.update(shown.encode() + b"\0" + path.read_bytes() + b"\0")
    return read_marked(path, shown_as=shown)


def _shown(path: Path, directory: Path) -> str:
    return str(Path(directory.name) / path.relative_to(directory))


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
