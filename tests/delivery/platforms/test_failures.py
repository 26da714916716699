"""Every exception of every client library has a home, and whatever a server answers becomes an outcome."""

import base64
import inspect
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import ModuleType

import atproto_client.exceptions
import httpx
import mastodon.errors
import pytest
import requests
import tweepy.errors
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage.delivery.platforms import adapter_for
from engage.delivery.platforms.failures import (
    HTTPX_HOMES,
    REQUESTS_HOMES,
    Home,
    answered,
    attempt,
    lost_answer,
)
from engage.delivery.platforms.transport import ANSWER_BYTES
from engage.delivery.ports import (
    Account,
    Adapter,
    CannotTell,
    Deleted,
    Found,
    Health,
    NotCounted,
    NotSent,
    Refused,
    Sent,
    TokenState,
    Unknown,
)
from engage.posts.kinds import Platform
from tests.delivery.platforms.rigs import a_picture, a_post, an_account
from tests.fakes.edge import Edge, Post, RunningEdge


def exceptions_of(module: ModuleType) -> set[type[Exception]]:
    found = {each for _, each in inspect.getmembers(module, inspect.isclass) if issubclass(each, Exception)}
    return {each for each in found if not issubclass(each, Warning)}


def test_every_exception_of_requests_has_a_home() -> None:
    theirs = {
        each
        for each in exceptions_of(requests.exceptions)
        if issubclass(each, requests.RequestException) and each.__module__.startswith("requests")
    }
    assert theirs == set(REQUESTS_HOMES)


def test_every_exception_of_httpx_has_a_home() -> None:
    assert exceptions_of(httpx) == set(HTTPX_HOMES)


@pytest.mark.parametrize("error", [*REQUESTS_HOMES, *HTTPX_HOMES], ids=lambda error: error.__name__)
def test_only_what_never_left_is_not_sent(error: type[Exception]) -> None:
    made = error.__new__(error)
    home = {**REQUESTS_HOMES, **HTTPX_HOMES}[error]
    assert isinstance(lost_answer(made), NotSent if home is Home.NEVER_LEFT else Unknown)


@pytest.mark.parametrize("module", [tweepy.errors, mastodon.errors, atproto_client.exceptions])
def test_an_exception_of_a_client_library_that_says_nothing_certain_is_unknown(module: ModuleType) -> None:
    for error in exceptions_of(module):
        made = error.__new__(error)
        assert isinstance(lost_answer(made), Unknown), error


def test_an_exception_nobody_has_heard_of_is_unknown() -> None:
    def call() -> None:
        raise ArithmeticError("from the depths")

    assert isinstance(attempt(call, lambda _: None), Unknown)


def test_reading_an_answer_may_fail_and_is_then_unknown() -> None:
    def call() -> None:
        raise LookupError

    def told(error: Exception) -> None:
        raise AttributeError("no such field") from error

    assert isinstance(attempt(call, told), Unknown)


@pytest.mark.parametrize("underneath", [ConnectionRefusedError, requests.ConnectTimeout, httpx.ConnectError])
def test_what_lies_underneath_a_librarys_own_exception_is_seen(underneath: type[Exception]) -> None:
    error = mastodon.errors.MastodonNetworkError("Could not complete request")
    error.__context__ = underneath("nobody there")
    assert isinstance(lost_answer(error), NotSent)


@given(st.integers(min_value=300, max_value=999), st.booleans())
def test_only_a_clear_no_of_the_platform_is_a_no(status: int, own: bool) -> None:
    outcome = answered(status, "said", own=own)
    if status == 408 or (status != 429 and not own) or not 400 <= status < 500:
        assert isinstance(outcome, Unknown)
    else:
        assert isinstance(outcome, NotSent | Refused)


Answer = tuple[int, dict[str, str], bytes]


class RudeEdge(Edge):
    """Answers every request with the same made-up answer."""

    name = "rude"

    def __init__(self) -> None:
        super().__init__()
        self.answer: Answer = (200, {}, b"")

    def routes(self) -> list[web.RouteDef]:
        return [web.route("*", "/{anything:.*}", self._answer)]

    def link(self, post: Post) -> str:
        return f"/{post.id}"

    def too_many_requests(self) -> web.Response:
        return web.Response(status=429)

    async def _answer(self, _: web.Request) -> web.Response:
        status, headers, body = self.answer
        return web.Response(status=status, headers=headers, body=body)


@pytest.fixture(scope="module")
def rude() -> Iterator[RunningEdge]:
    running = RunningEdge(RudeEdge())
    yield running
    running.stop()


