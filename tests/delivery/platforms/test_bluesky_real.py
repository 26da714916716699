"""The Bluesky adapter against the real server."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from engage.delivery.platforms import adapter_for
from engage.delivery.ports import (
    Absent,
    Account,
    Adapter,
    CannotTell,
    Deleted,
    Found,
    NotSent,
    Outgoing,
    Refused,
    Sent,
    TokenState,
    Unknown,
)
from engage.posts.kinds import Platform
from tests.delivery.platforms.rigs import TEXT, a_picture, a_post
from tests.fakes.pds import RealServer

pytestmark = pytest.mark.real_servers


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    running = RealServer(tmp_path_factory.mktemp("pds"))
    yield running
    running.stop()


@pytest.fixture
def account(server: RealServer) -> Account:
    return server.account(f"mps{uuid4().hex[:10]}.test")


@pytest.fixture
def adapter() -> Adapter:
    return adapter_for(Platform.BLUESKY, base_urls={})


def sent(adapter: Adapter, outgoing: Outgoing) -> Any:
    outcome = adapter.publish(outgoing)
    assert isinstance(outcome, Sent), outcome
    return outcome.receipt


def test_a_post_goes_out_once_however_often_it_is_sent(
    server: RealServer, account: Account, adapter: Adapter
) -> None:
    outgoing = a_post(adapter, account=account)
    assert adapter.find_existing(outgoing) == Absent()
    receipt = sent(adapter, outgoing)
    assert sent(adapter, outgoing) == receipt
    assert sent(adapter_for(Platform.BLUESKY, base_urls={}), outgoing) == receipt
    assert adapter.find_existing(outgoing) == Found(receipt)
    assert receipt.url.startswith(f"https://bsky.app/profile/{account.handle}/post/")
    assert len(server.records(account.handle)) == 1


def test_a_late_worker_with_other_words_cannot_overwrite(
    server: RealServer, account: Account, adapter: Adapter
) -> None:
    outgoing = a_post(adapter, account=account)
    sent(adapter, outgoing)
    late = replace(outgoing, text="Other words")
    assert isinstance(adapter.publish(late), Unknown)
    assert isinstance(adapter.find_existing(late), CannotTell)
    [record] = server.records(account.handle)
    assert record["value"]["text"] == TEXT  # type: ignore[index]


def test_a_thread_with_links_hashtags_and_a_picture_is_a_valid_record(
    server: RealServer, account: Account, adapter: Adapter
) -> None:
    first = sent(
        adapter,
        a_post(adapter, account=account, text="Un café 👮🏽 #SafeCamden https://www.met.police.uk/a."),
    )
    second = sent(adapter, a_post(adapter, account=account, text="Second part", reply_to=first.platform_id))
    sent(
        adapter,
        a_post(adapter, account=account, text="Third", reply_to=second.platform_id, media=(a_picture(),)),
    )
    third, _, root = (record["value"] for record in server.records(account.handle))
    assert third["reply"]["root"]["uri"] == first.platform_id  # type: ignore[index]
    assert third["reply"]["parent"]["uri"] == second.platform_id  # type: ignore[index]
    assert third["embed"]["images"][0]["alt"] == a_picture().alt  # type: ignore[index]
    assert len(root["facets"]) == 2  # type: ignore[index]


def test_a_withdrawn_post_is_gone_and_withdrawing_twice_is_harmless(
    account: Account, adapter: Adapter
) -> None:
    outgoing = a_post(adapter, account=account)
    receipt = sent(adapter, outgoing)
    assert adapter.delete(account, receipt.platform_id) == Deleted()
    assert adapter.delete(account, receipt.platform_id) == Deleted()
    assert adapter.find_existing(outgoing) == Absent()


def test_what_is_too_long_is_refused(account: Account, adapter: Adapter) -> None:
    assert isinstance(adapter.publish(a_post(adapter, account=account, text="x" * 301)), Refused)


def test_a_wrong_password_stops_the_account_and_asks_for_a_person(account: Account, adapter: Adapter) -> None:
    assert adapter.check(account).state is TokenState.OK
    wrong = replace(account, credentials={"password": "wrong"})
    assert adapter.check(wrong).state is TokenState.REVOKED
    outcome = adapter.publish(a_post(adapter, account=wrong))
    assert isinstance(outcome, NotSent)
    assert outcome.token_refused
