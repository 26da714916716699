"""Start every edge server in one process: `python -m tests.fakes --ports-file FILE [--state DIR]`.

FILE appears, whole, once all of them answer: `{"x": "http://127.0.0.1:…", …}`. SIGTERM stops them.
With `--state`, posts outlive a restart and each server takes its old port again, so that the links
in receipts go on working.
"""

import argparse
import json
import os
import signal
import threading
from pathlib import Path
from urllib.parse import urlsplit

from tests.fakes.bluesky import BlueskyEdge
from tests.fakes.edge import Edge, RunningEdge
from tests.fakes.facebook import FacebookEdge
from tests.fakes.mastodon import MastodonEdge
from tests.fakes.x import XEdge

_PORTS = "ports.json"
EDGES: tuple[type[Edge], ...] = (XEdge, FacebookEdge, MastodonEdge, BlueskyEdge)


def main() -> None:
    """Start, say where, wait for SIGTERM or Ctrl-C, stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes", description=__doc__)
    parser.add_argument("--ports-file", type=Path, required=True)
    parser.add_argument("--state", type=Path, default=None, help="folder that keeps the posts")
    options = parser.parse_args()
    if options.state is not None:
        options.state.mkdir(parents=True, exist_ok=True)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    options.ports_file.unlink(missing_ok=True)
    before = _ports_before(options.state)
    running = [_start(kind(options.state), before.get(kind.name, 0)) for kind in EDGES]
    addresses = json.dumps({each.edge.name: each.url for each in running})
    if options.state is not None:
        _write_whole(options.state / _PORTS, addresses)
    _write_whole(options.ports_file, addresses)
    stop.wait()
    for each in running:
        each.stop()


def _ports_before(state: Path | None) -> dict[str, int]:
    if state is None or not (state / _PORTS).exists():
        return {}
    addresses = json.loads((state / _PORTS).read_text())
    return {name: urlsplit(url).port or 0 for name, url in addresses.items()}


def _start(edge: Edge, port: int) -> RunningEdge:
    try:
        return RunningEdge(edge, port=port)
    except OSError:
        return RunningEdge(edge)


def _write_whole(file: Path, text: str) -> None:
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    partial.write_text(text)
    partial.replace(file)


if __name__ == "__main__":
    main()
