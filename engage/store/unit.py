"""One transaction and everything that can be read or changed in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from engage.store.accounts import AccountStore
from engage.store.asides import AsideStore
from engage.store.audit import AuditStore
from engage.store.base import reached
from engage.store.budgets import BudgetStore
from engage.store.campaigns import CampaignStore
from engage.store.crime import CrimeStore
from engage.store.deliveries import DeliveryStore
from engage.store.engagement import EngagementStore
from engage.store.outbox import Outbox
from engage.store.people import PeopleStore
from engage.store.pictures import PictureStore
from engage.store.policies import PolicyStore
from engage.store.posts import PostStore, SignOffStore
from engage.store.regimes import RegimeStore
from engage.store.takedowns import TakedownStore
from engage.store.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The rooms of the database, sharing one session: all is kept, or nothing."""

    session: Session
    people: PeopleStore
    policies: PolicyStore
    posts: PostStore
    pictures: PictureStore
    signoffs: SignOffStore
    regimes: RegimeStore
    audit: AuditStore
    crime: CrimeStore
    accounts: AccountStore
    budgets: BudgetStore
    campaigns: CampaignStore
    engagement: EngagementStore
    asides: AsideStore
    outbox: Outbox
    deliveries: DeliveryStore
    takedowns: TakedownStore


def unit(session: Session, vault: Vault | None = None) -> Unit:
    """The rooms over one session; without a vault, platform tokens stay shut."""
    accounts = AccountStore(session, vault)
    return Unit(
        session=session,
        people=PeopleStore(session),
        policies=PolicyStore(session),
        posts=PostStore(session),
        pictures=PictureStore(session),
        signoffs=SignOffStore(session),
        regimes=RegimeStore(session),
        audit=AuditStore(session),
        crime=CrimeStore(session),
        accounts=accounts,
        budgets=BudgetStore(session),
        campaigns=CampaignStore(session),
        engagement=EngagementStore(session, accounts),
        asides=AsideStore(session),
        outbox=Outbox(session),
        deliveries=DeliveryStore(session, accounts),
        takedowns=TakedownStore(session, accounts),
    )


@contextmanager
def transaction(bind: Engine | Connection, vault: Vault | None = None) -> Iterator[Unit]:
    """A transaction that commits at the end, or leaves nothing behind when anything is raised.

    Raises Unavailable where the database cannot serve.
    """
    with reached(), Session(bind, expire_on_commit=False) as session, session.begin():
        yield unit(session, vault)
