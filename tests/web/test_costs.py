"""What a month has cost, in words."""

from datetime import UTC, datetime

import pytest

from engage.delivery.budgets import Spending
from engage.web.costs import used

DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("posts", "most", "said"),
    [
        (0, None, "December 2026: 0 posts"),
        (1, None, "December 2026: 1 post"),
        (1, 10, "December 2026: 1 of 10 posts"),
        (0, 1, "December 2026: 0 of 1 post"),
    ],
)
def test_one_post_is_counted_as_one(posts: int, most: int | None, said: str) -> None:
    spent = Spending(posts=posts, mills=0, most_posts=most, most_mills=None)
    assert used(spent, None, DECEMBER) == said
