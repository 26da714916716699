"""Threads: a part can be added and dropped on the page, and a thread torn in the middle is said to be one."""

from uuid import UUID

from sqlalchemy import text

from engage.posts.kinds import Platform
from engage.wiring import Engage
from tests.web.stories import change, draft, sign
from tests.web.visitor import Visitor

SECOND = "Any detail may help, however small."


def parts_on_x(engage: Engage, address: str) -> tuple[str, ...]:
    with engage.transaction() as unit:
        variant = unit.posts.get(UUID(address.rpartition("/")[2])).variant_for(Platform.X)
    assert variant is not None
    return variant.parts


def test_an_officer_goes_on_in_another_part_and_drops_it_again(officer: Visitor, engage: Engage) -> None:
    address = draft(officer, platforms=["x"])
    written = officer.words()["text-x"]
    assert "Go on in another part" in officer.text
    change(officer, address, "save", **{"text-x": [*written, SECOND]})
    assert f"Part {len(written) + 1} of {len(written) + 1}" in officer.text
    assert parts_on_x(engage, address) == (*written, SECOND)
    change(officer, address, "save", **{"text-x": [*written, "  ", ""]})
    assert parts_on_x(engage, address) == tuple(written)


def test_a_thread_whose_second_part_was_refused_is_said_to_be_torn(
    officer: Visitor, press: Visitor, engage: Engage
) -> None:
    address = draft(officer, platforms=["x"])
    change(officer, address, "submit", **{"text-x": [*officer.words()["text-x"], SECOND]})
    sign(press, officer.address)
    with engage.transaction() as unit:
        unit.session.execute(
            text(
                "UPDATE delivery SET state = CASE part WHEN 0 THEN 'sent' ELSE 'rejected' END,"
                " receipt_id = CASE part WHEN 0 THEN '9' END,"
                " receipt_url = CASE part WHEN 0 THEN 'https://x.com/met_x/status/9' END"
            )
        )
    press.open(officer.address)
    assert "shows only part of this thread, and the rest will not follow" in press.text
    assert "Take it down everywhere" in press.text