KEYS = (
    "data",
    "id",
    "meta",
    "error",
    "errors",
    "code",
    "message",
    "uri",
    "url",
    "accessJwt",
    "did",
    "success",
    "detail",
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)
answers = st.tuples(
    st.sampled_from([200, 201, 204, 301, 307, 400, 401, 403, 404, 408, 409, 418, 422, 429, 500, 502, 503]),
    st.sampled_from([
        {"Content-Type": "application/json"},
        {"Content-Type": "text/html"},
        {"Content-Type": "application/json", "x-rate-limit-reset": "soon", "X-RateLimit-Reset": "soon"},
        {"Content-Type": "application/json", "x-rate-limit-reset": "99999999999999999", "ratelimit-reset": "9" * 30},
        {"Location": "/elsewhere", "Content-Encoding": "identity"},
    ]),
    st.binary(max_size=40) | anything.map(lambda value: json.dumps(value).encode()),
)  # fmt: skip


@pytest.mark.parametrize("platform", [Platform.X, Platform.FACEBOOK, Platform.MASTODON, Platform.BLUESKY])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=answers)
def test_whatever_a_server_answers_no_adapter_raises(
    platform: Platform, rude: RunningEdge, answer: tuple[int, dict[str, str], bytes]
) -> None:
    assert isinstance(rude.edge, RudeEdge)
    rude.edge.answer = answer
    adapter = adapter_for(platform, base_urls={platform: rude.url})
    outgoing = a_post(adapter)
    published = adapter.publish(outgoing)
    assert isinstance(published, Sent | NotSent | Refused | Unknown)
    assert not isinstance(published, Sent) or answer[0] in {200, 201}
    assert isinstance(
        adapter.publish(a_post(adapter, media=(a_picture(),))), Sent | NotSent | Refused | Unknown
    )
    assert isinstance(adapter.find_existing(outgoing), Found | CannotTell) or _says_nothing_is_there(answer)
    assert isinstance(adapter.delete(outgoing.account, "1"), Deleted | NotSent | Refused | Unknown)
    assert isinstance(adapter.check(an_account(platform)), Health)


def test_of_two_spent_windows_the_later_one_says_when_to_come_back(rude: RunningEdge) -> None:
    assert isinstance(rude.edge, RudeEdge)
    spent = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1795000000"}
    daily = {"x-user-limit-24hour-remaining": "0", "x-user-limit-24hour-reset": "1795080000"}
    rude.edge.answer = (429, {**spent, **daily, "x-app-limit-24hour-remaining": "9"}, b"{}")
    adapter = adapter_for(Platform.X, base_urls={Platform.X: rude.url})
    outcome = adapter.publish(a_post(adapter))
    assert isinstance(outcome, NotSent)
    assert outcome.retry_at == datetime.fromtimestamp(1_795_080_000, tz=UTC)


SAID_BY_NOBODY: tuple[tuple[dict[str, str], bytes], ...] = (
    ({"Content-Type": "text/plain"}, b"404 page not found"),
    ({"Content-Type": "application/json"}, b"{}"),
    ({}, b""),
)
ITS_OWN: Mapping[Platform, Mapping[str, object]] = {
    Platform.X: {"title": "Not Found", "type": "about:blank", "status": 404, "detail": "Not Found"},
    Platform.FACEBOOK: {"error": {"message": "Not found", "type": "GraphMethodException", "code": 100}},
    Platform.MASTODON: {"error": "Record not found"},
    Platform.BLUESKY: {"error": "NotFound", "message": "Not found"},
}


NEVER_OLD = ".".join(["e30", base64.urlsafe_b64encode(b'{"exp": 9999999999}').decode().rstrip("="), "e30"])
SESSION = {
    "handle": "MPSCamden",
    "did": "did:plc:one",
    "accessJwt": NEVER_OLD,
    "refreshJwt": NEVER_OLD,
}


def signed_in_and_then(adapter: Adapter, account: Account, rude: RunningEdge, answer: Answer) -> None:
    """Let Bluesky's adapter sign in, as all its requests do first, before the server answers so."""
    assert isinstance(rude.edge, RudeEdge)
    if adapter.name is Platform.BLUESKY:
        rude.edge.answer = (200, {"Content-Type": "application/json"}, json.dumps(SESSION).encode())
        adapter.check(account)
    rude.edge.answer = answer


@pytest.mark.parametrize("said", SAID_BY_NOBODY, ids=["plain", "empty object", "nothing"])
@pytest.mark.parametrize("platform", ITS_OWN)
def test_a_404_without_the_platforms_own_words_does_not_show_that_a_post_is_gone(
    platform: Platform, rude: RunningEdge, said: tuple[dict[str, str], bytes]
) -> None:
    adapter, account = adapter_for(platform, base_urls={platform: rude.url}), an_account(platform)
    signed_in_and_then(adapter, account, rude, (404, *said))
    deleted, counted = adapter.delete(account, "1"), adapter.metrics(account, "1")
    assert isinstance(deleted, Unknown)
    assert "404" in deleted.reason
    assert isinstance(counted, NotCounted)
    assert "404" in counted.reason
    assert not counted.gone
    outgoing = a_post(adapter, prepared={"post_id": "1"} if platform is Platform.FACEBOOK else {})
    assert isinstance(adapter.find_existing(outgoing), CannotTell)
    assert isinstance(adapter.publish(outgoing), Unknown)


