"""`python -m tests.demo data|check`: what `dev.py demo` loads, and the story it walks."""

import argparse
import sys
from pathlib import Path

from engage.posts.errors import EngageError
from engage.wiring import open_engage
from tests.demo.data import load
from tests.demo.story import walk


def main() -> None:
    """Load the demo's data, or walk its story; exit 1 where the story does not hold, 2 for bad input."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    data = commands.add_parser("data", help="load people, accounts and figures")
    source = data.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, help="folder of files in the published formats")
    source.add_argument("--samples", type=Path, help="folder to keep the synthetic samples in")
    commands.add_parser("check", help="walk the whole story on the running demo")
    options = parser.parse_args()
    try:
        if options.command == "data":
            load(open_engage(), data=options.data, samples=options.samples)
        else:
            sys.exit(0 if walk(open_engage()) else 1)
    except EngageError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command's own voice
        sys.exit(2)


if __name__ == "__main__":
    main()
