"""What dev.py understands, and what it says to a machine that cannot run it."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import dev

SOURCE = Path(dev.__file__).read_text()
PRETEND = "import sys; sys.{name} = {value!r}; exec(compile(open('dev.py').read(), 'dev.py', 'exec'))"


def run_dev(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "dev.py", *arguments], cwd=dev.ROOT, capture_output=True, text=True, check=False
    )


def test_a_python_of_years_ago_can_parse_the_file_that_tells_it_so() -> None:
    ast.parse(SOURCE, feature_version=(3, 7))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("version_info", (3, 9, 2, "final", 0), "needs Python 3.11 or newer; this is 3.9"),
        ("platform", "win32", "Windows Subsystem for Linux"),
    ],
)
def test_a_machine_that_cannot_run_it_is_told_why_in_one_line(name: str, value: object, message: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", PRETEND.format(name=name, value=value)],
        cwd=dev.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert message in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("name", ["dev.py", "tests/servers.py"])
def test_only_the_standard_library_is_imported_before_anything_is_installed(name: str) -> None:
    source = (dev.ROOT / name).read_text()
    imported = set(re.findall(r"^\s*(?:import|from) ([\w.]+)", source, flags=re.MULTILINE)) - {
        "tests.servers"
    }
    assert {each.split(".")[0] for each in imported} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("command", ["demo", "test", "check", "bench"])
def test_every_command_has_help(command: str) -> None:
    told = run_dev(command, "--help")
    assert told.returncode == 0
    assert "usage" in told.stdout


@pytest.mark.parametrize(
    ("words", "command", "options"),
    [
        (["engage", "policy", "check", "--json"], "engage", ["policy", "check", "--json"]),
        (["engage", "--help"], "engage", ["--help"]),
        (["test", "-k", "a b", "--real-servers"], "test", ["-k", "a b", "--real-servers"]),
        (["bench", "delivery", "--json"], "bench", ["--json"]),
    ],
)
def test_what_follows_is_handed_on_as_it_was_written(
    words: list[str], command: str, options: list[str]
) -> None:
    read = dev.read_command(words)
    assert (read.command, read.options) == (command, options)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--help"],
        ["import", "--help"],
        ["policy", "check"],
        ["policy", "decide", "-"],
        ["policy", "test"],
    ],
)
def test_help_and_policy_commands_start_no_database(words: list[str]) -> None:
    assert dev.needs_no_database(words)


@pytest.mark.parametrize(
    "words",
    [
        ["import", "x.csv"],
        ["policy", "replay", "--with", "new"],
        ["policy", "status"],
        ["user", "list"],
    ],
)
def test_commands_about_stored_things_get_a_database(words: list[str]) -> None:
    assert not dev.needs_no_database(words)


def test_an_unknown_benchmark_is_refused_with_the_names_there_are() -> None:
    told = run_dev("bench", "nothing-of-that-name")
    assert told.returncode == 2
    assert "There is no benchmark" in told.stderr


def test_a_data_folder_that_is_not_there_is_refused_before_anything_starts() -> None:
    told = run_dev("demo", "--check", "--data", "no/such/folder")
    assert told.returncode == 2
    assert "no/such/folder" in told.stderr
