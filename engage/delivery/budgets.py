"""What an account may spend in a calendar month, and whether one more post still fits."""

from dataclasses import dataclass
from datetime import datetime

from engage.delivery.prices import money
from engage.posts.clock import from_london, in_london


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """One account's month: what has gone out or may have, and what it may be at most (None: no limit).

    Money is in mills, thousandths of the platform's currency.
    """

    posts: int
    mills: int
    most_posts: int | None
    most_mills: int | None

    def refusal(self, price: int, *, currency: str, handle: str, now: datetime) -> str | None:
        """Why one more post at this price does not fit; None where it does."""
        month = in_london(now).strftime("%B %Y")
        after = f"Raise it with `engage account budget`, or plan the post for after {month}."
        if self.most_posts is not None and self.posts + 1 > self.most_posts:
            return f"The budget of {handle} for {month} is {self.most_posts} posts, all of them used. {after}"
        if self.most_mills is not None and self.mills + price > self.most_mills:
            most, used = money(self.most_mills, currency), money(self.mills, currency)
            return (
                f"The budget of {handle} for {month} is {most}, {used} of it used, "
                f"and this post costs {money(price, currency)}. {after}"
            )
        return None


def month_of(moment: datetime) -> tuple[datetime, datetime]:
    """The first moment of the calendar month in London, and of the next (both UTC)."""
    here = in_london(moment)
    following = (here.year + here.month // 12, here.month % 12 + 1)
    return _first(here.year, here.month), _first(*following)


def _first(year: int, month: int) -> datetime:
    return from_london(f"{year:04d}-{month:02d}-01T00:00")
