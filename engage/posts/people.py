"""Who acts: a person, their roles, and the boroughs they may draft for."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The roles the policy and the sign-off speak of. An administrator approves nothing."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    SUPERINTENDENT = "superintendent"
    OIC = "oic"
    SIO = "sio"
    DUTY_INSPECTOR = "duty_inspector"
    PRESS_OFFICER = "press_officer"
    DUTY_PRESS_OFFICER = "duty_press_officer"
    HEAD_OF_COMMS = "head_of_comms"
    LEGAL = "legal"
    ANALYST = "analyst"
    GOLD = "gold"
    ELECTION_SPOC = "election_spoc"
    DPS = "dps"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        """The role in words: "press officer", "officer in the case"."""
        return {
            Role.OIC: "officer in the case",
            Role.SIO: "senior investigating officer",
            Role.HEAD_OF_COMMS: "head of communications",
            Role.ELECTION_SPOC: "election single point of contact",
            Role.DPS: "Directorate of Professional Standards",
        }.get(self, self.value.replace("_", " "))


PRESS_OFFICE = frozenset({Role.PRESS_OFFICER, Role.DUTY_PRESS_OFFICER, Role.HEAD_OF_COMMS})
"""The roles that see the whole queue, return, schedule, hold, correct and withdraw."""

ALSO_CALLED = {
    "inspector": Role.DUTY_INSPECTOR,
    "second_press_officer": Role.PRESS_OFFICER,
    "legal_or_second_press": Role.LEGAL,
    "tactical_lead": Role.GOLD,
    "bcu_superintendent": Role.SUPERINTENDENT,
}
"""Other names by which an approval's role is stated, as rosters and the policy's sources write them."""

APPROVES_NOTHING = frozenset({Role.OFFICER, Role.AUDITOR, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A signed-in person. `boroughs` are names; empty means none (press office roles see all)."""

    id: str
    name: str
    roles: frozenset[Role]
    boroughs: frozenset[str] = frozenset()

    def has(self, *roles: Role) -> bool:
        """Whether the person holds any of these roles."""
        return not self.roles.isdisjoint(roles)

    def may_draft_for(self, borough: str) -> bool:
        """Officers draft for their own boroughs; the press office for all."""
        return bool(self.roles & PRESS_OFFICE) or borough in self.boroughs

    def sees_all(self) -> bool:
        """Press office and auditors read every borough's posts."""
        return bool(self.roles & (PRESS_OFFICE | {Role.AUDITOR}))
