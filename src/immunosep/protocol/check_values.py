"""What may be wrong with the values a rule compares a column with: no patient can have them."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

import ibis.expr.operations as ops
from ibis.expr import types as ir

from immunosep.protocol.overlap import is_number
from immunosep.tables.columns import Column, Kind
from immunosep.tables.dictionary import COLUMNS
from immunosep.tables.units import UNIT_SIGNS

NEAR_ENOUGH = 0.5  # likeness of two words, below which naming one for the other would mislead
SHORTEST_PART = 3  # letters that must be shared before a word counts as part of a choice


def value_problems(name: str, rule: ir.BooleanValue) -> Iterator[str]:
    """Words that are not among a column's choices, numbers that are not possible for it."""
    for column, value in dict.fromkeys(_compared(rule)):
        known = COLUMNS[column]
        if known.kind is Kind.CATEGORY and isinstance(value, str) and value not in known.choices:
            yield f"{name}: {_not_a_choice(known, value)}"
        if is_number(value) and not _possible(known, value):
            yield f"{name}: {_not_possible(known, value)}"


def _compared(rule: ir.BooleanValue) -> Iterator[tuple[str, Any]]:
    """Each column that a rule compares with a fixed value, and the value."""
    for node in rule.op().find((ops.Comparison, ops.Between, ops.InValues)):
        sides = _sides(node)
        columns = [side.name for side in sides if isinstance(side, ops.Field)]
        for side in sides:
            if len(columns) == 1 and columns[0] in COLUMNS and isinstance(side, ops.Literal):
                yield columns[0], side.value


def _sides(node: ops.Node) -> tuple[ops.Node, ...]:
    match node:
        case ops.InValues():
            return (node.value, *node.options)
        case ops.Between():
            return (node.arg, node.lower_bound, node.upper_bound)
        case ops.Comparison():
            return (node.left, node.right)
        case _:
            return ()


def _possible(column: Column, value: float) -> bool:
    """Both ends belong: a rule may ask for more than a lower limit that is itself left out."""
    return column.possible is None or column.possible.low <= value <= column.possible.high


def _not_a_choice(column: Column, value: str) -> str:
    near = nearest_choices(value, column.choices)
    hint = f" The nearest: {', '.join(near)}." if near else ""
    return (
        f"it compares {column.name} with {value!r}, expected one of {', '.join(column.choices)}."
        f"{hint} Write a choice as it stands there"
    )


def nearest_choices(word: str, choices: tuple[str, ...]) -> list[str]:
    """The choices that hold a word; failing that, the one most like it."""
    plain = word.strip().lower().replace(" ", "_").replace("-", "_")
    holding = [choice for choice in choices if plain in choice]
    if holding and len(plain) >= SHORTEST_PART:
        return holding
    return get_close_matches(plain, choices, n=1, cutoff=NEAR_ENOUGH)


def _not_possible(column: Column, value: float) -> str:
    unit = UNIT_SIGNS.get(column.unit, column.unit)
    return (
        f"it compares {column.name} with {value:,.10g}, expected {column.possible} {unit}".rstrip()
        + ", which is all a patient can have. Check the number and its unit"
    )
