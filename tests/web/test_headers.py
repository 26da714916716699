"""Nothing inline, nothing from elsewhere, nothing kept in a cache: on every page a person can reach."""

import re

import pytest

from engage.web.headers import CONTENT_SECURITY_POLICY
from tests.web.stories import submitted
from tests.web.visitor import Visitor

PAGES = (
    "/figures",
    "/drafts",
    "/drafts/new",
    "/drafts/new?template=appeal_witness",
    "/queue",
    "/scheduled",
    "/holds",
    "/deliveries",
    "/operations",
)
INLINE = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:", re.IGNORECASE)
ELSEWHERE = re.compile(r'(?:src|href|action)="(?:https?:)?//', re.IGNORECASE)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_nothing_inline_and_loads_nothing_from_elsewhere(press: Visitor, page: str) -> None:
    press.open(page)
    assert INLINE.findall(press.page) == []
    assert ELSEWHERE.findall(press.page) == []


def test_the_review_page_and_the_history_have_nothing_inline(officer: Visitor, press: Visitor) -> None:
    address = submitted(officer)
    for page in (address, f"{address}/history", address.replace("posts", "drafts")):
        press.open(page)
        assert INLINE.findall(press.page) == []


@pytest.mark.parametrize("page", ["/queue", "/no-such-page", "/static/engage.css"])
def test_every_answer_carries_the_policy(press: Visitor, page: str) -> None:
    with press.client.get(page) as answer:
        headers = answer.headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


def test_pages_with_words_in_them_are_kept_in_no_cache(press: Visitor) -> None:
    assert press.client.get("/queue").headers["Cache-Control"] == "no-store"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(visitor: Visitor) -> None:
    cookie = visitor.client.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
