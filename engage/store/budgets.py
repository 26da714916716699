"""What each account has spent in a month: counted from the ledger itself, so it cannot drift from what went out."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import BigInteger, Select, func, select
from sqlalchemy.orm import Session

from engage.delivery.budgets import Spending, month_of
from engage.posts.states import DeliveryState
from engage.store.delivery_tables import AccountRow, DeliveryRow, may_have_been_public

D = DeliveryState


class BudgetStore:
    """Budgets, in the caller's transaction. Money is in mills."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def spending(self, account_id: str, *, due_at: datetime) -> Spending:
        """An account's spending in the month of a due time, by what was due in it."""
        account = self._session.get_one(AccountRow, account_id)
        query = _spent(due_at).where(DeliveryRow.account_id == account_id)
        posts, mills = self._session.execute(query).one()
        return _spending(account, posts, mills)

    def limited_accounts(self, *, due_at: datetime) -> Mapping[str, Spending]:
        """The spending of every account in use that has a budget, in the month of a due time."""
        query = _spent(due_at).add_columns(DeliveryRow.account_id).group_by(DeliveryRow.account_id)
        has_budget = AccountRow.budget_posts.is_not(None) | AccountRow.budget_mills.is_not(None)
        accounts = self._session.scalars(
            select(AccountRow).where(has_budget, AccountRow.removed_at.is_(None))
        ).all()
        of_these = query.where(DeliveryRow.account_id.in_([each.id for each in accounts]))
        spent = {account_id: (posts, mills) for posts, mills, account_id in self._session.execute(of_these)}
        return {each.id: _spending(each, *spent.get(each.id, (0, 0))) for each in accounts}

    def limited(self, account_id: str, *, due_at: datetime) -> Spending | None:
        """The spending of an account that has a budget, locked until the transaction ends; None where it has none.

        The lock is why two workers never both take what is left for one.
        """
        account = self._session.get_one(AccountRow, account_id)
        if account.budget_posts is None and account.budget_mills is None:
            return None
        self._session.refresh(account, with_for_update={"key_share": True})
        return self.spending(account_id, due_at=due_at)

    def allow(self, account_id: str, *, posts: int | None, mills: int | None) -> None:
        """Set what an account may spend in each month; None means no limit."""
        account = self._session.get_one(AccountRow, account_id)
        account.budget_posts, account.budget_mills = posts, mills


def _spent(due_at: datetime) -> Select[int, int | None]:
    """How many posts of that month went out or may have, and what they cost; one taken down again has been paid for."""
    first, following = month_of(due_at)
    mills = func.coalesce(func.sum(DeliveryRow.price_mills), 0, type_=BigInteger)
    return select(func.count(), mills).where(
        DeliveryRow.due_at >= first,
        DeliveryRow.due_at < following,
        may_have_been_public(),
    )


def _spending(account: AccountRow, posts: int, mills: int | None) -> Spending:
    return Spending(
        posts=posts, mills=int(mills or 0), most_posts=account.budget_posts, most_mills=account.budget_mills
    )
