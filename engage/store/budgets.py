"""What each account has spent in a month: counted from the ledger itself, so it cannot drift from what went out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engage.delivery.budgets import Spending, month_of
from engage.posts.states import DeliveryState
from engage.store.delivery_tables import AccountRow, DeliveryRow

D = DeliveryState
_MAY_HAVE_COST = (D.SENDING, D.SENT, D.UNKNOWN)


class BudgetStore:
    """Budgets, in the caller's transaction. Money is in mills."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def spending(self, account_id: str, *, due_at: datetime) -> Spending:
        """An account's spending in the month of a due time, by what was due in it."""
        account = self._session.get_one(AccountRow, account_id)
        first, following = month_of(due_at)
        query = select(func.count(), func.coalesce(func.sum(DeliveryRow.price_mills), 0)).where(
            DeliveryRow.account_id == account_id,
            DeliveryRow.due_at >= first,
            DeliveryRow.due_at < following,
            DeliveryRow.state.in_([each.value for each in _MAY_HAVE_COST]),
        )
        posts, mills = self._session.execute(query).one()
        return Spending(
            posts=posts,
            mills=int(mills or 0),
            most_posts=account.budget_posts,
            most_mills=account.budget_mills,
        )

    def limited(self, account_id: str, *, due_at: datetime) -> Spending | None:
        """The spending of an account that has a budget, locked until the transaction ends; None where it has none.

        The lock is why two workers never both take what is left for one.
        """
        account = self._session.get_one(AccountRow, account_id)
        if account.budget_posts is None and account.budget_mills is None:
            return None
        self._session.refresh(account, with_for_update={"key_share": True})
        return self.spending(account_id, due_at=due_at)

    def charge(self, delivery_id: UUID, mills: int) -> None:
        """Write what a delivery costs when it is sent."""
        self._session.execute(
            update(DeliveryRow).where(DeliveryRow.id == delivery_id).values(price_mills=mills)
        )

    def allow(self, account_id: str, *, posts: int | None, mills: int | None) -> None:
        """Set what an account may spend in each month; None means no limit."""
        account = self._session.get_one(AccountRow, account_id)
        account.budget_posts, account.budget_mills = posts, mills
