"""What `pip install engage` would give: the wheel, built and unpacked where no checkout is near."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import dev


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the unpacked wheel, as an installer leaves it."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=dev.ROOT, check=True, capture_output=True, text=True)
    (wheel,) = folder.glob("engage-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def engage(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command of the unpacked wheel, run beside it."""
    return subprocess.run(
        [sys.executable, "-c", "from engage.cli import main; main()", *arguments],
        cwd=site.parent,
        env={**os.environ, "PYTHONPATH": str(site)},
        check=False,
        capture_output=True,
        text=True,
    )


def test_an_installed_wheel_finds_the_policy_and_the_templates_it_came_with(site: Path) -> None:
    content = site / "engage" / "_content"
    checked = engage(site, "policy", "check", str(content / "policies" / "met"))
    assert checked.returncode == 0, checked.stderr
    asked = "from engage.settings import read_settings as r; print(r().policies, r().templates)"
    found = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=site.parent,
        env={**os.environ, "PYTHONPATH": str(site)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert found.stdout.split() == [str(content / "policies" / "met"), str(content / "templates")]
    assert list((content / "templates").rglob("*.j2"))


@pytest.mark.parametrize(
    "part",
    [
        "web/static/vendor/govuk-frontend.min.css",
        "web/static/engage.css",
        "store/migrations/env.py",
        "store/migrations/versions/0001_first_tables.py",
    ],
)
def test_an_installed_wheel_has_its_pages_and_its_migrations(site: Path, part: str) -> None:
    assert (site / "engage" / part).is_file()


def test_a_wheel_holds_no_test_and_no_secret_of_a_checkout(site: Path) -> None:
    assert sorted(each.name for each in site.iterdir() if not each.name.endswith(".dist-info")) == ["engage"]
