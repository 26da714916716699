"""A new post from what a form asked for: the drafting desk words it, and this binds it to its writer."""

from datetime import datetime

from engage.drafting.desk import Order, draft
from engage.drafting.figures import CrimeFigures
from engage.posts.people import Person
from engage.posts.places import borough
from engage.posts.post import Post
from engage.store.unit import Unit
from engage.web.asked import NewDraft
from engage.wiring import Engage


def make_post(engage: Engage, unit: Unit, asked: NewDraft, *, by: Person, now: datetime) -> Post:
    """The post an officer asked for, not yet kept. Raises what the drafting desk refuses."""
    template = engage.shelf.named(asked.template)
    order = Order(
        kind=template.kind,
        borough=asked.borough,
        topic=asked.topic,
        template=template.name,
        stated=asked.stated,
        platforms=asked.platforms,
        accounts=unit.accounts.speaking_for(borough(asked.borough).name),
    )
    made = draft(
        order, shelf=engage.shelf, figures=CrimeFigures(unit.crime), rules=engage.policy, by=by, now=now
    )
    return made.post(by=by, now=now, case=asked.case)
