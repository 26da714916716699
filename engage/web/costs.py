"""What publishing a post will cost, and what its accounts have left this month, before anybody signs it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from engage.delivery.budgets import Spending
from engage.delivery.prices import Price, Prices, money
from engage.posts.clock import in_london
from engage.posts.post import Post, Variant
from engage.store.unit import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One variant's cost in words; `over` where the account's month has no room for it."""

    account: str
    price: str
    used: str
    source: str
    over: bool


def costs(unit: Unit, post: Post, prices: Prices, *, now: datetime) -> list[Cost]:
    """The cost of each variant whose platform charges, or whose account has a budget."""
    return [each for variant in post.variants for each in _cost(unit, post, variant, prices, now)]


def _cost(unit: Unit, post: Post, variant: Variant, prices: Prices, now: datetime) -> Iterator[Cost]:
    price, due_at = prices.get(variant.platform), post.publish_at or now
    account_id = f"{variant.platform.value}:{variant.account}"
    known = unit.accounts.knows(account_id)
    spending = unit.budgets.spending(account_id, due_at=due_at) if known else None
    limited = spending is not None and not (spending.most_posts is None and spending.most_mills is None)
    if price is None and not limited:
        return
    mills = sum(price.of(part) for part in variant.parts) if price else 0
    yield Cost(
        account=f"{variant.platform.label} {variant.account}",
        price=_priced(price, mills, len(variant.parts)),
        used=used(spending, price, due_at) if spending else "",
        source=f"{price.source}, read {price.as_of:%-d %B %Y}" if price else "",
        over=spending is not None and _is_over(spending, mills, len(variant.parts)),
    )


def used(spending: Spending, price: Price | None, moment: datetime) -> str:
    """A month's spending in words: "November 2026: 12 of 100 posts, $1.20 of $25.00"."""
    counted = spending.posts if spending.most_posts is None else spending.most_posts
    done = "" if spending.most_posts is None else f"{spending.posts} of "
    said = f"{in_london(moment):%B %Y}: {done}{_posts(counted)}"
    if price is None:
        return said
    most = f" of {money(spending.most_mills, price.currency)}" if spending.most_mills is not None else ""
    return f"{said}, {money(spending.mills, price.currency)}{most}"


def _priced(price: Price | None, mills: int, posts: int) -> str:
    count = _posts(posts)
    return f"{count}, {money(mills, price.currency)}" if price else count


def _posts(count: int) -> str:
    return "1 post" if count == 1 else f"{count} posts"


def _is_over(spending: Spending, mills: int, posts: int) -> bool:
    too_many = spending.most_posts is not None and spending.posts + posts > spending.most_posts
    too_dear = spending.most_mills is not None and spending.mills + mills > spending.most_mills
    return too_many or too_dear
