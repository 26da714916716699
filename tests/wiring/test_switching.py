"""What decides is what two people signed: in every process, at once, and never a broken policy."""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine as Database
from sqlalchemy import delete, text
from sqlalchemy.exc import DBAPIError

from engage.policy.proposed import NotFit
from engage.posts.kinds import Kind
from engage.posts.people import Person
from engage.posts.states import PostState
from engage.settings import Settings
from engage.signoff.refusals import NoSuchProposal, NotNeeded, NotYours, WordsChanged
from engage.signoff.switching import Proposal, ProposalState, refuse
from engage.store.base import Base
from engage.wiring import Engage
from engage.wiring.policies import FolderState, NoPolicy
from engage.wiring.switching import propose_policy, sign_policy
from tests.policy.builders import CASES, FORCE, RULE, a_post, write_policy
from tests.signed_in import add_people
from tests.wiring.test_changes import ADVICE, person, signed_off, state
from tests.wiring.test_changes import a_post as a_kept_post

YELLING = RULE.replace("shout~", "yell~")
YELLING_CASES = CASES.replace("shouted", "yelled").replace("shout", "yell")


class Folder:
    """A force's folder of policies, and the processes that were started on it."""

    def __init__(self, path: Path, database_url: str) -> None:
        self.path = write_policy(path, cases=CASES)
        self._settings = Settings(DATABASE_URL=database_url, policies=path, office_hours="always")  # type: ignore[call-arg]
        self.running: list[Engage] = []

    def process(self) -> Engage:
        """Another process on the same database and folder."""
        self.running.append(Engage(self._settings))
        return self.running[-1]

    def edit(self, *, rules: str = YELLING, cases: str = YELLING_CASES, force: str = FORCE) -> None:
        """Save other rules, as an editor does."""
        write_policy(self.path, rules=rules, cases=cases, force=force.replace('"1"', '"2"'))
        for place, each in enumerate(self.path.rglob("*.yaml")):
            later = each.stat().st_mtime_ns + (place + 1) * 10_000_000
            os.utime(each, ns=(later, later))


@pytest.fixture
def folder(engine: Database, database_url: str, tmp_path: Path) -> Iterator[Folder]:  # noqa: ARG001 - it empties the tables first
    made = Folder(tmp_path / "small", database_url)
    with made.process().transaction() as unit:
        add_people(unit)
    yield made
    for each in made.running:
        each.engine.dispose()


@pytest.fixture
def office(folder: Folder) -> Engage:
    """An installation whose first policy blocks shouting."""
    engage = folder.running[0]
    assert blocks(engage, "They shouted.")
    return engage


def blocks(engage: Engage, words: str) -> bool:
    with engage.transaction() as unit:
        return engage.policy_in(unit).decide(a_post(words)).rules == ("X01",)


def propose(engage: Engage, folder: Path, *, by: str = "press.bailey") -> Proposal:
    with engage.transaction() as unit:
        return propose_policy(engage, unit, folder, by=person(engage, by), reason="Yelling is worse.")


def sign(engage: Engage, proposal: Proposal, by: str) -> tuple[Proposal, list[UUID]]:
    with engage.transaction() as unit:
        signed, again = sign_policy(
            engage, unit, proposal.id, by=person(engage, by), having_read=proposal.policy.hash
        )
    return signed, list(again)


def switch_on(engage: Engage, folder: Path) -> list[UUID]:
    proposal = propose(engage, folder)
    sign(engage, proposal, "press.bailey")
    signed, again = sign(engage, proposal, "head.morgan")
    assert signed.state is ProposalState.IN_FORCE
    return again


def recorded(engage: Engage) -> list[tuple[str, str]]:
    with engage.transaction() as unit:
        rows = unit.session.execute(
            text("SELECT actor, action FROM audit_entry WHERE subject LIKE 'policy:%' ORDER BY seq")
        )
        assert unit.audit.verify().whole
        return [(actor, action) for actor, action in rows]


def test_the_first_start_puts_the_folder_in_force_once_and_on_record(folder: Folder) -> None:
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(blocks, folder.process(), "They shouted.") for _ in range(4)]
        assert all(each.result() for each in asked)
    assert recorded(folder.running[0]) == [("engage", "policy in force")]


def test_an_edited_folder_decides_nothing_and_the_installation_says_so(
    office: Engage, folder: Folder
) -> None:
    folder.edit()
    for each in (office, folder.process()):
        assert not blocks(each, "They yelled.")
        assert blocks(each, "They shouted.")
    with office.transaction() as unit:
        standing = office.policies.standing(unit)
    assert standing.folder is FolderState.DIFFERS
    assert "propose it" in standing.advice


