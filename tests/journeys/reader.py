"""Somebody at a real browser: what they open is photographed wide and narrow, and checked for access."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / ".assets" / "axe.min.js"
WIDE, NARROW = 1280, 390
_CHECK = """async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}))
  .violations.map(each => each.id + ': ' + each.nodes.map(node => node.html).join(' | '))"""


@dataclass
class Reader:
    """One browser. `complaints` are what its console said was wrong, `barriers` what axe-core found."""

    page: Page
    address: str
    pictures: Path
    scripts: bool = True
    complaints: list[str] = field(default_factory=list)
    barriers: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Open a page of ours."""
        self.page.goto(self.address + path if path.startswith("/") else path)

    def sign_in(self, username: str) -> None:
        """Sign in as one of the demo's people."""
        self.open("/sign-in")
        self.page.locator(f"form:has(input[value='{username}']) button").click()

    def press(self, name: str) -> None:
        """Press the button of this name."""
        self.page.get_by_role("button", name=name).first.click()

    def unfold(self, name: str) -> None:
        """Open what is folded away under this name."""
        self.page.locator("summary", has_text=name).first.click()

    def sees(self, text: str, *, seconds: float = 10) -> None:
        """Wait until the page shows this text."""
        self.page.get_by_text(text).first.wait_for(timeout=seconds * 1000)

    def look(self, name: str) -> None:
        """Photograph the page wide and narrow; nothing may run off the narrow one."""
        if not self.scripts:  # measuring needs a script on the page
            return
        for width in (NARROW, WIDE):
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.screenshot(path=self.pictures / f"{name}-{width}.png", full_page=True)
            across = self.page.evaluate("document.documentElement.scrollWidth")
            assert across <= width, f"{name} is {across} wide on a screen of {width}"
            self.barriers.extend(f"{name}, {width}: {each}" for each in self._violations())

    def snap(self, name: str) -> None:
        """Photograph what a wide screen shows at once, for the README."""
        self.page.set_viewport_size({"width": WIDE, "height": 900})
        self.page.screenshot(path=self.pictures / f"{name}.png")

    def _violations(self) -> list[str]:
        """What axe-core finds against WCAG 2.2 AA, where dev.py fetched it."""
        if not AXE.exists():
            return []
        self.page.evaluate(AXE.read_text())
        found: list[str] = self.page.evaluate(_CHECK)
        return found

    def hears(self, message: ConsoleMessage) -> None:
        """Keep what the console says is wrong, such as something the strict policy refused.

        That a form came back with its problems (422) is told there too, and is as it should be.
        """
        if message.type in {"error", "warning"} and "status of 422" not in message.text:
            self.complaints.append(message.text)


@contextmanager
def reader(address: str, folder: Path, *, scripts: bool = True) -> Iterator[Reader]:
    """A browser at this address; pictures go to SCREENSHOTS_TO where it is set."""
    pictures = Path(os.environ.get("SCREENSHOTS_TO", folder / "pictures"))
    pictures.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": WIDE, "height": 900}, locale="en-GB", java_script_enabled=scripts
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        somebody = Reader(page, address, pictures, scripts)
        page.on("console", somebody.hears)
        page.on("pageerror", lambda error: somebody.complaints.append(str(error)))
        yield somebody
        browser.close()


def _chromium() -> str:
    found = os.environ.get("ENGAGE_CHROMIUM") or shutil.which("chromium")
    if not found:
        pytest.fail("There is no Chromium: run `python3 dev.py test --real-servers`.")
    return found
