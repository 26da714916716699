"""Where open data is published: a list that the force can edit, because publishers move their files."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from engage.posts.errors import BadInput

SHIPPED = Path(__file__).with_name("published.yaml")
_HERE = frozenset({"127.0.0.1", "localhost"})


class Type(StrEnum):
    """What a file is."""

    ZIP = "zip"
    CSV = "csv"
    PARQUET = "parquet"


@checked(config=ConfigDict(extra="forbid"), frozen=True, kw_only=True)
class Listed:
    """One entry of the list, as it is written."""

    what: str
    page: str
    file: str
    type: Type
    largest: int
    address: str = ""
    index: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A published file; `index` and `title` say where its address is listed, where it has no lasting one."""

    name: str
    what: str
    page: str
    file: str
    type: Type
    largest: int
    address: str
    index: str
    title: str


def addresses(path: Path = SHIPPED) -> Mapping[str, Published]:
    """The published files by name. Raises BadInput naming the entry and the field."""
    try:
        data = yaml.safe_load(path.read_text())
        listed = TypeAdapter(dict[str, Listed]).validate_python(data)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput("is not YAML.", where=str(path)) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{field}: {first['msg']}.", where=str(path)) from error
    return {name: _published(path, name, each) for name, each in listed.items()}


def _published(path: Path, name: str, listed: Listed) -> Published:
    where = f"{path}, {name}"
    if bool(listed.address) == bool(listed.index) or bool(listed.index) != bool(listed.title):
        raise BadInput("needs either an address, or an index and a title.", where=where)
    refuse_unsafe(listed.address or listed.index, where=where)
    if Path(listed.file).name != listed.file or not listed.file:
        raise BadInput("names a file in another folder.", where=where)
    return Published(
        name=name,
        what=listed.what,
        page=listed.page,
        file=listed.file,
        type=listed.type,
        largest=listed.largest << 20,
        address=listed.address,
        index=listed.index,
        title=listed.title,
    )


def refuse_unsafe(address: str, *, where: str) -> None:
    """Refuse an address that others on the way could change. Raises BadInput."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise BadInput(f"“{address}” is no https address.", where=where)