def test_with_two_signatures_every_process_decides_by_the_new_policy_at_once(
    office: Engage, folder: Folder
) -> None:
    other = folder.process()
    assert blocks(other, "They shouted.")
    folder.edit()
    proposal = propose(office, folder.path)
    assert (proposal.cases, proposal.state) == (4, ProposalState.WAITING)
    first, _ = sign(office, proposal, "press.bailey")
    assert first.state is ProposalState.WAITING
    assert not blocks(other, "They yelled.")
    sign(office, proposal, "head.morgan")
    for each in (office, other, folder.process()):
        assert blocks(each, "They yelled.")
    assert recorded(office) == [
        ("engage", "policy in force"),
        ("press.bailey", "policy proposed"),
        ("press.bailey", "policy signed"),
        ("head.morgan", "policy signed"),
        ("head.morgan", "policy in force"),
    ]


def test_what_is_in_force_needs_no_folder_any_more(office: Engage, folder: Folder) -> None:
    shutil.rmtree(folder.path)
    newcomer = folder.process()
    assert blocks(newcomer, "They shouted.")
    with newcomer.transaction() as unit:
        assert newcomer.policies.standing(unit).folder is FolderState.BROKEN
    assert office is not newcomer


def test_one_person_never_signs_twice(office: Engage, folder: Folder) -> None:
    folder.edit()
    proposal = propose(office, folder.path, by="head.morgan")
    sign(office, proposal, "head.morgan")
    with pytest.raises(NotNeeded, match="another person"):
        sign(office, proposal, "head.morgan")
    assert blocks(office, "They shouted.")


def test_one_of_the_two_is_the_head_of_communications(office: Engage, folder: Folder) -> None:
    folder.edit()
    proposal = propose(office, folder.path)
    sign(office, proposal, "press.bailey")
    with pytest.raises(NotYours, match="head of communications"):
        sign(office, proposal, "press.lee")
    signed, _ = sign(office, proposal, "head.morgan")
    assert signed.state is ProposalState.IN_FORCE


@pytest.mark.parametrize("name", ["pc.khan", "audit.doyle", "admin.reid", "legal.shah", "supt.clarke"])
def test_nobody_outside_the_press_office_proposes_signs_or_refuses(
    office: Engage, folder: Folder, name: str
) -> None:
    folder.edit()
    proposal = propose(office, folder.path)
    with pytest.raises(NotYours):
        sign(office, proposal, name)
    with pytest.raises(NotYours):
        refuse_it(office, proposal, by=person(office, name))
    with pytest.raises(NotYours):
        propose(office, folder.path, by=name)


def refuse_it(engage: Engage, proposal: Proposal, *, by: Person, reason: str = "Too wide.") -> Proposal:
    with engage.transaction() as unit:
        return refuse(unit.policies, unit.audit, proposal.id, by=by, reason=reason, now=proposal.at)


def test_a_refused_policy_never_comes_into_force(office: Engage, folder: Folder) -> None:
    folder.edit()
    proposal = propose(office, folder.path)
    sign(office, proposal, "head.morgan")
    with pytest.raises(NotNeeded, match="Say why"):
        refuse_it(office, proposal, by=person(office, "press.lee"), reason=" ")
    refused = refuse_it(office, proposal, by=person(office, "press.lee"))
    assert refused.state is ProposalState.REFUSED
    with pytest.raises(NotNeeded):
        sign(office, proposal, "press.bailey")
    assert propose(office, folder.path).state is ProposalState.WAITING


def test_a_signature_is_for_the_policy_that_was_read(office: Engage, folder: Folder) -> None:
    folder.edit()
    proposal = propose(office, folder.path)
    with pytest.raises(WordsChanged), office.transaction() as unit:
        sign_policy(office, unit, proposal.id, by=person(office, "head.morgan"), having_read="another")
    with pytest.raises(NoSuchProposal), office.transaction() as unit:
        sign_policy(office, unit, 99, by=person(office, "head.morgan"), having_read=proposal.policy.hash)


def test_a_proposal_is_overtaken_when_another_policy_comes_into_force(office: Engage, folder: Folder) -> None:
    folder.edit()
    early = propose(office, folder.path)
    sign(office, early, "head.morgan")
    folder.edit(rules=YELLING.replace("It hurts.", "It hurts a lot."))
    switch_on(office, folder.path)
    with pytest.raises(NotNeeded, match="Propose it again"):
        sign(office, early, "press.bailey")


def test_of_two_policies_signed_at_the_same_moment_one_comes_into_force(
    office: Engage, folder: Folder
) -> None:
    folder.edit()
    one = propose(office, folder.path)
    folder.edit(rules=YELLING.replace("It hurts.", "It hurts a lot."))
    other = propose(office, folder.path)
    for each in (one, other):
        sign(office, each, "press.bailey")
    with ThreadPoolExecutor(2) as pool:
        ends = [pool.submit(sign, office, each, "head.morgan") for each in (one, other)]
    refused = [each for each in ends if each.exception() is not None]
    assert [type(each.exception()) for each in refused] == [NotNeeded]
    with office.transaction() as unit:
        assert len(unit.policies.switches()) == 2


