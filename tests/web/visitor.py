"""Somebody at a browser without a script: opens pages and sends the forms that are on them."""

import html
import re
from dataclasses import dataclass, field

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PASSWORD = "a long demonstration password"

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">')
_TEXTAREA = re.compile(r'<textarea[^>]* name="([\w-]+)"[^>]*>(.*?)</textarea>', re.DOTALL)


@dataclass
class Visitor:
    """One browser with its cookies and the page it shows."""

    client: FlaskClient
    page: str = field(default="", repr=False)
    address: str = ""

    def open(self, address: str, *, expect: int = 200) -> "Visitor":
        """Open a page, following redirects."""
        return self._shown(self.client.get(address, follow_redirects=True), expect)

    def send(self, address: str, *, expect: int = 200, **fields: str | list[str]) -> "Visitor":
        """Send a form with the token of the page shown now, following the redirect."""
        token = _TOKEN.search(self.page)
        data = {"csrf_token": token.group(1) if token else "", **fields}
        return self._shown(self.client.post(address, data=data, follow_redirects=True), expect)

    def signed_in(self, username: str) -> "Visitor":
        """The same browser after this person signed in."""
        self.open("/sign-in")
        return self.send("/sign-in", username=username, password=PASSWORD)

    def hidden(self, name: str) -> str:
        """The value of a hidden field of the page."""
        return dict(_HIDDEN.findall(self.page))[name]

    def words(self) -> dict[str, list[str]]:
        """What the texts of the page's form hold, by field name; a field left empty is not there."""
        found: dict[str, list[str]] = {}
        for name, text in _TEXTAREA.findall(self.page):
            if not text.strip():
                continue
            found.setdefault(name, []).append(html.unescape(text))
        return {name: texts for name, texts in found.items() if name.startswith("text-")}

    @property
    def text(self) -> str:
        """The page without its tags, its spaces made single."""
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", self.page)).split())

    def _shown(self, response: TestResponse, expect: int) -> "Visitor":
        assert response.status_code == expect, f"{response.status_code}: {response.text[-2000:]}"
        self.page = response.text
        self.address = response.request.path
        return self
