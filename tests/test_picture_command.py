"""`engage picture`: anybody can see what would be posted of a file, and why one is refused."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from engage.cli import engage
from tests.pictures import TELLTALE, a_photograph, encoded


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(engage, ["picture", *map(str, arguments)])


def test_each_platform_is_shown_what_fits_it_without_what_the_camera_said(tmp_path: Path) -> None:
    photograph = tmp_path / "IMG_2041.jpg"
    photograph.write_bytes(a_photograph(size=(400, 300), rotated=True))
    told = json.loads(run(photograph, "--json", "--to", tmp_path / "made").stdout)
    assert set(told["platforms"]) == {"x", "facebook", "mastodon", "bluesky"}
    assert (told["platforms"]["x"]["width"], told["platforms"]["x"]["height"]) == (300, 400)
    written = sorted((tmp_path / "made").iterdir())
    assert written[0].name == "IMG_2041-bluesky.jpg"
    assert all(TELLTALE not in each.read_bytes() for each in written)
    assert "300 by 400" in run(photograph).stdout


def lying(path: Path) -> None:
    whole = encoded(Image.new("RGB", (400, 300), "navy"), "PNG")
    path.write_bytes(whole[:60] + whole[-12:])


def sixty_megabytes(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(60_000_000)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lying, "This is not a picture that can be read."),
        (sixty_megabytes, "60 MB; at most 25 MB"),
        (lambda _path: None, "No such file or directory"),
    ],
)
def test_what_cannot_be_used_is_one_clear_line(tmp_path: Path, make: object, said: str) -> None:
    file = tmp_path / "poster.png"
    make(file)  # type: ignore[operator]
    refused = run(file)
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert "poster.png" in refused.stderr
    assert refused.stderr.count("\n") == 1
