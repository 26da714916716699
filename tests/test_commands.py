"""Every `engage` command says what it does, and some document tells when to use it."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from engage.cli import engage

ROOT = Path(__file__).parents[1]


def commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command below this group."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield (*words, name)


@pytest.mark.parametrize("words", list(commands(engage)), ids=" ".join)
def test_every_command_has_help_that_says_what_it_does(words: tuple[str, ...]) -> None:
    told = CliRunner().invoke(engage, [*words, "--help"])
    assert told.exit_code == 0, told.output
    said = told.output.split("\n\n", 1)[1].split("Options:")[0]
    assert said.strip()


@pytest.mark.parametrize("words", list(commands(engage)), ids=" ".join)
def test_every_command_is_in_a_document(words: tuple[str, ...]) -> None:
    command = f"engage {' '.join(words)}"
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    assert any(command in document.read_text() for document in documents)


@pytest.mark.parametrize("words", list(commands(engage)), ids=" ".join)
def test_every_command_refuses_an_option_it_does_not_know(words: tuple[str, ...]) -> None:
    told = CliRunner().invoke(engage, [*words, "--no-such-option"])
    assert told.exit_code == 2
    assert "No such option" in told.output
