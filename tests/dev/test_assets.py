"""The pages carry the design systems, but not the typeface and arms that only GOV.UK may use."""

from pathlib import Path

import pytest

import dev

SHEET = (
    "@font-face{font-family:GDS Transport;src:url(/assets/fonts/light-v2.woff2)}"
    ".a{font-family:GDS Transport,arial,sans-serif}"
    ".b{background-image:url(/assets/images/govuk-crest.svg)}"
    ".c{background:url(/assets/images/icon-document.svg) no-repeat}"
    "\n/*# sourceMappingURL=govuk-frontend.min.css.map */\n"
)


def test_the_typeface_and_the_crest_are_taken_out_and_the_rest_is_kept() -> None:
    sheet, images = dev.free_of_crown(SHEET)
    assert sheet == (
        f".a{{font-family:{dev.SYSTEM_FONTS}}}"
        ".b{background-image:none}"
        ".c{background:url(images/icon-document.svg) no-repeat}\n"
    )
    assert images == ["icon-document.svg"]


def test_a_script_loses_its_pointer_to_a_map_and_nothing_else() -> None:
    assert dev.without_source_map('a("//x");//# sourceMappingURL=a.js.map\n') == 'a("//x");'


@pytest.mark.skipif(not dev.VENDOR.is_dir(), reason="the assets were not fetched: run `dev.py test`")
@pytest.mark.parametrize("name", ["govuk-frontend.min.css", "moj-frontend.min.css"])
def test_the_copied_style_sheets_name_only_files_that_are_there(name: str) -> None:
    sheet = (dev.VENDOR / name).read_text()
    assert "GDS Transport" not in sheet
    named = [part.split(")")[0] for part in sheet.split("url(")[1:]]
    assert not any("crest" in each or "crown" in each for each in named)
    assert all(each.startswith("data:") or (dev.VENDOR / each).is_file() for each in named)


@pytest.mark.skipif(not dev.VENDOR.is_dir(), reason="the assets were not fetched: run `dev.py test`")
def test_no_font_file_is_served() -> None:
    fonts = [path for path in Path(dev.VENDOR).rglob("*") if path.suffix in {".woff", ".woff2", ".ttf"}]
    assert fonts == []
