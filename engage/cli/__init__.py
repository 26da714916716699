"""The `engage` command: one module a group, joined here and nowhere else."""

import click

from engage import __version__
from engage.cli import crime, deliver, drafts, people, policy, record, regimes, serve
from engage.cli.output import plain_errors


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def engage() -> None:
    """Public engagement a police press office can put its name to.

    Exit codes: 0 done; 1 the answer is no (blocked, falls short, tampered); 2 bad use or bad input.
    """


for group in (crime, deliver, drafts, people, policy, record, regimes, serve):
    for command in group.commands:
        engage.add_command(command)


@plain_errors
def main() -> None:
    """Run the command line."""
    engage()
