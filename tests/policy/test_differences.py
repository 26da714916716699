"""Whoever signs a policy reads every line that changes."""

from hypothesis import given
from hypothesis import strategies as st

from engage.policy.differences import changed_files
from engage.policy.files import KeptFiles

LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=4), max_size=8)
FILES = st.dictionaries(st.sampled_from(["policy.yaml", "rules/a.yaml", "rules/b.yaml"]), LINES)


def kept(files: dict[str, list[str]]) -> KeptFiles:
    return KeptFiles.of_texts("small", {name: "\n".join(lines) for name, lines in files.items()})


@given(FILES, FILES)
def test_every_line_that_is_new_or_gone_is_shown_and_nothing_else_is_called_so(
    old: dict[str, list[str]], new: dict[str, list[str]]
) -> None:
    for file in changed_files(kept(old), kept(new)):
        before, after = _lines(old, file.name), _lines(new, file.name)
        for line in file.lines:
            assert line.text == "…" or line.text in (after if line.sign == "+" else before)
        assert file.added - file.removed == len(after) - len(before)


@given(FILES)
def test_the_same_files_differ_in_nothing(files: dict[str, list[str]]) -> None:
    assert changed_files(kept(files), kept(files)) == ()


def _lines(files: dict[str, list[str]], name: str) -> list[str]:
    return "\n".join(files.get(name, [])).splitlines()
