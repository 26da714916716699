"""Plain pages for what goes wrong: what happened, that nothing was changed, and what to do. Never a trace."""

from dataclasses import dataclass, replace
from http import HTTPStatus

import structlog
from flask import Flask, render_template, request
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException

from engage.policy.proposed import NotFit
from engage.posts.errors import BadInput, EngageError, NotAllowed, Unavailable
from engage.posts.states import IllegalMove
from engage.signoff.refusals import (
    AlreadyLeft,
    BadTime,
    Blocked,
    NobodyMay,
    NoSuch,
    NotNeeded,
    NotYours,
    OwnWork,
    WordsChanged,
)
from engage.web.said import said
from engage.web.ways_back import way_back

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answer:
    """How a problem is answered: its status, what stands above the message, and what to do."""

    status: HTTPStatus
    title: str
    advice: str = ""


_NOT_THERE = Answer(
    HTTPStatus.NOT_FOUND,
    "There is no such page",
    "Check the address, or start again from the home page.",
)
_NOT_YOURS = Answer(
    HTTPStatus.FORBIDDEN,
    "You cannot do that",
    "If you should be able to, ask the operator of Engage to change your roles or boroughs.",
)
_PUT_RIGHT = Answer(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "Put it right",
    "Nothing was changed. Go back, put it right and send it again.",
)
_DECIDED = Answer(
    HTTPStatus.CONFLICT, "It was already decided", "Nothing was changed. Open it again to see how it stands."
)
_UNAVAILABLE = Answer(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Engage cannot answer now",
    "Wait a minute, then open this page again. If it stays away, tell the operator. "
    "Posts already signed off wait safely: none is lost and none is sent twice.",
)
_UNUSABLE = Answer(HTTPStatus.BAD_REQUEST, "That cannot be used", "Go back and put it right.")
_FAILED = Answer(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "Something went wrong",
    "Try again. If it happens again, tell the operator the time it happened.",
)

_REFUSALS: tuple[tuple[type[EngageError], Answer], ...] = (
    (NoSuch, _NOT_THERE),
    (NotYours, _NOT_YOURS),
    (OwnWork, Answer(HTTPStatus.FORBIDDEN, "You cannot do that")),
    (NobodyMay, Answer(HTTPStatus.FORBIDDEN, "Nobody can do that")),
    (BadTime, _PUT_RIGHT),
    (Blocked, _PUT_RIGHT),
    (NotFit, _PUT_RIGHT),
    (NotNeeded, _DECIDED),
    (IllegalMove, _DECIDED),
    (AlreadyLeft, Answer(HTTPStatus.CONFLICT, "It is too late for that")),
    (
        WordsChanged,
        Answer(
            HTTPStatus.CONFLICT,
            "It changed since you opened it",
            "Open it again, read what it says now, and decide then.",
        ),
    ),
    (NotAllowed, Answer(HTTPStatus.CONFLICT, "That cannot be done as things stand")),
    (BadInput, _UNUSABLE),
    (Unavailable, _UNAVAILABLE),
    (EngageError, _FAILED),
)
"""What Engage refuses, the particular before the general."""

_BY_STATUS = {
    each.status: each
    for each in (
        _UNUSABLE,
        _NOT_YOURS,
        _NOT_THERE,
        replace(_NOT_THERE, status=HTTPStatus.METHOD_NOT_ALLOWED),
        Answer(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "That is too large",
            "A picture may have up to 25 MB, and a page of words a quarter of one. Make the picture smaller, for "
            "example by sending it to yourself in a smaller size, then go back and choose it again.",
        ),
        Answer(HTTPStatus.TOO_MANY_REQUESTS, "Too many tries", "Wait a minute, then try again."),
        _FAILED,
        _UNAVAILABLE,
    )
}
"""What the web server's own refusals say."""

_REASONS = ("reason", "comment")
"""The fields of a form that say why."""


def init_app(app: Flask) -> None:
    """Give every refusal and every failure its page."""
    app.register_error_handler(EngageError, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def answer_to(error: EngageError) -> Answer:
    """How one of Engage's own refusals is answered."""
    if isinstance(error, NotNeeded) and _says_no_reason():
        return _PUT_RIGHT
    return next(answer for kind, answer in _REFUSALS if isinstance(error, kind))


def problem_page(answer: Answer, message: str) -> tuple[str, int]:
    """A page of its own for one problem; it asks nothing of the database."""
    page = render_template(
        "problem.html", title=answer.title, message=message, advice=answer.advice, back=way_back()
    )
    return page, answer.status


def _refused(error: EngageError) -> tuple[str, int]:
    return problem_page(answer_to(error), said(error) if isinstance(error, BadInput) else str(error))


def _says_no_reason() -> bool:
    """Whether the form asks why and was sent without: that is put right, while a decision stands."""
    return any(name in request.form and not request.form[name].strip() for name in _REASONS)


def _stale_form(_error: CSRFError) -> tuple[str, int]:
    return problem_page(
        _UNUSABLE, "This form was open too long, or came from somewhere else. Nothing was changed."
    )


def _http(error: HTTPException) -> tuple[str, int]:
    status = HTTPStatus(error.code or 500)
    known = _BY_STATUS.get(status)
    if known is None:
        return problem_page(Answer(status, status.phrase), str(error.description or ""))
    return problem_page(known, "")


def _unforeseen(error: Exception) -> tuple[str, int]:
    log.error("page failed", path=request.path, exc_info=error)
    return problem_page(_FAILED, "Engage could not finish what you asked for.")
