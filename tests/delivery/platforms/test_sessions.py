"""Bluesky sessions: signed in once for all processes, renewed by one of them at a time."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, text

from engage.delivery.platforms.bluesky import BlueskyAdapter
from engage.delivery.platforms.sessions import KeptHere, SessionKeeper
from engage.delivery.ports import Account, NotSent, Sent
from engage.posts.kinds import Platform
from engage.store.sessions import SessionStore
from engage.store.unit import transaction
from engage.store.vault import Vault
from tests.delivery.platforms.rigs import Rig, a_post, an_account

WORKERS = 4
NEARLY_OVER = 60  # seconds: renewed before the next request, as atproto does in the last quarter hour


@pytest.fixture
def vault() -> Vault:
    return Vault(Fernet.generate_key().decode())


@pytest.fixture
def account(engine: Engine, vault: Vault) -> Account:
    """An account that the database knows."""
    known = an_account(Platform.BLUESKY)
    with transaction(engine, vault) as unit:
        added = unit.accounts.add(Platform.BLUESKY, known.handle, credentials=known.credentials)
    return replace(known, id=added.id)


@pytest.fixture
def store(engine: Engine, vault: Vault) -> SessionStore:
    return SessionStore(engine, vault)


def workers(rig: Rig, keeper: SessionKeeper, count: int = WORKERS) -> list[BlueskyAdapter]:
    """Adapters that share nothing but the keeper, as those of different processes do."""
    return [BlueskyAdapter(rig.server.url, keeper) for _ in range(count)]


def all_post_at_once(adapters: list[BlueskyAdapter], account: Account) -> list[object]:
    ready = Barrier(len(adapters))

    def post(adapter: BlueskyAdapter) -> object:
        ready.wait()
        return adapter.publish(a_post(adapter, account=account, text=f"From {id(adapter)}"))

    with ThreadPoolExecutor(len(adapters)) as pool:
        return list(pool.map(post, adapters))


def asked(rig: Rig, method: str) -> int:
    return sum(method in each.path for each in rig.edge.arrivals)


def test_workers_that_start_at_once_sign_in_once(bluesky: Rig, store: SessionStore, account: Account) -> None:
    outcomes = all_post_at_once(workers(bluesky, store), account)
    assert all(isinstance(each, Sent) for each in outcomes), outcomes
    assert asked(bluesky, "createSession") == 1


def test_a_restart_goes_on_with_the_session_that_was_kept(
    bluesky: Rig, store: SessionStore, account: Account
) -> None:
    for _ in range(3):
        [adapter] = workers(bluesky, store, 1)
        assert isinstance(adapter.publish(a_post(adapter, account=account)), Sent)
    assert asked(bluesky, "createSession") == 1
    assert asked(bluesky, "refreshSession") == 0


def test_workers_that_find_the_session_old_at_once_renew_it_once_and_stay_signed_in(
    bluesky: Rig, store: SessionStore, account: Account
) -> None:
    bluesky.edge.settings["session_seconds"] = NEARLY_OVER
    adapters = workers(bluesky, store)
    for adapter in adapters:
        assert isinstance(adapter.publish(a_post(adapter, account=account)), Sent)
    before = asked(bluesky, "refreshSession")
    bluesky.edge.settings["session_seconds"] = 7_200
    outcomes = all_post_at_once(adapters, account)
    assert all(isinstance(each, Sent) for each in outcomes), outcomes
    assert asked(bluesky, "refreshSession") == before + 1
    assert asked(bluesky, "createSession") == 1


def test_without_the_lock_renewing_at_once_would_log_workers_out(bluesky: Rig, account: Account) -> None:
    """The platform takes a refresh token once: what the row lock is for."""
    bluesky.edge.settings["session_seconds"] = NEARLY_OVER
    shared = KeptHere()
    [first] = workers(bluesky, shared, 1)
    assert isinstance(first.publish(a_post(first, account=account)), Sent)
    with shared.hold(account.id) as held:
        stale = held.session
    apart = [KeptHere(), KeptHere()]
    for each in apart:
        with each.hold(account.id) as held:
            held.keep(stale)
    outcomes = [
        worker.publish(a_post(worker, account=account))
        for [worker] in (workers(bluesky, each, 1) for each in apart)
    ]
    assert all(isinstance(each, Sent) for each in outcomes)
    assert asked(bluesky, "createSession") == 2


def test_a_session_the_server_no_longer_takes_is_forgotten_by_every_worker(
    bluesky: Rig, store: SessionStore, account: Account
) -> None:
    first, second = workers(bluesky, store, 2)
    assert isinstance(first.publish(a_post(first, account=account)), Sent)
    bluesky.edge.revoked.add(account.handle)
    assert isinstance(first.publish(a_post(first, account=account)), NotSent)
    bluesky.edge.revoked.clear()
    assert isinstance(second.publish(a_post(second, account=account)), Sent)
    assert asked(bluesky, "createSession") == 2


def test_a_session_of_another_server_is_not_used(bluesky: Rig, store: SessionStore, account: Account) -> None:
    [adapter] = workers(bluesky, store, 1)
    adapter.publish(a_post(adapter, account=account))
    other = Rig.start(Platform.BLUESKY)
    try:
        [moved] = workers(other, store, 1)
        assert isinstance(moved.publish(a_post(moved, account=account)), Sent)
        assert asked(other, "createSession") == 1
    finally:
        other.stop()


def test_a_session_lies_encrypted_and_moves_to_the_new_key(
    bluesky: Rig, engine: Engine, vault: Vault, store: SessionStore, account: Account
) -> None:
    [adapter] = workers(bluesky, store, 1)
    adapter.publish(a_post(adapter, account=account))
    with engine.connect() as connection:
        kept: bytes = connection.execute(text("SELECT session FROM account_session")).scalar_one()
    assert b"session" not in kept
    assert b"session" in vault.unlock(kept)["session"].encode()


def test_the_session_of_an_account_goes_with_its_tokens_when_it_is_removed(
    bluesky: Rig, engine: Engine, vault: Vault, store: SessionStore, account: Account
) -> None:
    [adapter] = workers(bluesky, store, 1)
    adapter.publish(a_post(adapter, account=account))
    assert store.kept(account.id) is not None
    with transaction(engine, vault) as unit:
        unit.accounts.remove(account.id, now=datetime.now(UTC))
        assert unit.accounts.with_tokens(account.id).credentials == {}
    assert store.kept(account.id) is None


def test_a_holder_that_fails_changes_nothing_and_lets_go(store: SessionStore, account: Account) -> None:
    def fail() -> None:
        with store.hold(account.id) as held:
            held.keep("half")
            raise RuntimeError("the process was lost")

    with suppress(RuntimeError):
        fail()
    with store.hold(account.id) as held:
        assert held.session is None
