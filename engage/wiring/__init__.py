"""The one place where rooms meet their adapters, and the only reader of the settings."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from engage import observability
from engage.delivery.ledger import Delivery
from engage.delivery.links import receipt_at
from engage.delivery.platforms import adapter_for
from engage.delivery.ports import Adapter
from engage.delivery.prices import Prices, read_prices
from engage.delivery.rates import Rates, RatesHere
from engage.drafting.errors import BadTemplate
from engage.drafting.in_use import WordingInUse
from engage.drafting.shelf import TemplateShelf
from engage.policy import Policy
from engage.policy.decision import Decision
from engage.posts.clock import utc_now
from engage.posts.kinds import Platform
from engage.posts.people import Person
from engage.posts.post import Post
from engage.posts.references import case_reference
from engage.posts.states import PostState
from engage.settings import Settings, read_settings
from engage.signoff.cases import FOUND, Changed, case_of, set_case
from engage.signoff.hours import OfficeHours
from engage.signoff.ports import Desk, SignOff
from engage.signoff.record import Entry
from engage.signoff.regimes import world_changed
from engage.signoff.taking_down import take_down
from engage.store import processes
from engage.store.base import open_database
from engage.store.sessions import SessionStore
from engage.store.unit import Unit, transaction
from engage.store.vault import Vault
from engage.wiring.budget import MonthlyBudget
from engage.wiring.counter import DeliveryBooks, SendingCounter
from engage.wiring.gate import SendingGate
from engage.wiring.judge import Judge
from engage.wiring.policies import SignedPolicies
from engage.wiring.rates import SharedRates
from engage.wiring.world import AsItStands, World


def default_policy_dir() -> Path:
    """The force's policy directory of this installation."""
    return read_settings().policies


def policy_in_force() -> Policy | None:
    """The policy signed in the database of the settings; None where none is named, or nothing was signed there.

    Changes nothing. Raises Unavailable where the database does not answer.
    """
    settings = read_settings()
    if settings.database_url is None:
        return None
    engage = Engage(settings)
    with closing(engage), engage.transaction() as unit:
        return engage.policies.in_force_if_any(unit)


def migrate() -> None:
    """Bring the database of the settings to this version's schema."""
    from engage.store import schema  # noqa: PLC0415 - Alembic, which only this command needs

    schema.migrate(read_settings().required("database_url"))


def broker_url() -> str:
    """The Redis-protocol server of the settings."""
    return read_settings().required("redis_url")


def configure_logs() -> None:
    """Log as the settings say."""
    observability.configure(read_settings().log_format)


@functools.cache
def open_engage() -> "Engage":
    """Engage as the environment describes it, built once for this process."""
    return Engage(read_settings())


