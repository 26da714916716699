"""Where somebody goes on after a problem: the page they came from, or the nearest page above the address."""

from urllib.parse import SplitResult, urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException

Link = tuple[str, str]
"""An address of ours and the words of its link."""

_NAMES = {
    "posts.post": "Go back to the post",
    "officer.draft": "Go back to the draft",
    "campaigns.campaign": "Go back to the campaign",
    "policy.proposal": "Go back to the proposal",
    "press.holds": "Go back to the holds",
    "deliveries.every": "Go back to the deliveries",
}


def ours(address: str) -> bool:
    """Whether an address that came with a request leads to this application and nowhere else."""
    there = _read(address)
    leads_out = there is None or bool(there.netloc) or address.startswith(("//", "/\\"))
    return address.startswith("/") and not leads_out


def way_back() -> Link | None:
    """The page this request came from; where it does not say, the nearest page above it. Home is no way back."""
    return _came_from() or _above()


def _came_from() -> Link | None:
    there = _read(request.referrer or "")
    again = there is not None and request.method == "GET" and there.path == request.path
    if there is None or there.netloc != request.host or again:
        return None
    return _link(there.path, f"?{there.query}" if there.query else "")


def _above() -> Link | None:
    path = request.path if request.method == "POST" else request.path.rpartition("/")[0]
    while path:
        found = _link(path)
        if found:
            return found
        path = path.rpartition("/")[0]
    return None


def _link(path: str, query: str = "") -> Link | None:
    """The link to a page of ours that a browser may open; None where there is none at this path, or it is home."""
    routes = current_app.create_url_adapter(request)
    if routes is None or path == "/":
        return None
    try:
        endpoint, _ = routes.match(path, method="GET")
    except HTTPException:
        return None
    return f"{path}{query}", _NAMES.get(endpoint, "Go back to the page before")


def _read(address: str) -> SplitResult | None:
    """The parts of an address; None for what is none."""
    try:
        return urlsplit(address)
    except ValueError:
        return None
