"""What a process may and may not say in its log."""

import json
import logging
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.observability import HIDDEN, configure, without_secrets
from engage.posts.errors import BadInput

SCRIPT = """
import logging, structlog
from engage.observability import configure, working_on
configure({format!r})
log = structlog.get_logger("engage.delivery")
with working_on(delivery=7, post="4f"):
    log.info("claimed", platform="x", password="hunter2-hunter2")
    logging.getLogger("celery").warning("lost %s", "redis://:hunter2-hunter2@127.0.0.1:1/0")
log.info("done")
try:
    raise ValueError("Authorization: Bearer hunter2-hunter2")
except ValueError:
    log.exception("failed")
"""


def said(log_format: str) -> list[str]:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(format=log_format)], capture_output=True, text=True, check=True
    )
    assert run.stdout == ""
    return run.stderr.splitlines()


def test_every_line_names_the_delivery_and_post_being_worked_on_and_none_after() -> None:
    claimed, lost, done, failed = (json.loads(line) for line in said("json"))
    assert (claimed["event"], claimed["delivery"], claimed["post"]) == ("claimed", 7, "4f")
    assert (lost["logger"], lost["level"], lost["delivery"]) == ("celery", "warning", 7)
    assert "delivery" not in done
    assert "ValueError" in failed["exception"]


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_secret_is_in_no_line_whoever_logged_it(log_format: str) -> None:
    text = "\n".join(said(log_format))
    assert "hunter2" not in text
    assert text.count(HIDDEN) >= 3


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=8))
def test_a_secret_hides_at_any_depth_and_what_is_public_stays(secret: str) -> None:
    event = {"event": "signed", "account": {"access_token": secret, "handle": "@MPSCamden"}, "tries": [1, 2]}
    told = without_secrets(None, "info", event)
    assert told == {
        "event": "signed",
        "account": {"access_token": HIDDEN, "handle": "@MPSCamden"},
        "tries": [1, 2],
    }


@pytest.mark.parametrize("name", ["access_token", "input_token", "appsecret_proof"])
def test_a_token_in_an_address_that_a_library_logs_is_hidden(name: str) -> None:
    line = f"HTTP Request: GET https://graph.example/me?{name}=EAAG123-x&limit=5"
    assert without_secrets(None, "info", {"event": line})["event"].count(HIDDEN) == 1
    assert "EAAG123" not in without_secrets(None, "info", {"event": line})["event"]


def test_a_misspelt_log_format_stops_the_start_by_name() -> None:
    before = logging.getLogger().handlers[:]
    with pytest.raises(BadInput, match="ENGAGE_LOG_FORMAT"):
        configure("yaml")
    assert logging.getLogger().handlers == before
