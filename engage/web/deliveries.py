"""The deliveries of which only a person can say what is to be done, with what is known of each."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.delivery.ledger import Delivery
from engage.posts.clock import utc_now
from engage.posts.errors import BadInput
from engage.posts.people import Person
from engage.posts.states import DeliveryState
from engage.store.unit import Unit
from engage.web import access
from engage.web.current import current_engage
from engage.web.journeys import line

blueprint = Blueprint("deliveries", __name__)

Page = str | tuple[str, int] | Response
Decide = Callable[[Unit, UUID, Person], Delivery]


@blueprint.get("/deliveries")
@access.only(lambda person: person.sees_all())
def every() -> Page:
    """What waits for a decision, with its evidence, and how many deliveries stand where."""
    with current_engage().transaction() as unit:
        lines = [line(each) for each in unit.deliveries.needing_person()]
        counts = unit.deliveries.counts()
    return render_template(
        "deliveries.html",
        undecided=[each for each in lines if each.undecided],
        stopped=[each for each in lines if not each.undecided],
        counts=[(state.label, counts[state]) for state in DeliveryState if counts.get(state)],
        may_decide=access.in_press_office(access.me()),
    )


@blueprint.post("/deliveries/<uuid:delivery_id>")
@access.only(access.in_press_office)
def decide(delivery_id: UUID) -> Page:
    """What a person found or decided about one delivery, put on record with their name."""
    act = _DECISIONS.get(request.form.get("decision", ""))
    if act is None:
        raise BadInput("choose what you found.", where="decision")
    with current_engage().transaction() as unit:
        decided = act(unit, delivery_id, access.me())
        current_engage().write(
            unit,
            access.me(),
            "delivery decided",
            str(decided.post_id),
            decision=request.form["decision"],
            platform=decided.platform.value,
            account=decided.handle,
        )
    flash("Your decision is on record.")
    return redirect(url_for("deliveries.every"))


def _it_is_public(unit: Unit, delivery_id: UUID, by: Person) -> Delivery:
    url = request.form.get("url", "").strip()
    if not url.startswith("https://") and not url.startswith("http://"):
        raise BadInput("give the address of the post you found, from https:// on.", where="url")
    return unit.deliveries.confirm_sent(delivery_id, url=url, by=by.id, now=utc_now())


def _give_up(unit: Unit, delivery_id: UUID, by: Person) -> Delivery:
    return unit.deliveries.give_up(delivery_id, by=by.id, now=utc_now())


def _noticed(unit: Unit, delivery_id: UUID, _by: Person) -> Delivery:
    return unit.deliveries.noticed(delivery_id)


_DECISIONS: dict[str, Decide] = {"public": _it_is_public, "give_up": _give_up, "noticed": _noticed}
