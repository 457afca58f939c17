"""docs/reference/trials.md: every criterion and immune state, as its trial says it."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

from docs._generate import markdown


def page() -> str:
    """A section for each trial: inclusion, exclusion, immune states."""
    return markdown.page(*(part for trial in trials() for part in _sections(trial)))


def trials() -> Iterator[Any]:
    """Every trial value that ships with the package."""
    package = importlib.import_module("immunosep.trials")
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        values = vars(module).values()
        yield from (value for value in values if type(value).__name__ == "Trial")


def _sections(trial: Any) -> list[str]:
    return [
        f"## {trial.title}",
        "### Inclusion",
        _criteria(trial.inclusion),
        "### Exclusion",
        _criteria(trial.exclusion),
        "### Immune states",
        _states(trial.immune_states),
    ]


def _criteria(criteria: Any) -> str:
    return markdown.table(
        ["no.", "id", "criterion", "reads", "source", "note"],
        (
            [
                str(one.number or ""),
                f"`{one.id}`",
                one.text,
                ", ".join(f"`{name}`" for name in one.reads),
                one.source,
                one.note,
            ]
            for one in criteria
        ),
    )


def _states(states: Any) -> str:
    return markdown.table(
        ["id", "state", "limit", "source", "note"],
        ([f"`{one.id}`", one.label, one.limit, one.source, one.note] for one in states),
    )
