"""docs/reference/commands.md: every command as its own --help describes it."""

import importlib
from collections.abc import Iterator
from typing import Any

import typer

from docs._generate import markdown


def page() -> str:
    """A section for each command: what it does, how it is called, its arguments and options."""
    return markdown.page(*(part for name, one in commands() for part in _sections(name, one)))


def commands() -> Iterator[tuple[str, Any]]:
    """Every command a user can type, with its full name, groups left out."""
    for value in vars(importlib.import_module("immunosep.cli")).values():
        if isinstance(value, typer.Typer):
            yield from _below("immunosep", typer.main.get_command(value))


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", {})
    if not inner:
        yield name, command
    for word, one in inner.items():
        yield from _below(f"{name} {word}", one)


def _sections(name: str, command: Any) -> list[str]:
    with command.context_class(command, info_name=name) as context:
        usage = command.get_usage(context).removeprefix("Usage: ")
        rows = [_row(parameter, context) for parameter in command.get_params(context)]
    return [
        f"## `{name}`",
        (command.help or "").replace("\f", ""),
        markdown.code(usage),
        markdown.table(["argument or option", "what it is", "default"], rows),
    ]


def _row(parameter: Any, context: Any) -> list[str]:
    names = parameter.opts + parameter.secondary_opts
    if parameter.param_type_name == "argument":
        names = [parameter.make_metavar(context)]
    default = parameter.get_default(context, call=False)
    shown = "" if default is None or default is False or callable(default) else f"`{default}`"
    return [
        " ".join(f"`{name}`" for name in names),
        parameter.help or "",
        "required" if parameter.required else shown,
    ]
