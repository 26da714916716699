"""Published files are fetched whole or not at all, and a broken download goes on where it stopped."""

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from engage.cli import engage
from engage.crime.addresses import SHIPPED, Published, Type, addresses
from engage.crime.fetching import Fetch, fetch
from engage.posts.errors import BadInput, Unavailable
from tests.crime.files import borough_csv, months_to, street_csv, street_line

CSV = borough_csv(months_to("2025-11", 24)).encode()


class Publisher(ThreadingHTTPServer):
    """A publisher on this machine, which counts what it sent and can hang up in the middle."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.files: dict[str, bytes] = {}
        self.hang_up_after: int | None = None
        self.says_length = True
        self.chunks = False
        self.sent: list[tuple[int, int]] = []

    def handle_error(self, *_: object) -> None:
        """A reader that hung up is part of the test, not of its output."""

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class _Answers(BaseHTTPRequestHandler):
    server: Publisher

    def do_GET(self) -> None:
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://example.com/elsewhere.csv")
            self.end_headers()
            return
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        tag = f'"{hash(content)}"'
        if self.headers.get("If-None-Match") == tag:
            self._head(304, tag, 0)
            return
        start, status = 0, 200
        if self.headers.get("Range") and self.headers.get("If-Range") == tag:
            start, status = int(self.headers["Range"].removeprefix("bytes=").rstrip("-")), 206
        if start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.end_headers()
            return
        self._head(status, tag, len(content) - start)
        end = len(content) if self.server.hang_up_after is None else self.server.hang_up_after
        piece = content[start:end]
        self.server.sent.append((status, len(piece)))
        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if self.server.chunks else piece)

    def _head(self, status: int, tag: str, length: int) -> None:
        self.send_response(status)
        self.send_header("ETag", tag)
        if self.server.chunks:
            self.send_header("Transfer-Encoding", "chunked")
        elif self.server.says_length:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    server = Publisher()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def listed(address: str, *, type_: Type = Type.CSV, index: str = "", largest: int = 1 << 20) -> Published:
    return Published(
        name="borough",
        what="Crime by borough",
        page="https://example.org/page",
        file="borough.csv",
        type=type_,
        largest=largest,
        address=address,
        index=index,
        title="Crime by borough" if index else "",
    )


def test_a_file_is_fetched_whole_and_not_again_while_it_is_the_same(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.files["/a.csv"] = CSV
    one = listed(publisher.address("/a.csv"))
    told: list[tuple[int, int]] = []
    first = fetch(one, tmp_path, told=lambda had, whole: told.append((had, whole)))
    assert (first.outcome, first.path.read_bytes()) == (Fetch.FETCHED, CSV)
    assert told[-1] == (len(CSV), len(CSV))
    assert fetch(one, tmp_path).outcome is Fetch.UNCHANGED
    publisher.files["/a.csv"] = CSV + b"\n"
    assert fetch(one, tmp_path).outcome is Fetch.FETCHED


def test_a_download_that_was_cut_off_goes_on_where_it_stopped(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files["/a.csv"] = CSV
    publisher.hang_up_after = 1000
    one = listed(publisher.address("/a.csv"))
    with pytest.raises(Unavailable, match="What was fetched so far is kept"):
        fetch(one, tmp_path)
    assert not (tmp_path / "borough.csv").exists()
    publisher.hang_up_after = None
    assert fetch(one, tmp_path).path.read_bytes() == CSV
    assert publisher.sent == [(200, 1000), (206, len(CSV) - 1000)]


def test_a_file_that_changed_in_between_is_fetched_from_its_start(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.files["/a.csv"] = b"old," * 1000
    publisher.hang_up_after = 1000
    one = listed(publisher.address("/a.csv"))
    with pytest.raises(Unavailable):
        fetch(one, tmp_path)
    publisher.files["/a.csv"], publisher.hang_up_after = CSV, None
    assert fetch(one, tmp_path).path.read_bytes() == CSV


@pytest.mark.parametrize(("too_long", "sent"), [(b"", []), (b"x", [(200, len(CSV))])])
def test_a_download_killed_before_it_had_its_name_is_finished_and_one_too_long_is_begun_again(
    publisher: Publisher, tmp_path: Path, too_long: bytes, sent: list[tuple[int, int]]
) -> None:
    publisher.files["/a.csv"] = CSV
    one = listed(publisher.address("/a.csv"))
    fetch(one, tmp_path)
    (tmp_path / "borough.csv").rename(tmp_path / "borough.csv.part")
    (tmp_path / ".borough.csv.etag").rename(tmp_path / ".borough.csv.part.etag")
    with (tmp_path / "borough.csv.part").open("ab") as part:
        part.write(too_long)
    publisher.sent.clear()
    assert fetch(one, tmp_path).path.read_bytes() == CSV
    assert publisher.sent == sent
    assert fetch(one, tmp_path).outcome is Fetch.UNCHANGED
    assert list(tmp_path.glob("*.part")) == []


def test_a_file_whose_publisher_gives_no_length_is_said_to_be_unchecked_and_fetched_again(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.files["/a.csv"], publisher.says_length = CSV, False
    publisher.hang_up_after = CSV.index(b"\n") + 1
    one = listed(publisher.address("/a.csv"))
    assert not fetch(one, tmp_path).end_checked
    publisher.hang_up_after = None
    assert fetch(one, tmp_path).path.read_bytes() == CSV
    publisher.says_length = True
    assert fetch(one, tmp_path).end_checked


def test_a_file_sent_in_chunks_says_its_end_and_is_not_taken_for_whole_without_it(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.files["/a.csv"], publisher.chunks = CSV, True
    publisher.hang_up_after = CSV.index(b"\n") + 1
    with pytest.raises(Unavailable, match="What was fetched so far is kept"):
        fetch(listed(publisher.address("/a.csv")), tmp_path)


def test_an_address_is_looked_up_by_title_where_it_does_not_last(
    publisher: Publisher, tmp_path: Path
) -> None:
    index = {"resources": {"x1": {"title": "Crime by borough", "url": "/b.csv"}, "x2": {"title": "Other"}}}
    publisher.files |= {"/index": json.dumps(index).encode(), "/b.csv": CSV}
    one = listed("", index=publisher.address("/index"))
    assert fetch(one, tmp_path).path.read_bytes() == CSV
    publisher.files["/index"] = b'{"resources": {}}'
    with pytest.raises(BadInput, match="lists no file called “Crime by borough”"):
        fetch(one, tmp_path)
    publisher.files["/index"] = b"<html>"
    with pytest.raises(BadInput, match="is no JSON list"):
        fetch(one, tmp_path)


@pytest.mark.parametrize(
    ("content", "type_", "message"),
    [
        (b"<!doctype html>, hello\n", Type.CSV, "holds no csv file, but perhaps a page about one"),
        (CSV, Type.ZIP, "holds no zip file"),
        (b"PK\x03\x04 no archive", Type.ZIP, "is no ZIP archive"),
        (CSV, Type.PARQUET, "holds no parquet file"),
        (b"," * (2 << 20), Type.CSV, "would be 2 MB, more than the 1 MB of the list"),
    ],
)
def test_what_is_not_what_the_list_says_is_thrown_away(
    publisher: Publisher, tmp_path: Path, content: bytes, type_: Type, message: str
) -> None:
    publisher.files["/a.csv"] = content
    with pytest.raises(BadInput, match=message):
        fetch(listed(publisher.address("/a.csv"), type_=type_), tmp_path)
    assert list(tmp_path.glob("*")) == []


def test_a_whole_archive_is_fetched_and_looked_into(publisher: Publisher, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("2024-01/2024-01-metropolitan-street.csv", street_csv(street_line()))
    publisher.files["/latest.zip"] = packed.getvalue()
    assert fetch(listed(publisher.address("/latest.zip"), type_=Type.ZIP), tmp_path).outcome is Fetch.FETCHED


def test_a_moved_file_says_where_to_look_for_it(publisher: Publisher, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"answers 404 .*Find the file at https://example.org/page"):
        fetch(listed(publisher.address("/gone.csv")), tmp_path)


def test_a_redirect_off_https_is_not_followed(publisher: Publisher, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is no https address"):
        fetch(listed(publisher.address("/away")), tmp_path)


def test_without_a_network_the_message_says_how_to_do_it_by_hand(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"does not answer .* by hand and import it"):
        fetch(listed("http://127.0.0.1:9/a.csv"), tmp_path)


def test_the_shipped_list_is_sound() -> None:
    known = addresses()
    assert {"street", "borough", "borough-historical", "ward", "lsoa"} == set(known)
    assert known["street"].type is Type.ZIP


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("https://data.police.uk/data/archive/latest.zip", "http://data.police.uk/x", "is no https address"),
        ("  type: zip", "  type: rar", "street.type"),
        ("file: data.police.uk latest.zip", "file: ../x.zip", "names a file in another folder"),
        ("  address: https", "  index: https", "needs either an address, or an index and a title"),
        ("street:", "street: [", "is not YAML"),
    ],
)
def test_a_bad_list_is_refused_by_its_entry(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "list.yaml"
    path.write_text(SHIPPED.read_text().replace(old, new, 1))
    with pytest.raises(BadInput, match=message):
        addresses(path)


def test_the_command_fetches_what_is_named_and_says_what_to_do_next(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.files["/a.csv"] = CSV
    own = tmp_path / "list.yaml"
    own.write_text(
        f"mine:\n  what: x\n  page: x\n  file: a.csv\n  type: csv\n  largest: 1\n"
        f"  address: {publisher.address('/a.csv')}\n"
    )
    into = str(tmp_path / "data")
    run = CliRunner().invoke(engage, ["fetch", "mine", "--addresses", str(own), "--into", into])
    assert run.exit_code == 0, run.stderr
    assert f"Now: engage import {into}" in run.stdout
    assert (tmp_path / "data" / "a.csv").read_bytes() == CSV
    assert "could not be checked" not in run.stdout
    publisher.files["/a.csv"], publisher.says_length = CSV + CSV, False
    again = CliRunner().invoke(engage, ["fetch", "mine", "--addresses", str(own), "--into", into])
    assert "its publisher gave no length, so its end could not be checked" in again.stdout
    wrong = CliRunner().invoke(engage, ["fetch", "yours", "--addresses", str(own)])
    assert (wrong.exit_code, "There are: mine." in wrong.stderr) == (2, True)
