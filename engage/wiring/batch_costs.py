"""What many posts cost together, and whose month has no room for them, before anybody signs them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from engage.delivery.budgets import Spending, month_of
from engage.delivery.prices import Prices, money
from engage.posts.clock import in_london, utc_now
from engage.posts.kinds import Platform
from engage.posts.post import Post
from engage.store.unit import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformCost:
    """What one platform charges for all of them: how many posts (a thread's parts each count), and mills."""

    platform: Platform
    posts: int
    mills: int
    currency: str
    source: str

    def words(self, times: int = 1) -> str:
        """The cost of so many rounds of them: "X: 128 posts, $25.60"."""
        count = self.posts * times
        named = "1 post" if count == 1 else f"{count:,} posts"
        return f"{self.platform.label}: {named}, {money(self.mills * times, self.currency)}"


def platform_costs(posts: Iterable[Post], prices: Prices) -> Sequence[PlatformCost]:
    """The cost of these posts on every platform that charges."""
    texts: dict[Platform, list[str]] = defaultdict(list)
    for post in posts:
        for variant in post.variants:
            if variant.platform in prices:
                texts[variant.platform].extend(variant.parts)
    return [
        PlatformCost(
            platform=platform,
            posts=len(parts),
            mills=sum(prices[platform].of(part) for part in parts),
            currency=prices[platform].currency,
            source=f"{prices[platform].source}, read {prices[platform].as_of:%-d %B %Y}",
        )
        for platform, parts in texts.items()
    ]


def over_budget(unit: Unit, posts: Iterable[Post], prices: Prices) -> Sequence[str]:
    """The accounts whose month has no room for all of these, in words."""
    wanted: dict[tuple[datetime, str], list[tuple[Platform, str]]] = defaultdict(list)
    for post in posts:
        month, _ = month_of(post.publish_at or utc_now())
        for variant in post.variants:
            account = f"{variant.platform.value}:{variant.account}"
            wanted[month, account] += [(variant.platform, part) for part in variant.parts]
    limits = {month: unit.budgets.limited_accounts(due_at=month) for month, _ in wanted}
    return [
        f"{account.partition(':')[2]}, {in_london(month):%B %Y}: {_short(spending, parts, prices)}"
        for (month, account), parts in wanted.items()
        if (spending := limits[month].get(account)) and _short(spending, parts, prices)
    ]


def _short(spending: Spending, parts: Sequence[tuple[Platform, str]], prices: Prices) -> str:
    """What there is no room for; empty where there is."""
    mills = sum(prices[platform].of(text) for platform, text in parts if platform in prices)
    platform = parts[0][0]
    if spending.most_posts is not None and spending.posts + len(parts) > spending.most_posts:
        return f"{len(parts)} more posts, {spending.posts} of {spending.most_posts} used"
    if spending.most_mills is not None and spending.mills + mills > spending.most_mills:
        currency = prices[platform].currency if platform in prices else ""
        used, most = money(spending.mills, currency), money(spending.most_mills, currency)
        return f"{money(mills, currency)} more, {used} of {most} used"
    return ""
