"""The repository tests itself: the arrows, what may be named in a file, the locks, the settings, the decisions."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engage.settings import Settings

ROOT = Path(__file__).parents[1]
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
REGISTRIES = re.compile(r"pypi\.org|pythonhosted\.org|registry\.npmjs|registry\.yarnpkg")
HOMES = re.compile(r"/(?:home|Users)/[a-z][\w.-]*/")
VAGUE = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


def tracked() -> list[Path]:
    """Every file that git keeps."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    if not listed:
        pytest.skip("not a git clone, so no list of kept files")
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts() -> Iterator[tuple[str, str]]:
    """Name and contents of every kept file that is text."""
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content:
            yield str(path.relative_to(ROOT)), content.decode()


def documents() -> list[Path]:
    return [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]


def test_rooms_import_only_downwards() -> None:
    told = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout


def test_no_file_names_a_package_registry() -> None:
    guilty = [name for name, text in texts() if REGISTRIES.search(text)]
    assert guilty == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    here = {f"{ROOT.parent}/", f"{Path.home()}/"} - {"/", "//"}
    guilty = [
        name for name, text in texts() if HOMES.search(text) or any(path in text for path in sorted(here))
    ]
    assert guilty == []


def test_every_python_package_is_pinned_with_hashes_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    entries = re.split(r"^(?=[\w.-]+==)", lock, flags=re.MULTILINE)[1:]
    assert len(entries) > 50
    assert [entry.splitlines()[0] for entry in entries if not HASH.search(entry)] == []
    assert "://" not in lock
    stray = [
        line for line in lock.splitlines() if line and not re.match(r"[\w.-]+==|\s+--hash=|#|\s+#", line)
    ]
    assert stray == []


def test_every_npm_package_is_pinned_with_its_hash_and_no_address() -> None:
    manifest = json.loads((ROOT / "package.json").read_text())
    lock = json.loads((ROOT / "package-lock.json").read_text())
    wanted = {**manifest["dependencies"], **manifest["devDependencies"]}
    assert [name for name, version in wanted.items() if not re.fullmatch(r"[\d.]+", version)] == []
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert {name.removeprefix("node_modules/") for name in packages} >= set(wanted)
    assert [name for name, each in packages.items() if "integrity" not in each or "resolved" in each] == []


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented_for_operators(name: str) -> None:
    variable = name.upper() if name in {"database_url", "redis_url"} else f"ENGAGE_{name.upper()}"
    assert f"`{variable}`" in (ROOT / "docs" / "operators.md").read_text()


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path for path in tracked() if path.suffix == ".py" and path.stem in VAGUE] == []


def test_every_decision_says_what_would_change_our_mind_and_has_a_number_of_its_own() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [record.name.split("-")[0] for record in records]
    assert len(set(numbers)) == len(numbers)
    silent = [record.name for record in records if "would change our mind" not in record.read_text().lower()]
    assert silent == []


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents()
        for target in re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", document.read_text())
        if not (document.parent / target).exists()
    ]
    assert broken == []


def test_what_the_readme_tells_a_developer_to_run_is_what_ci_runs() -> None:
    told = set(re.findall(r"python3 dev\.py (\w+)", (ROOT / "README.md").read_text()))
    run = set(re.findall(r"^python3 dev\.py (\w+)", (ROOT / ".ci" / "run").read_text(), flags=re.MULTILINE))
    assert told == run == {"check", "demo", "test"}
