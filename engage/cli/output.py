"""What every command shares: JSON or a table on standard output, one clear line when it cannot."""

import functools
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, ParamSpec, TypeVar

import click
from rich.console import Console
from rich.table import Table

from engage.posts.errors import BadInput, EngageError, NotAllowed

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")

P = ParamSpec("P")
T = TypeVar("T")

NO = 1
UNUSABLE = 2


def print_json(value: Any) -> None:
    """Print a value as JSON, keys in the order given."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under named columns; numbers are set to the right."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for position, name in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[position], int | float) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    Console().print(table)


def stop(message: str, *, code: int) -> NoReturn:
    """End the command with one line on standard error."""
    click.echo(message, err=True)
    sys.exit(code)


def plain_errors(command: Callable[P, T]) -> Callable[P, T]:
    """Turn Engage's refusals into one line and the exit code the contract gives them.

    NotAllowed is 1 (the answer is no); BadInput, Unavailable and a full disk are 2.
    """

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except NotAllowed as error:
            stop(str(error), code=NO)
        except (BadInput, EngageError) as error:
            stop(str(error), code=UNUSABLE)
        except BrokenPipeError:
            raise  # Whoever was reading has seen enough; click ends quietly.
        except OSError as error:
            name = f"{error.filename}: " if error.filename else ""
            stop(f"{name}{error.strerror or error}. Nothing was changed.", code=UNUSABLE)

    return run
