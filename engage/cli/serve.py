"""`engage serve` and `engage migrate`: the web process and the database schema."""

import os

import click

from engage import wiring
from engage.cli.output import plain_errors


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option(
    "--threads", default=os.cpu_count() or 2, show_default=True, help="Requests answered at the same time."
)
@plain_errors
def serve(*, host: str, port: int, threads: int) -> None:
    """Serve the web application."""
    from granian.constants import Interfaces  # noqa: PLC0415 - the server is loaded by this command alone
    from granian.server import Server  # noqa: PLC0415

    wiring.configure_logs()
    engage = wiring.open_engage()
    with engage.transaction() as unit:
        engage.policy_in(
            unit
        )  # the first start puts the folder's policy in force, or says what is wrong with it
    Server(
        "engage.web:create_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
    ).serve()


@click.command()
@plain_errors
def migrate() -> None:
    """Bring the database to this version's schema. Safe to run twice."""
    wiring.migrate()
    click.echo("The database is at this version's schema.")


commands = (serve, migrate)