@pytest.mark.parametrize("status", [400, 401, 403, 410, 422])
@pytest.mark.parametrize(
    "said", [*SAID_BY_NOBODY, ({"Content-Type": "application/json"}, b'{"blocked": true}')]
)
@pytest.mark.parametrize("platform", ITS_OWN)
def test_a_no_without_the_platforms_own_words_neither_ends_a_post_nor_stops_its_account(
    platform: Platform, rude: RunningEdge, said: tuple[dict[str, str], bytes], status: int
) -> None:
    """A firewall or a proxy on the way answers like that; what became of the request nobody knows."""
    adapter, account = adapter_for(platform, base_urls={platform: rude.url}), an_account(platform)
    signed_in_and_then(adapter, account, rude, (status, *said))
    outgoing = a_post(adapter, prepared={"post_id": "1"} if platform is Platform.FACEBOOK else {})
    assert isinstance(adapter.publish(outgoing), Unknown)
    assert isinstance(adapter.delete(account, "1"), Unknown)
    assert adapter.check(account).state is TokenState.TRANSIENT
    assert isinstance(adapter.find_existing(outgoing), CannotTell)
    before_it_posts = adapter.publish(a_post(adapter, media=(a_picture(),)))
    assert isinstance(before_it_posts, NotSent)
    assert not before_it_posts.account_wide
    assert not before_it_posts.token_refused
    assert before_it_posts.reason.startswith("Stopped before posting.")


@pytest.mark.parametrize("platform", ITS_OWN)
def test_a_refused_token_is_told_by_the_platforms_own_words(platform: Platform, rude: RunningEdge) -> None:
    adapter, account = adapter_for(platform, base_urls={platform: rude.url}), an_account(platform)
    said = {**ITS_OWN[platform]}
    if platform is Platform.FACEBOOK:
        said = {"error": {"message": "Session has expired", "type": "OAuthException", "code": 190}}
    own = json.dumps(said).encode()
    signed_in_and_then(adapter, account, rude, (401, {"Content-Type": "application/json"}, own))
    outcome = adapter.publish(a_post(adapter))
    assert isinstance(outcome, NotSent)
    assert outcome.token_refused
    assert adapter.check(account).state is TokenState.REVOKED


@pytest.mark.parametrize("platform", ITS_OWN)
def test_a_404_in_the_platforms_own_words_shows_that_a_post_is_gone(
    platform: Platform, rude: RunningEdge
) -> None:
    adapter, account = adapter_for(platform, base_urls={platform: rude.url}), an_account(platform)
    own = json.dumps(ITS_OWN[platform]).encode()
    signed_in_and_then(adapter, account, rude, (404, {"Content-Type": "application/json"}, own))
    its_own = f"{account.credentials['page_id']}_1" if platform is Platform.FACEBOOK else "1"
    counted = adapter.metrics(account, its_own)
    assert isinstance(counted, NotCounted)
    assert counted.gone
    # Bluesky's servers take a delete of what is not there for done; a 404 is none of theirs.
    gone = Refused if platform is Platform.BLUESKY else Deleted
    assert isinstance(adapter.delete(account, its_own), gone)


@pytest.mark.parametrize("platform", [Platform.X, Platform.FACEBOOK, Platform.MASTODON, Platform.BLUESKY])
def test_an_answer_without_end_is_cut_off(platform: Platform, rude: RunningEdge) -> None:
    assert isinstance(rude.edge, RudeEdge)
    rude.edge.answer = (200, {"Content-Type": "application/json"}, b" " * (ANSWER_BYTES + 1))
    adapter = adapter_for(platform, base_urls={platform: rude.url})
    assert isinstance(adapter.publish(a_post(adapter)), Unknown | NotSent)
    assert "larger than any" in str(adapter.check(an_account(platform)))


def _says_nothing_is_there(answer: tuple[int, dict[str, str], bytes]) -> bool:
    """Facebook's way to say so; no other platform's is among the made-up answers."""
    return answer[0] < 300 and json.loads(answer[2]).get("data") == []


def test_what_a_platform_says_is_worded_so_that_it_can_be_written_down() -> None:
    """A refusal that no database keeps would be a refusal nobody ever hears of."""
    said = "No\0 such\ud800 thing\nhere."
    failure = attempt(lambda: int("x"), lambda _: Refused(said, "400"))
    assert failure == Refused("No� such� thing\nhere.", "400")
