"""What people type, looked at once for all pages: a character that no database keeps is refused at the door."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from flask import Flask, current_app, request

from engage.posts.errors import BadInput

_NUL = "\0"
_NEVER_REPEATED = frozenset({"password", "csrf_token"})
_SAID = 40
"""Characters of a text that are enough to find it by."""

V = TypeVar("V", bound=Callable[..., Any])
_SAY_SO_THEMSELVES: set[Any] = set()


def says_so_itself(view: V) -> V:
    """Let this view say it beside the field, so that nothing typed is lost."""
    _SAY_SO_THEMSELVES.add(view)
    return view


def init_app(app: Flask) -> None:
    """Look at every form and address before any view does."""
    app.before_request(_refuse_nul)


def _refuse_nul() -> None:
    """Raises BadInput for U+0000; other unseen characters are refused where they could be published."""
    if current_app.view_functions.get(str(request.endpoint)) in _SAY_SO_THEMSELVES:
        return
    for name, text in _everything():
        if _NUL in text:
            found = "" if name in _NEVER_REPEATED else f" “{text.replace(_NUL, '')[:_SAID]}”"
            raise BadInput(
                f"a text that you sent{found} holds a character that cannot be kept (U+0000).",
                where=name.replace(_NUL, ""),
                remedy="Type the words again instead of pasting them.",
            )


def _everything() -> Iterator[tuple[str, str]]:
    """Every text that came with the request, with its name; names may be texts of somebody's as well."""
    for name, text in (*request.args.items(multi=True), *request.form.items(multi=True)):
        yield name, name
        yield name, text
    for name, value in (request.view_args or {}).items():
        yield name, str(value)
