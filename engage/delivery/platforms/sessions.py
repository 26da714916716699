"""Signed-in Bluesky clients, one for each account of this process.

A server counts how often an account signs in (300 a day on the usual one), so a session is kept until
the server no longer takes it; atproto renews it in between.
"""

import weakref
from dataclasses import dataclass
from threading import Lock

from atproto_client import Client, Session, SessionEvent  # type: ignore[import-untyped]
from atproto_client.request import Request  # type: ignore[import-untyped]

from engage.delivery.platforms.transport import HTTPX_TIMEOUT, BoundedTransport
from engage.delivery.ports import Account


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A client with a session, and the DID of the account it speaks for."""

    client: Client
    did: str


class Sessions:
    """Sessions by account and password; `usual_server` is where accounts that name none live."""

    def __init__(self, usual_server: str) -> None:
        self._usual_server = usual_server
        self._kept: dict[tuple[str, str], SignedIn] = {}
        self._lock = Lock()

    def of(self, account: Account) -> SignedIn:
        """The account's session, signing in where there is none. Raises what atproto raises."""
        with self._lock:
            kept = self._kept.get(_key(account))
        if kept is None:
            kept = self._sign_in(account)
            with self._lock:
                self._kept[_key(account)] = kept
        return kept

    def forget(self, account: Account) -> None:
        """Sign in again next time."""
        with self._lock:
            self._kept.pop(_key(account), None)

    def _sign_in(self, account: Account) -> SignedIn:
        server = (account.base_url or self._usual_server).rstrip("/")
        request = Request(timeout=HTTPX_TIMEOUT, transport=BoundedTransport(server))
        client = Client(server, request=request)
        weakref.finalize(client, request.close)
        dids: list[str] = []

        def remember(_: SessionEvent, session: Session) -> None:
            dids.append(session.did)

        client.on_session_change(remember)
        client.login(
            account.handle.lstrip("@"), account.credentials.get("password", ""), fetch_bsky_profile=False
        )
        return SignedIn(client, dids[-1])


def _key(account: Account) -> tuple[str, str]:
    return account.id, account.credentials.get("password", "")
