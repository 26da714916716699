"""The deliveries of which only a person can say what is to be done, with what is known of each."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.delivery.ledger import Delivery, Withheld
from engage.delivery.pictures import pictures
from engage.delivery.platforms.export import bundle as bundled
from engage.posts.clock import utc_now
from engage.posts.errors import BadInput
from engage.posts.people import Person
from engage.store.unit import Unit
from engage.web import access
from engage.web.current import current_engage
from engage.web.journeys import Line, line

blueprint = Blueprint("deliveries", __name__)

Page = str | tuple[str, int] | Response
Decide = Callable[[Unit, UUID, Person], Delivery]


@blueprint.get("/deliveries")
@access.only(lambda person: person.sees_all())
def every() -> Page:
    """What waits for a decision, with its evidence, and how many deliveries stand where."""
    with current_engage().transaction() as unit:
        waiting = unit.deliveries.needing_person()
        withheld = current_engage().withheld(unit, waiting)
        lines = [line(each, withheld=withheld.get(each.id, "")) for each in waiting]
        counts = unit.deliveries.standings()
        to_renew = unit.accounts.to_renew(now=utc_now())
        to_remove = _to_remove(unit)
    return render_template(
        "deliveries.html",
        undecided=[each for each in lines if each.undecided],
        stopped=[each for each in lines if not each.undecided],
        counts=list(counts.items()),
        to_renew=to_renew,
        to_remove=to_remove,
        may_decide=access.in_press_office(access.me()),
    )


@blueprint.get("/deliveries/<uuid:delivery_id>/bundle")
@access.only(access.in_press_office)
def bundle(delivery_id: UUID) -> Page:
    """What a person needs to post by hand: the words byte for byte, the pictures, their alt text.

    Raises Withheld where it must not be posted as things stand now.
    """
    with current_engage().transaction() as unit:
        delivery = unit.deliveries.undecided(delivery_id)
        withheld = current_engage().withheld(unit, [delivery])
        if withheld:
            raise Withheld(withheld[delivery_id])
        account = unit.accounts.get(delivery.account_id)
        files = pictures(delivery.media, unit.deliveries.picture)
        outgoing = delivery.outgoing(account, now=utc_now(), pictures=files)
    name = f"{delivery.platform.value}-{delivery.id}.zip"
    return Response(
        bundled(outgoing),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
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


@blueprint.post("/deliveries/<uuid:delivery_id>/removal")
@access.only(access.in_press_office)
def removal(delivery_id: UUID) -> Page:
    """A person removed what a platform would not delete, or has the platform asked again."""
    decision = request.form.get("decision", "")
    if decision not in {"removed", "again"}:
        raise BadInput("choose what you did.", where="decision")
    with current_engage().transaction() as unit:
        now = unit.takedowns.clock()
        found = (
            unit.takedowns.removed_by_hand(delivery_id, by=access.me().id, now=now)
            if decision == "removed"
            else unit.takedowns.try_again(delivery_id, now=now)
        )
        action = "removed by hand" if decision == "removed" else "removal asked again"
        current_engage().write(unit, access.me(), action, str(found.post_id), delivery=str(delivery_id))
    flash("It is on record." if decision == "removed" else "The platform is asked again.")
    return redirect(url_for("deliveries.every"))


def _to_remove(unit: Unit) -> list[Line]:
    """What platforms did not delete, each with its address."""
    return [
        line(delivery, removal=found)
        for found in unit.takedowns.needing_person()
        for delivery in unit.deliveries.for_post(found.post_id)
        if delivery.id == found.delivery_id
    ]


def _it_is_public(unit: Unit, delivery_id: UUID, by: Person) -> Delivery:
    link = request.form.get("url", "")
    return current_engage().confirm_public(unit, delivery_id, link=link, by=by.name)


def _give_up(unit: Unit, delivery_id: UUID, by: Person) -> Delivery:
    return unit.deliveries.give_up(delivery_id, by=by.name, now=utc_now())


def _noticed(unit: Unit, delivery_id: UUID, _by: Person) -> Delivery:
    return unit.deliveries.noticed(delivery_id)


_DECISIONS: dict[str, Decide] = {"public": _it_is_public, "give_up": _give_up, "noticed": _noticed}
