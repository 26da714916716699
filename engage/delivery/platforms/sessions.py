"""Signed-in Bluesky clients: one session an account, shared by every process and kept over restarts.

A server counts how often an account signs in (300 a day on the usual one) and takes a refresh token
once. So the session lies with a keeper, and whoever renews it holds it meanwhile: two workers that
find it old at the same moment renew it once, and the second goes on with what the first was given.
"""

import hashlib
import json
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock
from typing import Protocol

from atproto_client import Client  # type: ignore[import-untyped]
from atproto_client.exceptions import RequestErrorBase  # type: ignore[import-untyped]
from atproto_client.request import Request  # type: ignore[import-untyped]

from engage.delivery.platforms.transport import HTTPX_TIMEOUT, BoundedTransport
from engage.delivery.ports import Account


class Held(Protocol):
    """One account's session while nobody else can change it."""

    @property
    def session(self) -> str | None:
        """What was kept last; None where there is none."""

    def keep(self, session: str | None) -> None:
        """Keep this instead."""


class SessionKeeper(Protocol):
    """Where sessions lie between requests and between processes."""

    def kept(self, account_id: str) -> str | None:
        """What was kept last, whoever holds it now; None where there is none."""

    def hold(self, account_id: str) -> AbstractContextManager[Held]:
        """Wait until nobody holds the account's session, then hold it; what was kept stays at its end."""


@dataclass(slots=True)
class _HeldHere:
    session: str | None = None
    lock: Lock = field(default_factory=Lock)

    def keep(self, session: str | None) -> None:
        self.session = session


class KeptHere:
    """A keeper for one process, which forgets everything at its end."""

    def __init__(self) -> None:
        self._held: dict[str, _HeldHere] = {}
        self._lock = Lock()

    def kept(self, account_id: str) -> str | None:
        """What was kept last."""
        return self._of(account_id).session

    @contextmanager
    def hold(self, account_id: str) -> Iterator[Held]:
        """The account's session, for one thread at a time."""
        held = self._of(account_id)
        with held.lock:
            yield held

    def _of(self, account_id: str) -> _HeldHere:
        with self._lock:
            return self._held.setdefault(account_id, _HeldHere())


class SharedClient(Client):  # type: ignore[misc]  # atproto is untyped
    """A client whose session is renewed by one process at a time, for all of them."""

    def __init__(
        self, server: str, *, account: Account, keeper: SessionKeeper, transport: BoundedTransport
    ) -> None:
        super().__init__(server, request=Request(timeout=HTTPX_TIMEOUT, transport=transport))
        self._account, self._keeper = account, keeper
        self._made_with = hashlib.sha256("\n".join([server, *_key(account)]).encode()).hexdigest()

    def begin(self) -> None:
        """Go on with the kept session, or sign in and keep the new one.

        A session that is still good is used without holding it: any number of processes may.
        """
        if self._taken_over(self._keeper.kept(self._account.id)) and self._is_fresh():
            return
        with self._keeper.hold(self._account.id) as held:
            if self._taken_over(held.session) and (self._is_fresh() or self._renew(held) is None):
                return
            self.login(self._account.handle.lstrip("@"), _password(self._account), fetch_bsky_profile=False)
            held.keep(self._exported())

    def end(self) -> None:
        """The server no longer takes this session: nobody goes on with it."""
        with self._keeper.hold(self._account.id) as held:
            if held.session == self._exported():
                held.keep(None)

    def _refresh_and_set_session(self) -> None:
        """Instead of atproto's own: under the keeper's lock, unless another has renewed it already."""
        with self._keeper.hold(self._account.id) as held:
            theirs = held.session != self._exported() and self._taken_over(held.session)
            refusal = None if theirs and self._is_fresh() else self._renew(held)
        if refusal is not None:
            raise refusal

    def _renew(self, held: Held) -> RequestErrorBase | None:
        """Renew and keep the session; where the server refuses, keep none, and give its answer."""
        try:
            super()._refresh_and_set_session()
        except RequestErrorBase as error:
            if not _said_no(error):
                raise
            held.keep(None)
            return error
        held.keep(self._exported())
        return None

    def _taken_over(self, session: str | None) -> bool:
        """Use what is kept, where it was made with this server and password."""
        kept = json.loads(session) if session else {}
        if kept.get("made_with") != self._made_with:
            return False
        self._import_session_string(kept["session"])
        return True

    def _is_fresh(self) -> bool:
        return not self._should_refresh_session()

    def _exported(self) -> str:
        return json.dumps({"made_with": self._made_with, "session": self.export_session_string()})


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A client with a session, and the DID of the account it speaks for."""

    client: SharedClient
    did: str


class Sessions:
    """Open clients of one process by account and password; `usual_server` is where accounts that name none live.

    All clients of one server share its connections: making a client's own, with its certificates, takes
    twenty times as long as posting.
    """

    def __init__(self, usual_server: str, keeper: SessionKeeper | None = None) -> None:
        self._usual_server = usual_server
        self._keeper = keeper or KeptHere()
        self._open: dict[tuple[str, str], SignedIn] = {}
        self._transports: dict[str, BoundedTransport] = {}
        self._lock = Lock()

    def of(self, account: Account) -> SignedIn:
        """The account's session, signing in where none is kept. Raises what atproto raises."""
        with self._lock:
            known = self._open.get(_key(account))
        if known is None:
            known = self._signed_in(account)
            with self._lock:
                self._open[_key(account)] = known
        return known

    def forget(self, account: Account) -> None:
        """Sign in again next time, here and everywhere."""
        with self._lock:
            known = self._open.pop(_key(account), None)
        if known is not None:
            known.client.end()

    def _signed_in(self, account: Account) -> SignedIn:
        server = (account.base_url or self._usual_server).rstrip("/")
        transport = self._transport(server)
        client = SharedClient(server, account=account, keeper=self._keeper, transport=transport)
        dids: list[str] = []
        client.on_session_change(lambda _event, session: dids.append(session.did))
        client.begin()
        return SignedIn(client, dids[-1])

    def _transport(self, server: str) -> BoundedTransport:
        with self._lock:
            if server not in self._transports:
                made = self._transports[server] = BoundedTransport(server)
                weakref.finalize(self, made.close)
            return self._transports[server]


def _said_no(error: RequestErrorBase) -> bool:
    """Whether the server itself refused, rather than that no answer came."""
    refusals = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED)
    return error.response is not None and error.response.status_code in refusals


def _key(account: Account) -> tuple[str, str]:
    return account.id, _password(account)


def _password(account: Account) -> str:
    return account.credentials.get("password", "")