def test_what_is_in_force_or_waits_already_is_not_proposed_again(office: Engage, folder: Folder) -> None:
    with pytest.raises(NotNeeded, match="in force already"):
        propose(office, folder.path)
    folder.edit()
    propose(office, folder.path)
    with pytest.raises(NotNeeded, match="waits for its signatures"):
        propose(office, folder.path)


def test_a_policy_whose_cases_do_not_hold_is_not_proposed(office: Engage, folder: Folder) -> None:
    folder.edit(cases=CASES)
    with pytest.raises(NotFit, match="2 cases of its own 4 do not hold"):
        propose(office, folder.path)
    folder.edit(cases=YELLING_CASES.replace("They yelled", "They shouted"))
    with pytest.raises(NotFit, match="1 case of its own 4 does not hold"):
        propose(office, folder.path)
    with office.transaction() as unit:
        assert unit.policies.proposals() == []


def test_going_back_is_a_switch_like_any_other(office: Engage, folder: Folder) -> None:
    folder.edit()
    switch_on(office, folder.path)
    write_policy(folder.path, cases=CASES)
    switch_on(office, folder.path)
    assert blocks(office, "They shouted.")
    assert not blocks(office, "They yelled.")
    with office.transaction() as unit:
        first, _, last = (each.policy.hash for each in unit.policies.switches())
    assert first == last


def test_a_switch_sends_back_what_it_stops_and_its_people_read_why(engage: Engage, tmp_path: Path) -> None:
    stopped = signed_off(engage, a_kept_post(ADVICE, kind=Kind.PREVENTION))
    with engage.transaction() as unit:
        entry = unit.policies.in_force_hash()
    own = 'name: own\nversion: "7"\nextends: ../met\nsources: {US: {title: Our own design}}\n'
    shutil.copytree(engage.settings.policies, tmp_path / "met")
    cases = CASES.replace("They shouted", "Lock both your wheels").replace(
        "We shout", "Mind both your wheels"
    )
    strict = write_policy(
        tmp_path / "own",
        force=own,
        rules=RULE.replace("shout~", "bike's frame and both wheels, both your wheels").replace(
            "block", "block\n    kinds: [prevention]", 1
        ),
        cases=cases,
    )
    with engage.transaction() as unit:
        proposal = propose_policy(
            engage, unit, strict, by=person(engage, "press.bailey"), reason="No wheels."
        )
    assert proposal.against == entry
    assert proposal.replay["newly_blocked"] == 1
    assert ADVICE in proposal.replay["examples"]["newly_blocked"][0]["text"]
    sign(engage, proposal, "press.bailey")
    _, again = sign(engage, proposal, "head.morgan")
    assert again == [stopped]
    assert state(engage, stopped) is PostState.AWAITING
    with engage.transaction() as unit:
        last = unit.audit.chain_of(str(stopped))[-1]
    assert "version 7 of the policy came into force" in last["details"]["comment"]


def test_a_kept_policy_that_was_tampered_with_leaves_the_one_before_it_in_force(
    office: Engage, folder: Folder
) -> None:
    folder.edit()
    switch_on(office, folder.path)
    with office.transaction() as unit:
        unit.session.execute(text("SET LOCAL session_replication_role = replica"))
        unit.session.execute(
            text("UPDATE policy_version SET files = replace(files::text, 'yell~', 'sing~')::jsonb")
        )
    newcomer = folder.process()
    assert blocks(newcomer, "They shouted.")
    assert not blocks(newcomer, "They sing.")
    with newcomer.transaction() as unit:
        standing = newcomer.policies.standing(unit)
    assert "not what was signed" in standing.fault
    assert standing.policy.version == "1"
    assert blocks(office, "They yelled.")  # it had loaded the good one


def test_where_nothing_good_was_ever_signed_nothing_is_decided(folder: Folder) -> None:
    folder.edit(rules=RULE.replace("severity", "severitee"))
    with pytest.raises(NoPolicy, match="small/rules/X"):
        blocks(folder.process(), "They shouted.")
    folder.edit()
    assert blocks(folder.process(), "They yelled.")


@pytest.mark.parametrize("table", ["policy_version", "policy_proposal", "policy_reply", "policy_in_force"])
def test_the_database_itself_refuses_to_change_what_was_signed(
    office: Engage, folder: Folder, table: str
) -> None:
    folder.edit()
    switch_on(office, folder.path)
    with pytest.raises(DBAPIError, match="append"), office.transaction() as unit:
        unit.session.execute(delete(Base.metadata.tables[table]))
