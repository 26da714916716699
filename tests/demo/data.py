"""What the demo starts with: people, accounts, and figures from the given files or the samples."""

from datetime import timedelta
from pathlib import Path

from rich.console import Console

from engage.crime.importing import import_paths
from engage.crime.samples import write_samples
from engage.posts.clock import utc_now
from engage.posts.errors import BadInput
from engage.store.unit import Unit
from engage.wiring import Engage
from tests.demo.campaigns import begin_campaigns
from tests.demo.people import accounts, add_people
from tests.fakes.credentials import for_account

REAL_FILES = ("mps", "street", "population")
"""The folders of real files that the demo reads."""


def load(engage: Engage, *, data: Path | None, samples: Path | None) -> None:
    """Load everything that is not there yet; a second run changes nothing."""
    console = Console(stderr=True)
    with engage.transaction() as unit:
        people = add_people(unit)
        posting = _add_accounts(unit)
    paths = [data / name for name in REAL_FILES if (data / name).exists()] if data else [_samples(samples)]
    if not paths:
        raise BadInput(f"has none of the folders {', '.join(REAL_FILES)}.", where=str(data))
    with engage.transaction() as unit:
        reports = import_paths(unit, paths)
    for report in reports:
        said = report.reason or (f"{report.file.rows_kept:,} rows" if report.file else "")
        console.print(f"  {report.path.name}: {report.outcome.value}{', ' if said else ''}{said}")
    campaigns = begin_campaigns(engage)
    console.print(f"  people added: {people}, accounts added: {posting}, campaigns begun: {campaigns}")


def _samples(folder: Path | None) -> Path:
    """The samples up to the last complete month, written once a month."""
    if folder is None:
        raise SystemExit("name --data DIR or --samples DIR")
    month = (utc_now().replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    fresh = folder / month
    if not fresh.is_dir():
        partial = folder / f"{month}.partial"
        write_samples(partial, last_month=month)
        partial.rename(fresh)
    return fresh


def _add_accounts(unit: Unit) -> int:
    there = {(each.platform, each.handle) for each in unit.accounts.all()}
    new = [each for each in accounts() if each[:2] not in there]
    for platform, handle, borough in new:
        unit.accounts.add(
            platform,
            handle,
            credentials={} if platform.by_hand else for_account(platform, handle),
            borough=borough,
        )
    return len(new)
