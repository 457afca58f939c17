"""A copy of the database, everything in it, and somebody who tries each column against the arms.

Gate 7 of the blinding tests, beside `test_dump`: there tables that lead to a place of the list are
looked at; here every row of every table, the framework's own too, that names a participant in any
column, text or JSON, the audit trail among them. Tried are the value, its length, the number of a
participant's rows, and the order in which rows were written.
"""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import pytest
from django.db import connection

from immunosep.web.audit.models import Event
from immunosep.web.supply.models import Order, Preparation
from immunosep.web.unblinding.opening import arm_of
from tests.web.dumped import live_a_while
from tests.web.people import Cast
from tests.web.test_dump import tells

Rows = Mapping[str, list[dict[str, Any]]]
PARTICIPANTS = 40


@pytest.fixture
def dump(cast: Cast, keyed: None) -> tuple[Rows, dict[str, str]]:
    """Every table of a centre with 40 participants; and, for whoever looks, the arms."""
    live_a_while(cast, PARTICIPANTS)
    tables = {table: list(_rows(table)) for table in connection.introspection.table_names()}
    arms = {order.participant: arm_of(order.slot) for order in Order.objects.all()}
    return tables, arms


def _rows(table: str) -> Iterator[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        names = [column[0] for column in cursor.description]
        for row in cursor.fetchall():
            yield {name: _text(value) for name, value in zip(names, row, strict=True)}


def _text(value: Any) -> str:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def aliases() -> dict[str, str]:
    """Every number that leads to a participant: their own, of orders, of preparations."""
    found = {order.number: order.participant for order in Order.objects.all()}
    made = Preparation.objects.values_list("number", "order__participant")
    return found | dict(made) | {order.participant: order.participant
                                 for order in Order.objects.all()}  # fmt: skip


def of_participants(rows: list[dict[str, Any]], names: Mapping[str, str]) -> dict[str, list[Any]]:
    """A table's rows by the participant that any of their columns names, in the order written."""
    found: dict[str, list[Any]] = {}
    for position, row in enumerate(rows):
        words = set(json.dumps(row).replace('"', " ").replace("\\\\", " ").split())
        words = {word.strip(",.:[]{}'") for word in words}
        for participant in {names[word] for word in words & names.keys()}:
            found.setdefault(participant, []).append(row | {"position": f"{position:06}"})
    return found


def features(of_one: list[dict[str, Any]]) -> dict[str, str]:
    """What may be tried of one participant's rows in one table."""
    tried = {"rows": str(len(of_one))}
    for name in of_one[0]:
        values = [row[name] for row in of_one]
        tried[name] = "|".join(values)
        tried[f"length of {name}"] = "|".join(str(len(value)) for value in values)
    return tried


def telling(tables: Rows, arms: Mapping[str, str], names: Mapping[str, str]) -> list[str]:
    """The columns by which somebody would do better than chance."""
    told = []
    for table, rows in tables.items():
        found = of_participants(rows, names)
        if len(found) < PARTICIPANTS / 2:
            continue
        people = sorted(found)
        held = np.array([arms[each] == "precision" for each in people], dtype=int)
        tried = [features(found[each]) for each in people]
        told += [f"{table}: {name}" for name in tried[0]
                 if tells([each.get(name, "") for each in tried], held)]  # fmt: skip
    return told


def test_no_column_of_any_table_tells_an_arm(dump: tuple[Rows, dict[str, str]]) -> None:
    tables, arms = dump
    names = aliases()
    looked_at = {t for t, rows in tables.items() if len(of_participants(rows, names)) >= 20}
    assert looked_at >= {"audit_event", "supply_order", "supply_preparation", "enrolment_patient"}
    assert telling(tables, arms, names) == []


def test_no_word_of_the_copy_is_an_arm_or_a_product(dump: tuple[Rows, dict[str, str]]) -> None:
    """But for the ratio of the arms, which is public, and the sealed list's own specification."""
    words = ("anakinra", "interferon", "saline", "precision", "placebo")
    tables, _ = dump
    named = {
        f"{table}.{name}: {word}"
        for table, rows in tables.items()
        for row in rows
        for name, value in row.items()
        for word in words
        if word in value.lower()
    }
    assert named <= {"code_code.document: precision", "code_code.document: placebo"}


def test_the_audit_trail_has_the_same_events_for_every_arm(cast: Cast, keyed: None) -> None:
    live_a_while(cast, PARTICIPANTS)
    arms = {order.participant: arm_of(order.slot) for order in Order.objects.all()}
    kinds: dict[str, set[tuple[str, ...]]] = {}
    for participant, arm in arms.items():
        if int(participant[-2:]) % 5 and participant not in ("01-0001", "01-0002"):
            events = Event.objects.filter(participant=participant).order_by("sequence")
            kinds.setdefault(arm, set()).add(tuple(events.values_list("action", flat=True)))
    assert len(kinds) == 2
    assert len(set.union(*kinds.values())) == 1


@pytest.mark.parametrize("column", ["value", "length", "count", "order"])
def test_a_copy_that_tells_is_found(column: str) -> None:
    """The test itself: an arm that shows in a value, a length, a number of rows, or an order."""
    people = [f"01-{n:04}" for n in range(1, PARTICIPANTS + 1)]
    arms = {each: ("placebo", "precision")[n % 2] for n, each in enumerate(people)}
    row = partial(_row_that_tells, column, arms)
    rows = [
        row(each) for each in people for _ in range(1 + (column == "count" and _on(arms, each)))
    ]
    if column == "order":
        rows.sort(key=lambda each: arms[each["participant"]])
    assert telling({"t": rows}, arms, dict(zip(people, people, strict=True)))
    same = [{"participant": each, "value": "1"} for each in people]
    assert not telling({"t": same}, arms, dict(zip(people, people, strict=True)))


def _row_that_tells(column: str, arms: Mapping[str, str], participant: str) -> dict[str, str]:
    on = _on(arms, participant)
    told = {"value": f"lot {on}", "length": f"{participant[-2:]}{'x' * on}"}
    return {"participant": participant, "value": told.get(column, "1")}


def _on(arms: Mapping[str, str], participant: str) -> int:
    return int(arms[participant] == "precision")
