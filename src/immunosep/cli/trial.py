"""`immunosep trial`: the protocols, to read and to check."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import typer
from ibis.expr import types as ir
from rich.table import Table
from rich.text import Text

from immunosep.cli.options import Format
from immunosep.cli.output import print_csv, print_json, print_page
from immunosep.cli.pages.protocol import protocol_page
from immunosep.protocol.criteria import Criterion, ImmuneState
from immunosep.protocol.loading import load_trial
from immunosep.protocol.trial import Trial
from immunosep.trials import TRIALS, find_trial

LIST_COLUMNS = ("id", "acronym", "registry_ids", "title", "inclusion", "exclusion")


def run_list(format_: Format) -> None:
    """Print the trials that come with the package."""
    rows = [_listed(trial) for trial in TRIALS.values()]
    match format_:
        case Format.JSON:
            print_json(rows)
        case Format.CSV:
            print_csv(rows, LIST_COLUMNS)
        case Format.TABLE:
            print_page(_list_page())


def run_show(name: str, format_: Format, *, centres: bool = False) -> None:
    """Print a protocol; on the page, `centres` lists each of them."""
    trial = find_trial(name)
    match format_:
        case Format.JSON:
            print_json(as_plain(trial) | {"digest": trial.digest})
        case Format.CSV:
            rows = [_criterion_row(trial, criterion) for criterion in trial.criteria]
            print_csv(rows, list(rows[0]))
        case Format.TABLE:
            print_page(protocol_page(trial, centres=centres))


def run_check(path: str) -> None:
    """Say that a trial is valid, or list its problems."""
    trial = load_trial(path)
    typer.echo(
        f"{trial.id} is valid: {len(trial.inclusion)} inclusion and {len(trial.exclusion)} "
        f"exclusion criteria, {len(trial.immune_states)} immune states, {len(trial.arms)} arms."
    )


def as_plain(value: Any) -> Any:
    """A protocol's nouns as JSON knows values: a rule is the columns it reads."""
    if is_dataclass(value) and not isinstance(value, type):
        held = {field.name: getattr(value, field.name) for field in fields(value)}
        plain = {k: as_plain(v) for k, v in held.items() if not isinstance(v, ir.Expr)}
        return plain | ({"reads": list(value.reads)} if isinstance(value, _WITH_RULES) else {})
    if isinstance(value, Mapping):
        return {str(key): as_plain(held) for key, held in value.items()}
    if isinstance(value, tuple | list):
        return [as_plain(held) for held in value]
    return value


_WITH_RULES = (Criterion, ImmuneState)


def _listed(trial: Trial) -> dict[str, Any]:
    return {
        "id": trial.id,
        "acronym": trial.acronym,
        "registry_ids": list(trial.registry_ids),
        "title": trial.title,
        "inclusion": len(trial.inclusion),
        "exclusion": len(trial.exclusion),
    }


def _criterion_row(trial: Trial, criterion: Criterion) -> dict[str, Any]:
    return {
        "id": criterion.id,
        "kind": "inclusion" if criterion in trial.inclusion else "exclusion",
        "number": criterion.number,
        "text": criterion.text,
        "limit": criterion.limit,
        "reads": criterion.reads,
        "source": criterion.source,
        "note": criterion.note,
    }


def _list_page() -> Table:
    lines = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("Id", "Registered as", "Title"):
        lines.add_column(name)
    for trial in TRIALS.values():
        lines.add_row(
            Text(trial.id, style="bold"), Text(", ".join(trial.registry_ids)), Text(trial.title)
        )
    return lines
