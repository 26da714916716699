"""`/metrics` for Prometheus: read from the ledger when it is asked for, so every process's work is in it.

Off unless ENGAGE_METRICS_TOKEN is set; then for whoever carries it as a bearer token.
"""

import hmac
from collections import Counter
from collections.abc import Iterable, Iterator

from flask import Blueprint, abort, request
from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    GaugeHistogramMetricFamily,
    GaugeMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from werkzeug.wrappers import Response

from engage.store.operations import BUCKETS, Work
from engage.web import access
from engage.web.current import current_engage
from engage.wiring.overview import AccountNow, Overview, overview

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
@access.anyone
def metrics() -> Response:
    """The metrics, for whoever has the token."""
    token = current_engage().settings.metrics_token
    if token is None:
        abort(404)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), token.get_secret_value().encode()):
        abort(401)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Ledger(overview(current_engage())))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Ledger(Collector):
    """One overview as metrics."""

    def __init__(self, seen: Overview) -> None:
        self._seen = seen

    def collect(self) -> Iterable[Metric]:
        """Every metric family."""
        yield from _open_work(self._seen)
        yield _outcomes(self._seen.work)
        yield _lateness(self._seen.work)
        yield from _accounts(self._seen.accounts)
        yield _processes(self._seen)


def _open_work(seen: Overview) -> Iterator[Metric]:
    work = seen.work
    oldest = (seen.at - work.oldest_due).total_seconds() if work.oldest_due else 0.0
    for name, text, value in (
        ("engage_deliveries_due", "Deliveries past their time and not yet taken.", work.due),
        ("engage_oldest_due_seconds", "How long the oldest of those has been due.", oldest),
        ("engage_deliveries_leased", "Deliveries claimed by a dispatcher.", work.leased),
        ("engage_deliveries_sending", "Requests under way, or not known to have ended.", work.sending),
        ("engage_deliveries_unknown", "Deliveries whose answer was lost.", work.unknown),
        ("engage_deliveries_handed_over", "Deliveries that a person is to post.", work.handed_over),
        ("engage_deliveries_needing_person", "Deliveries only a person can settle.", work.needing_person),
    ):
        yield GaugeMetricFamily(name, text, value=value)


def _outcomes(work: Work) -> Metric:
    family = GaugeMetricFamily(
        "engage_deliveries_last_day",
        "Deliveries due in the last 24 hours, by where they stand.",
        labels=["platform", "state"],
    )
    found: Counter[tuple[str, str]] = Counter()
    for (platform, state, _), count in work.outcomes.items():
        found[platform.value, state.value] += count
    for labels, count in found.items():
        family.add_metric(labels, count)
    return family


def _lateness(work: Work) -> Metric:
    family = GaugeHistogramMetricFamily(
        "engage_delivery_lateness_seconds",
        "From its time to its receipt, of posts due in the last 24 hours.",
        labels=["platform"],
    )
    for platform, late in work.lateness.items():
        buckets = [(str(bucket), count) for bucket, count in zip(BUCKETS, late.within, strict=True)]
        family.add_metric([platform.value], [*buckets, ("+Inf", late.count)], late.seconds)
    return family


def _accounts(accounts: Iterable[AccountNow]) -> Iterator[Metric]:
    token = GaugeMetricFamily("engage_account_token_works", "0 where it is refused.", labels=["account"])
    left = GaugeMetricFamily(
        "engage_rate_limit_remaining", "Posts the platform still takes in its window.", labels=["account"]
    )
    posts = GaugeMetricFamily("engage_budget_posts_left", "Posts left this month.", labels=["account"])
    mills = GaugeMetricFamily(
        "engage_budget_money_left", "Money left this month, in the price's currency.", labels=["account"]
    )
    ends = GaugeMetricFamily(
        "engage_account_token_ends_timestamp_seconds",
        "When the token ends by itself, where its platform says so.",
        labels=["account"],
    )
    for each in accounts:
        label = [each.standing.account.id]
        if each.standing.token_expires_at is not None:
            ends.add_metric(label, each.standing.token_expires_at.timestamp())
        token.add_metric(label, 0 if each.standing.refused else 1)
        if each.allowance is not None:
            left.add_metric(label, each.allowance.remaining)
        spending = each.spending
        if spending is not None and spending.most_posts is not None:
            posts.add_metric(label, spending.most_posts - spending.posts)
        if spending is not None and spending.most_mills is not None:
            mills.add_metric(label, (spending.most_mills - spending.mills) / 1000)
    yield from (token, ends, left, posts, mills)


def _processes(seen: Overview) -> Metric:
    family = GaugeMetricFamily(
        "engage_process_last_seen_seconds",
        "Since one was last seen at work; both say so every minute.",
        labels=["role"],
    )
    for role, ago in seen.last_seen().items():
        family.add_metric([role], ago.total_seconds())
    return family
