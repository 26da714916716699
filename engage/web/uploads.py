"""The one door that takes more than a form. What comes through it stays in memory and touches no disk."""

from collections.abc import Callable
from io import BytesIO
from typing import IO, Any, TypeVar

from flask import Flask, Request, current_app, g, request

from engage.delivery.platforms.images import UPLOAD_BYTES

V = TypeVar("V", bound=Callable[..., Any])
LARGEST_UPLOAD = UPLOAD_BYTES + 256 * 1024
"""Bytes: the largest picture with the rest of its form."""

_TAKE_PICTURES: set[Any] = set()


class RequestInMemory(Request):
    """A request whose files are not written to a temporary folder: a picture's metadata stays nowhere."""

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002 - Werkzeug's signature
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        return BytesIO()


def takes_a_picture(view: V) -> V:
    """Let this view's form carry a picture."""
    _TAKE_PICTURES.add(view)
    return view


def init_app(app: Flask) -> None:
    """Raise the limit where a picture may come, once it is known that somebody is signed in."""
    app.request_class = RequestInMemory
    app.before_request(_make_room)


def _make_room() -> None:
    view = current_app.view_functions.get(str(request.endpoint))
    if view in _TAKE_PICTURES and g.person is not None:
        request.max_content_length = LARGEST_UPLOAD
