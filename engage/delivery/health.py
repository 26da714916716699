"""Whether each account's token works, asked before its posts are due and not when they are.

Every account is asked about once a day, and within the hour before its next posts. A refused token
stops all attempts of its account until a check finds that it works again; an answer that never came
stops nothing, and is asked for again soon.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from engage.delivery.ports import Account, Adapter, Health, TokenState
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform

DUE_SOON = timedelta(hours=2)
"""An account with a post due this soon is asked about, unless it was asked `FRESH` ago."""

FRESH = timedelta(hours=1)

RENEW_AHEAD = timedelta(days=14)
"""How long before a token ends by itself people are told to renew it."""

ASK_AGAIN: Mapping[TokenState, timedelta] = {
    TokenState.OK: timedelta(days=1),
    TokenState.TRANSIENT: timedelta(minutes=5),
    TokenState.REVOKED: timedelta(minutes=15),
}
"""How long after a check an account is asked about again, whether or not anything is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An account as operators see it, without its tokens. Times are UTC.

    `health` is what the last check found, None before the first. `paused_until`: the platform asked
    the account to wait. `token_expires_at`: when the token ends by itself, None where it does not or nobody
    knows. The budget is for a calendar month in London: so many posts, and so many thousandths of the price's
    currency; None means no limit.
    """

    account: Account
    health: TokenState | None
    detail: str
    checked_at: datetime | None
    paused_until: datetime | None
    removed_at: datetime | None
    token_expires_at: datetime | None
    budget_posts: int | None
    budget_mills: int | None

    @property
    def refused(self) -> bool:
        """Whether the platform no longer takes the account's token: a person has to renew it."""
        return self.health is TokenState.REVOKED

    def to_renew(self, now: datetime) -> bool:
        """Whether an operator has to renew its token: it is refused, or ends within `RENEW_AHEAD`."""
        ends = self.token_expires_at
        return self.refused or (ends is not None and ends <= now + RENEW_AHEAD)


class AccountBook(Protocol):
    """The accounts, in one transaction."""

    def clock(self) -> datetime:
        """The database's time, UTC."""

    def to_check(self, count: int, *, now: datetime) -> Sequence[str]:
        """Ids of accounts to ask about now; each is given to one asker."""

    def account(self, account_id: str) -> Account:
        """The account with its tokens in the clear. Raises BadInput where no key opens them."""

    def checked(self, account_id: str, health: Health, *, now: datetime) -> None:
        """Keep what a check found; a token that works again lets the account's posts go on."""


class HealthDesk(Protocol):
    """What a check works with."""

    @property
    def adapters(self) -> Mapping[Platform, Adapter]:
        """The platforms that may be reached from here."""

    def accounts(self) -> AbstractContextManager[AccountBook]:
        """A transaction, kept at its end."""


def check(account_id: str, *, desk: HealthDesk) -> Health | None:
    """Ask the account's platform about its token, and keep the answer.

    None where the platform is not switched on here, or where the token was renewed meanwhile: what was said of the
    old one must not stop the posts of the new one, which is asked about next.
    """
    with desk.accounts() as book:
        try:
            account = book.account(account_id)
        except BadInput as error:
            book.checked(account_id, health := unreadable(error), now=book.clock())
            return health
    adapter = desk.adapters.get(account.platform)
    if adapter is None:
        return None
    health = adapter.check(account)
    with desk.accounts() as book:
        if book.account(account_id).credentials != account.credentials:
            return None
        book.checked(account_id, health, now=book.clock())
    return health


def unreadable(error: BadInput) -> Health:
    """Tokens that no key opens need the operator's keys, not a new token: posts wait and are not stopped."""
    return Health(TokenState.TRANSIENT, f"The account's tokens cannot be read: {error}")
