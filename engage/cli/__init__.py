"""The `engage` command: one module a group, loaded when one of its commands is asked for."""

from collections.abc import Mapping
from importlib import import_module

import click

from engage import __version__
from engage.cli.output import plain_errors

COMMANDS: Mapping[str, str] = {
    "fetch": "fetch",
    "import": "crime",
    "samples": "crime",
    "summary": "crime",
    "forecast": "crime",
    "trace": "crime",
    "suggest": "suggest",
    "planning-map": "planning",
    "figures": "figures",
    "draft": "drafts",
    "picture": "pictures",
    "campaign": "campaigns",
    "policy": "policy",
    "hold": "regimes",
    "window": "regimes",
    "case": "regimes",
    "audit": "record",
    "user": "people",
    "account": "accounts",
    "deliveries": "deliver",
    "dispatcher": "deliver",
    "worker": "deliver",
    "serve": "serve",
    "migrate": "serve",
}
"""Each command and the module of this package that holds it, in the order `--help` shows them."""


class LazyGroup(click.Group):
    """Knows its commands by name and loads only the one that is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Every command, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command, its module loaded now."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        commands: tuple[click.Command, ...] = import_module(f"engage.cli.{module}").commands
        return next(each for each in commands if each.name == cmd_name)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def engage() -> None:
    """Public engagement a police press office can put its name to.

    Exit codes: 0 done; 1 the answer is no (blocked, falls short, tampered); 2 bad use or bad input.
    """


@plain_errors
def main() -> None:
    """Run the command line."""
    engage()
