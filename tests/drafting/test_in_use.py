"""The press office edits a wording while people draft: good edits take effect, broken ones do not."""

from pathlib import Path

import pytest

from engage.drafting import BadTemplate, WordingInUse
from tests.drafting.shelves import PLAIN


def edit(folder: Path, text: str) -> None:
    (folder / "one.j2").write_text(text, encoding="utf-8")


def test_a_good_edit_is_in_use_at_once(tmp_path: Path) -> None:
    edit(tmp_path, PLAIN)
    wording = WordingInUse(tmp_path)
    before = wording.current.named("plain").hash
    edit(tmp_path, PLAIN.replace("Meet us", "Come and meet us"))
    assert wording.current.named("plain").hash != before
    assert wording.problem is None


def test_after_a_broken_edit_the_last_good_wording_stays_and_the_mistake_is_shown(tmp_path: Path) -> None:
    edit(tmp_path, PLAIN)
    wording = WordingInUse(tmp_path)
    before = wording.current
    edit(tmp_path, PLAIN.replace("{{ place }}", "{{ plaice }}"))
    assert wording.current is before
    assert wording.problem is not None
    assert "plaice" in str(wording.problem)
    edit(tmp_path, PLAIN)
    assert wording.current.named("plain").hash == before.named("plain").hash
    assert wording.problem is None


def test_an_unchanged_directory_is_not_read_again(tmp_path: Path) -> None:
    edit(tmp_path, PLAIN)
    wording = WordingInUse(tmp_path)
    assert wording.current is wording.current


def test_a_shelf_that_was_never_good_stops_the_start(tmp_path: Path) -> None:
    edit(tmp_path, "no front matter")
    with pytest.raises(BadTemplate):
        WordingInUse(tmp_path)
