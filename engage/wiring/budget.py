"""The last question of the gate: whether the account's month still has room for one more post."""

from dataclasses import dataclass

from engage.delivery.ledger import Answer, Delivery, Go, Stop
from engage.delivery.prices import Prices
from engage.store.unit import Unit


@dataclass(frozen=True, slots=True)
class MonthlyBudget:
    """Asked under the delivery's row lock, in the transaction that commits the intent."""

    unit: Unit
    prices: Prices

    def ask(self, delivery: Delivery) -> Answer:
        """Stop where the budget is used up; otherwise say what the post costs."""
        price = self.prices.get(delivery.platform)
        mills = price.of(delivery.text) if price else 0
        spending = self.unit.budgets.limited(delivery.account_id, due_at=delivery.due_at)
        currency = price.currency if price else ""
        refusal = spending and spending.refusal(
            mills, currency=currency, handle=delivery.handle, now=delivery.due_at
        )
        if refusal:
            return Stop(refusal)
        return Go(mills if price else None)
