"""Who signs in to the demo, and the accounts it posts to. None of them is anybody's."""

from collections.abc import Iterator
from dataclasses import dataclass

from engage.posts.clock import utc_now
from engage.posts.kinds import DRAFTED_FOR, Platform
from engage.posts.people import Role
from engage.posts.places import BOROUGHS
from engage.store.unit import Unit

PASSWORD = "engage-demo-2026"
_SMALL_WORDS = frozenset({"and", "upon"})
FORCE_HANDLE = "DemoMetPolice"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One person of the demo."""

    username: str
    name: str
    roles: tuple[Role, ...]
    boroughs: tuple[str, ...] = ()


PEOPLE = (
    DemoPerson("pc.khan", "PC Aisha Khan", (Role.OFFICER,), ("Camden", "Islington")),
    DemoPerson("pc.evans", "PC Rhys Evans", (Role.OFFICER, Role.OIC), ("Lambeth", "Southwark")),
    DemoPerson("sgt.owusu", "Sgt Kofi Owusu", (Role.OFFICER, Role.SUPERVISOR), ("Hackney", "Tower Hamlets")),
    DemoPerson("press.bailey", "Jo Bailey", (Role.PRESS_OFFICER,)),
    DemoPerson("press.lee", "Min Lee", (Role.PRESS_OFFICER, Role.DUTY_PRESS_OFFICER)),
    DemoPerson("head.morgan", "Sam Morgan", (Role.HEAD_OF_COMMS, Role.PRESS_OFFICER)),
    DemoPerson("analyst.novak", "Petra Novak", (Role.ANALYST,)),
    DemoPerson("insp.ahmed", "Insp Nadia Ahmed", (Role.DUTY_INSPECTOR,)),
    DemoPerson("supt.clarke", "Supt Dee Clarke", (Role.SUPERINTENDENT, Role.GOLD)),
    DemoPerson("di.fraser", "DI Ewan Fraser", (Role.SIO, Role.OIC)),
    DemoPerson("legal.shah", "Ravi Shah", (Role.LEGAL,)),
    DemoPerson("audit.doyle", "Una Doyle", (Role.AUDITOR,)),
    DemoPerson("admin.reid", "Chris Reid", (Role.ADMINISTRATOR,)),
)


def handle(borough: str) -> str:
    """A handle that nobody has: at most 15 characters, as X allows."""
    words = [word for word in borough.split() if word not in _SMALL_WORDS]
    return "Demo" + "".join(word[: 11 // len(words)] for word in words)


def accounts() -> Iterator[tuple[Platform, str, str | None]]:
    """Platform, handle and borough of every demo account; the force's own has no borough."""
    for platform in DRAFTED_FOR:
        yield platform, FORCE_HANDLE, None
        for place in BOROUGHS:
            yield platform, handle(place.name), place.name
    for platform in (Platform.NEXTDOOR, Platform.WHATSAPP, Platform.MET_ENGAGE):
        yield platform, FORCE_HANDLE, None


def add_people(unit: Unit) -> int:
    """Add those who are not there yet, and say how many."""
    there = {person.id for person in unit.people.all()}
    new = [person for person in PEOPLE if person.username not in there]
    for person in new:
        unit.people.add(
            person.username,
            name=person.name,
            password=PASSWORD,
            roles=person.roles,
            boroughs=person.boroughs,
            now=utc_now(),
        )
    return len(new)
