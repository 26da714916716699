"""What the processes say while they run: one line an event, on standard error, with no secret in it.

An event is a short name and fields: `log.info("delivery sent", platform="x")`. The post or delivery being
worked on is bound once, around the work, and is then in every line of it:

    with working_on(delivery=7, post="4f…"):
        log.info("claimed")

Libraries that log in the ordinary way (Celery, SQLAlchemy, granian) come out in the same form.
"""

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog
from structlog.typing import Processor

from engage.posts.errors import BadInput

FORMATS = ("json", "console")
HIDDEN = "[hidden]"

_SECRET_NAME = re.compile(
    r"passw|secret|token|authori[sz]ation|cookie|signature|api_?key|nonce", re.IGNORECASE
)
_URL_PASSWORD = re.compile(r"(?<=://)([^:@/\s]*):[^@/\s]+@")
_OAUTH_VALUE = re.compile(
    r"\b(oauth_\w+|\w+_token|appsecret_proof|Bearer|Basic)(\"?\s*[=: ]\s*\"?)[\w%.~+/=-]{6,}", re.IGNORECASE
)


def configure(log_format: str = "json", *, level: int = logging.INFO) -> None:
    """Send every log line of this process to standard error, as JSON or for a person to read.

    Raises BadInput for a format that is neither.
    """
    if log_format not in FORMATS:
        raise BadInput(
            f"“{log_format}” is no log format.",
            where="ENGAGE_LOG_FORMAT",
            remedy=f"Use {' or '.join(FORMATS)}.",
        )
    shared = _shared()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_last(log_format))
    )
    # Each request is a line of its own there, with the whole address, and what it was about is logged anyway.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


@contextmanager
def working_on(**what: str | int) -> Iterator[None]:
    """Put these fields, such as `post` and `delivery`, into every line logged inside the block."""
    with structlog.contextvars.bound_contextvars(**what):
        yield


def without_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Hide values whose name says secret, and passwords and OAuth values inside any text, at any depth."""
    for name, value in event.items():
        event[name] = _hidden(name, value)
    return event


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_secrets,
    ]


def _last(log_format: str) -> list[Processor]:
    render: Processor
    if log_format == "json":
        render = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    else:
        render = structlog.dev.ConsoleRenderer(colors=False)
    return [structlog.stdlib.ProcessorFormatter.remove_processors_meta, render]


def _hidden(name: str, value: Any) -> Any:
    if _SECRET_NAME.search(name) and value is not None:
        return HIDDEN
    if isinstance(value, str):
        text = _URL_PASSWORD.sub(rf"\1:{HIDDEN}@", value)
        return _OAUTH_VALUE.sub(rf"\1\2{HIDDEN}", text)
    if isinstance(value, dict):
        return {key: _hidden(str(key), each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden("", each) for each in value]
    return value
