"""The record: whole when untouched, and any change, removal or insertion is found."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

from engage.posts.errors import BadInput
from engage.signoff.record import Entry
from engage.store.audit import chained
from engage.store.unit import transaction

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def an_entry(number: int) -> Entry:
    return Entry(
        at=NOW,
        actor="pc.khan",
        action="edited",
        subject="post-1",
        details={"number": number, "text": "O'Meara & Borough"},
    )


def write(engine: Engine, count: int) -> None:
    with transaction(engine) as unit:
        for number in range(count):
            unit.audit.append(an_entry(number))


def tamper(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text(statement))
        connection.execute(text("SET session_replication_role = DEFAULT"))


def test_an_untouched_record_is_whole(engine: Engine) -> None:
    write(engine, 5)
    with transaction(engine) as unit:
        chain = unit.audit.verify()
    assert chain.whole
    assert chain.entries == 5


def test_a_changed_entry_is_named(engine: Engine) -> None:
    write(engine, 5)
    tamper(engine, "UPDATE audit_entry SET actor = 'somebody.else' WHERE seq = 3")
    with transaction(engine) as unit:
        chain = unit.audit.verify()
    assert chain.broken_at == 3
    assert "changed" in (chain.problem or "")


def test_a_removed_entry_is_noticed_at_the_next_one(engine: Engine) -> None:
    write(engine, 5)
    tamper(engine, "DELETE FROM audit_entry WHERE seq = 3")
    with transaction(engine) as unit:
        chain = unit.audit.verify()
    assert chain.broken_at == 4
    assert "removed" in (chain.problem or "")


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry"])
def test_the_database_itself_refuses_to_change_or_delete_the_record(engine: Engine, statement: str) -> None:
    write(engine, 1)
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
    with transaction(engine) as unit:
        assert [entry.actor for entry in unit.audit.about("post-1")] == ["pc.khan"]


def test_an_act_that_fails_leaves_no_entry(engine: Engine) -> None:
    def fail() -> None:
        with transaction(engine) as unit:
            unit.audit.append(an_entry(1))
            unit.people.add("pc.khan", name="PC Khan", password="short", roles=[], now=NOW)

    with pytest.raises(BadInput):
        fail()
    with transaction(engine) as unit:
        assert unit.audit.about("post-1") == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=4))
def test_any_details_hash_the_same_before_and_after_a_stay_in_json(details: dict[str, object]) -> None:
    before = Entry(at=NOW, actor="a", action="b", subject="c", details=details)
    after = Entry(at=NOW, actor="a", action="b", subject="c", details=json.loads(json.dumps(details)))
    assert chained("0" * 64, before) == chained("0" * 64, after)


def test_two_acts_at_once_are_chained_one_after_the_other(engine: Engine) -> None:
    def one(number: int) -> None:
        with transaction(engine) as unit:
            unit.audit.append(an_entry(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(40)))
    with transaction(engine) as unit:
        chain = unit.audit.verify()
    assert chain.whole
    assert chain.entries == 40


def test_whoever_has_written_to_the_record_and_goes_on_keeps_nobody_waiting(engine: Engine) -> None:
    with transaction(engine) as many_posts:
        many_posts.audit.append(an_entry(2))
        with transaction(engine) as one_post:
            one_post.session.execute(text("SET LOCAL lock_timeout = '2s'"))
            one_post.audit.append(an_entry(1))
    with transaction(engine) as unit:
        assert unit.audit.verify().whole
        assert [entry.details["number"] for entry in unit.audit.about("post-1")] == [1, 2]


def test_an_act_reads_what_it_wrote(engine: Engine) -> None:
    with transaction(engine) as unit:
        unit.audit.append(an_entry(1))
        assert [entry.details["number"] for entry in unit.audit.about("post-1")] == [1]
        unit.audit.append(an_entry(2))
        assert unit.audit.verify().entries == 2
    with transaction(engine) as unit:
        assert [entry.details["number"] for entry in unit.audit.about("post-1")] == [1, 2]


def test_what_is_changed_last_is_locked_before_the_record(engine: Engine) -> None:
    """A row that is written at the end of a transaction must not be waited for with the chain in hand."""
    with transaction(engine) as first:
        first.people.add("pc.khan", name="PC Khan", password="a long enough password", roles=[], now=NOW)
    statements: list[str] = []
    with engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", lambda *asked: statements.append(asked[2]))
        with transaction(connection) as unit:
            unit.audit.append(an_entry(1))
            unit.people.add("pc.lee", name="PC Lee", password="a long enough password", roles=[], now=NOW)
        connection.commit()
    chain = next(at for at, each in enumerate(statements) if "pg_advisory_xact_lock" in each)
    changed = [at for at, each in enumerate(statements) if each.startswith(("INSERT", "UPDATE"))]
    assert [statements[at].split()[2] for at in changed if at > chain] == ["audit_entry"]
