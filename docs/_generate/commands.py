"""docs/reference/commands.md: every command as its own --help describes it."""

from collections.abc import Iterator
from typing import Any

import typer
from typer.testing import CliRunner

from docs._generate import markdown
from immunosep.cli.app import app

PLAIN = {"COLUMNS": "96", "NO_COLOR": "1", "TERM": "dumb"}


def page() -> str:
    """A section for each command, with what it answers to --help."""
    return markdown.page(
        *(part for name in names() for part in (f"## `{name}`", markdown.code(_help(name))))
    )


def names() -> list[str]:
    """Every command a user can type, in full; of groups, those that do something by themselves."""
    return list(_below("immunosep", typer.main.get_command(app)))


def _below(name: str, command: Any) -> Iterator[str]:
    inner = getattr(command, "commands", {})
    if not inner or command.invoke_without_command:
        yield name
    for word, one in inner.items():
        yield from _below(f"{name} {word}", one)


def _help(name: str) -> str:
    arguments = [*name.split()[1:], "--help"]
    answer = CliRunner().invoke(app, arguments, env=PLAIN, prog_name="immunosep")
    return "\n".join(line.rstrip() for line in answer.output.splitlines())