class Engage:
    """The application: the database, the policy in force, the templates, the platforms."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.policies = SignedPolicies(settings.policies)
        self.hours = OfficeHours.read(settings.office_hours)
        self.wording_in_use = WordingInUse(settings.templates)
        self.engine: Engine = open_database(settings.required("database_url"))

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    def warm_up(self) -> None:
        """Do what takes long the first time, and keep no connection: a process that forks afterwards shares it all.

        Raises BadInput or DBAPIError where the policy in force cannot be read.
        """
        _ = self.adapters
        try:
            with self.transaction() as unit:
                self.policies.read_ahead(unit)
        finally:
            self.engine.dispose()

    def policy_in(self, unit: Unit) -> Policy:
        """The policy in force in this transaction: signed, and never a broken one. Raises NoPolicy."""
        return self.policies.in_force(unit)

    @property
    def shelf(self) -> TemplateShelf:
        """The force's post templates: the last good ones."""
        return self.wording_in_use.current

    @property
    def wording_problem(self) -> BadTemplate | None:
        """What is wrong with the templates as their files stand; None where nothing is."""
        _ = self.wording_in_use.current
        return self.wording_in_use.problem

    @functools.cached_property
    def adapters(self) -> Mapping[Platform, Adapter]:
        """One adapter for each platform that may be reached from here."""
        urls = self.settings.base_urls
        sessions = SessionStore(self.engine, self.vault) if self.vault else None
        return {
            platform: adapter_for(platform, base_urls=urls, sessions=sessions)
            for platform in Platform
            if self.settings.publish_for_real or platform in urls or platform.by_hand
        }

    @functools.cached_property
    def prices(self) -> Prices:
        """What platforms charge for a post. Raises BadInput naming the file and field."""
        return read_prices(self.settings.prices)

    @functools.cached_property
    def rates(self) -> Rates:
        """What the platforms still take, shared with every other process; for this one alone without Redis."""
        url = self.settings.redis_url
        return SharedRates(url.get_secret_value()) if url else RatesHere()

    @functools.cached_property
    def vault(self) -> Vault | None:
        """The keys to platform tokens, where this process has them."""
        keys = self.settings.token_keys
        return Vault(keys.get_secret_value()) if keys else None

    @functools.cached_property
    def counter(self) -> SendingCounter:
        """Where workers take their turns."""
        return SendingCounter(self.engine, self.vault, self.adapters, self.rates, self._books)

    def _books(self, unit: Unit) -> DeliveryBooks:
        return DeliveryBooks(unit.deliveries, self._gate(unit), unit.takedowns)

    def _gate(self, unit: Unit, *, keep: bool = True) -> SendingGate:
        world = World(unit, self.policies)
        desk = replace(self.desk(unit), judge=Judge(world, unit, self.hours, keep=keep))
        return SendingGate(world, desk, MonthlyBudget(unit, self.prices))

    def transaction(self) -> AbstractContextManager[Unit]:
        """A transaction: all of it is kept, or nothing."""
        return transaction(self.engine, self.vault)

    def desk(self, unit: Unit) -> Desk:
        """What sign-off works with, over one transaction."""
        return Desk(
            posts=unit.posts,
            signoffs=unit.signoffs,
            record=unit.audit,
            outbox=unit.outbox,
            judge=self.judge(unit),
            now=utc_now,
        )

    def judge(self, unit: Unit, *, keep: bool = True) -> Judge:
        """The policy in force and the state of the world in one transaction; decisions are kept where asked."""
        return Judge(AsItStands(unit, self.policies), unit, self.hours, keep=keep)

    def seen(self, name: str, *, role: str) -> None:
        """Write down that this process is at work."""
        with self.transaction() as unit:
            processes.seen(unit.session, name, role=role, now=unit.deliveries.clock())

    def remove_account(self, account_id: str, *, by: Person) -> int:
        """Remove an account; what waits to leave by it lapses, its people are told, and their number returned."""
        with self.transaction() as unit:
            now = unit.deliveries.clock()
            account = unit.accounts.remove(account_id, now=now)
            reason = f"The account {account.handle} on {account.platform.label} was removed."
            lapsed = unit.deliveries.orphaned(account_id, reason=reason, now=now)
            self.write(unit, by, "account removed", f"account:{account_id}", deliveries=len(lapsed))
        for each in lapsed:
            with self.counter.books() as books:
                books.gate.stopped(each, reason=reason, now=books.ledger.clock())
        return len(lapsed)

    def withheld(self, unit: Unit, deliveries: Iterable[Delivery]) -> Mapping[UUID, str]:
        """Why people must not post, as the world stands now, what was handed to them; without what they may post.

        The last question before a request, asked once more: between a hand-over and the person's post lie hours.
        Nothing is written.
        """
        handed_over = [each for each in deliveries if each.handed_over]
        if not handed_over:
            return {}
        gate, now = self._gate(unit, keep=False), unit.deliveries.clock()
        gate.read_ahead(handed_over)
        answers = {each.id: gate.withheld(each, now=now) for each in handed_over}
        return {delivery_id: why for delivery_id, why in answers.items() if why}

    def confirm_public(self, unit: Unit, delivery_id: UUID, *, link: str, by: str) -> Delivery:
        """A person saw an unknown delivery at this address. Raises BadInput where it is no link of its platform."""
        ledger = unit.deliveries
        found = ledger.undecided(delivery_id)
        account = unit.accounts.get(found.account_id)
        receipt = receipt_at(link, account=account, server=self.settings.base_urls.get(account.platform))
        return ledger.confirm_sent(delivery_id, receipt=receipt, by=by, now=ledger.clock())

    def decide(
        self, post: Post, unit: Unit, *, now: datetime, moment: str = "typing"
    ) -> Mapping[Platform, Decision]:
        """The policy's decision on each variant as the world stands; nothing is written."""
        judge = self.judge(unit, keep=False)
        return judge(post, moment=moment, signoffs=_live(unit.signoffs.of(post.id), post, now))

    def signed_off(self, unit: Unit) -> Sequence[Post]:
        """The posts signed off of which something may still go."""
        return unit.posts.still_to_go()

    def queued(self, unit: Unit) -> Sequence[Post]:
        """The posts awaiting sign-off, and those signed off of which something may still go."""
        return [*unit.posts.by_state([PostState.AWAITING]), *self.signed_off(unit)]

    def case_changed(self, unit: Unit, reference: str, facts: dict[str, Any], *, by: Person) -> Changed:
        """Record how a case stands, and judge again its queued and its public posts."""
        public = unit.posts.public_about(case_reference(reference))
        queued = self.queued(unit)
        desk = self.desk(unit)
        return set_case(desk, unit.regimes, reference, facts, by=by, queued=queued, public=public)

    def person_found(self, unit: Unit, appeal: Post, *, by: Person) -> int:
        """A missing person was found: no appeal goes out any more, and every public one is taken down.

        The number of posts taken down is given. Raises BadInput where the appeal records no reference.
        """
        reference = case_of(appeal)
        self.case_changed(unit, reference, {"status": FOUND}, by=by)
        public = [post for post in unit.posts.public_about(reference) if unit.takedowns.may_be_asked(post.id)]
        for post in public:
            take_down(self.desk(unit), unit.takedowns, post.id, by=by, reason="The person has been found.")
        return len(public)

    def reconsider(self) -> list[UUID]:
        """Judge every signed-off post as the world stands now; what would be stopped goes back to people.

        The last question before each request stops it anyway: this tells its people early. Nothing is
        kept of decisions that change nothing. The ids sent back are given.
        """
        with self.transaction() as unit:
            desk = replace(self.desk(unit), judge=self.judge(unit, keep=False))
            return world_changed(desk, self.signed_off(unit), why="the policy would stop it now")

    def write(self, unit: Unit, by: Person, action: str, subject: str, **details: Any) -> None:
        """Write one line of the record."""
        unit.audit.append(Entry(at=utc_now(), actor=by.id, action=action, subject=subject, details=details))

    def disclosure_pack(self, unit: Unit, post_id: UUID) -> dict[str, Any]:
        """Everything on record about one post, as JSON types. Raises NoSuchPost."""
        post = unit.posts.get(post_id)
        return {
            "post": {
                "id": str(post.id),
                "kind": post.kind.value,
                "borough": post.borough,
                "topic": post.topic,
                "state": post.state.value,
                "fingerprint": post.fingerprint,
                "variants": [variant.to_json() for variant in post.variants],
                "evidence": [item.to_json() for item in post.evidence],
                "context": dict(post.context),
                "writers": sorted(post.writers),
                "corrects": str(post.corrects) if post.corrects else None,
            },
            "pictures": _pictures(unit, post),
            "record": unit.audit.chain_of(str(post_id)),
            "deliveries": [each.to_json() for each in unit.deliveries.for_post(post_id)],
            "taken_down": [each.to_json() for each in unit.takedowns.of_post(post_id).values()],
            "chain": unit.audit.verify().to_json(),
        }


def _live(signoffs: Sequence[SignOff], post: Post, now: datetime) -> Sequence[SignOff]:
    return [each for each in signoffs if each.counts_for(post, now)]


def _pictures(unit: Unit, post: Post) -> list[dict[str, Any]]:
    """What is known of every picture the post shows or was ever planned with; the bytes are kept under these hashes."""
    planned = {each.sha256 for delivery in unit.deliveries.for_post(post.id) for each in delivery.media}
    shown = {each.sha256 for variant in post.variants for each in variant.media}
    return [each.to_json() for each in unit.pictures.known(planned | shown).values()]
