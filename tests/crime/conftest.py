from pathlib import Path

import pytest

from engage.crime.importing import import_paths
from engage.crime.samples import write_samples
from tests.crime.files import TODAY, Memory


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The made-up files, to September 2026."""
    return write_samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="session")
def synthetic(samples: list[Path]) -> Memory:
    """A crime room with the made-up files."""
    memory = Memory()
    import_paths(memory, samples, today=TODAY)
    return memory


@pytest.fixture(scope="session")
def real(real_data: Path) -> Memory:
    """A crime room with the real files."""
    memory = Memory()
    import_paths(memory, [real_data / name for name in ("mps", "street", "population")], today=TODAY)
    return memory
