"""Plain pages for what goes wrong: what happened, that nothing was changed, and what to do. Never a trace."""

from http import HTTPStatus

import structlog
from flask import Flask, render_template, request
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException

from engage.delivery.ledger import Withheld
from engage.posts.errors import BadInput, EngageError, NotAllowed, Unavailable
from engage.signoff.refusals import AlreadyLeft, NoSuchCampaign, NoSuchPost, WordsChanged

log = structlog.get_logger()

_STATUS: tuple[tuple[type[EngageError], HTTPStatus], ...] = (
    (NoSuchPost, HTTPStatus.NOT_FOUND),
    (NoSuchCampaign, HTTPStatus.NOT_FOUND),
    (WordsChanged, HTTPStatus.CONFLICT),
    (AlreadyLeft, HTTPStatus.CONFLICT),
    (Withheld, HTTPStatus.CONFLICT),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (BadInput, HTTPStatus.BAD_REQUEST),
    (Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
)
_TITLES = {
    HTTPStatus.BAD_REQUEST: "That cannot be used",
    HTTPStatus.FORBIDDEN: "You cannot do that",
    HTTPStatus.NOT_FOUND: "There is no such page",
    HTTPStatus.METHOD_NOT_ALLOWED: "There is no such page",
    HTTPStatus.CONFLICT: "It changed since you opened it",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "That is too large",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many tries",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong",
    HTTPStatus.SERVICE_UNAVAILABLE: "Engage cannot answer now",
}
_ADVICE = {
    HTTPStatus.BAD_REQUEST: "Go back and put it right.",
    HTTPStatus.FORBIDDEN: "If you should be able to, ask the press office to change your roles.",
    HTTPStatus.NOT_FOUND: "Check the address, or start again from the home page.",
    HTTPStatus.CONFLICT: "Open it again, read what it says now, and decide then.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "A picture may have up to 25 MB, and a page of words a quarter of one. Make the picture smaller, for "
        "example by sending it to yourself in a smaller size, then go back and choose it again."
    ),
    HTTPStatus.TOO_MANY_REQUESTS: "Wait a minute, then try again.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Try again. If it happens again, tell the operator the time it happened.",
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "Wait a minute, then open this page again. If it stays away, tell the operator. "
        "Posts already signed off wait safely: none is lost and none is sent twice."
    ),
}


def init_app(app: Flask) -> None:
    """Give every refusal and every failure its page."""
    app.register_error_handler(EngageError, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def status_of(error: EngageError) -> HTTPStatus:
    """The HTTP status of one of Engage's own refusals."""
    return next(
        (status for kind, status in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR
    )


def problem_page(status: HTTPStatus, message: str) -> tuple[str, int]:
    """A page of its own for one problem; it asks nothing of the database."""
    title = _TITLES.get(status, status.phrase)
    return render_template(
        "problem.html", title=title, message=message, advice=_ADVICE.get(status, "")
    ), status


def _refused(error: EngageError) -> tuple[str, int]:
    return problem_page(status_of(error), str(error))


def _stale_form(_error: CSRFError) -> tuple[str, int]:
    return problem_page(
        HTTPStatus.BAD_REQUEST,
        "This form was open too long, or came from somewhere else. Nothing was changed.",
    )


def _http(error: HTTPException) -> tuple[str, int]:
    status = HTTPStatus(error.code or 500)
    return problem_page(status, "" if status in _TITLES else str(error.description or ""))


def _unforeseen(error: Exception) -> tuple[str, int]:
    log.error("page failed", path=request.path, exc_info=error)
    return problem_page(HTTPStatus.INTERNAL_SERVER_ERROR, "Engage could not finish what you asked for.")
