"""A trial's digest: the same in every process, and another after any change whatever."""

import ast
import copy
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum
from itertools import islice
from typing import Any

import ibis
import ibis.expr.operations as ops
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ibis.expr import types as ir

from immunosep.concepts.snapshot import snapshot
from immunosep.errors import TrialError
from immunosep.protocol import Criterion, Endpoint, Estimand, Rank, Trial
from immunosep.protocol.digest import canonical_of, digest_of
from immunosep.trials import TRIALS, find_trial
from tests.conftest import ROOT
from tests.unit.small_trial import ADULT, VALID, problem

PRINTED = "from immunosep.trials import TRIALS; print({k: t.digest for k, t in TRIALS.items()})"


def changes(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that differs from `value` in one word, number, operation or item."""
    match value:
        case ir.Expr():
            yield from ((f"{path}: {what}", other) for what, other in rules_beside(value))
        case Enum():
            yield from ((path, other) for other in type(value) if other is not value)
        case bool():
            yield path, not value
        case int() | float():
            yield path, value + 1
        case str():
            yield path, f"{value}."
        case None:
            yield path, "something"
        case tuple():
            yield from items_beside(value, path)
        case Mapping():
            yield f"{path} more", {**value, "something": 1}
            for key, held in value.items():
                yield from ((at, {**value, key: it}) for at, it in changes(held, f"{path}.{key}"))
        case _ if is_dataclass(value):
            for name in [field.name for field in fields(value)]:
                for at, other in changes(getattr(value, name), f"{path}.{name}"):
                    yield at, with_field(value, name, other)
        case _:
            raise AssertionError(path)


def items_beside(value: tuple[Any, ...], path: str) -> Iterator[tuple[str, Any]]:
    yield f"{path} more", (*value, "something")
    if value:
        yield f"{path} less", value[:-1]
    if len(value) > 1:
        yield f"{path} turned", value[::-1]
    for at, held in enumerate(value):
        for where, other in changes(held, f"{path}[{at}]"):
            yield where, (*value[:at], other, *value[at + 1 :])


def rules_beside(rule: ir.Expr) -> Iterator[tuple[str, ir.Expr]]:
    """The rule with one literal, column or comparison exchanged."""
    yield "not", ~rule
    for node in rule.op().find((ops.Literal, ops.Field, ops.Comparison)):
        match node:
            case ops.Literal(value=None) if node.dtype.is_numeric():
                other = ibis.literal(0, node.dtype).op()
            case ops.Literal(value=bool() | None):
                other = ibis.literal(True).op() if not node.value else ibis.literal(False).op()
            case ops.Literal(value=str() as word):
                other = ibis.literal(f"{word}.").op()
            case ops.Literal():
                other = ibis.literal(node.value + 1).op()
            case ops.Field():
                twin = "calendar_year" if node.dtype.is_integer() else f"{node.name}_2"
                other = ibis.table({twin: node.dtype}, name="snapshot")[twin].op()
            case ops.Greater() | ops.Less():
                other = (node.left.to_expr() == node.right.to_expr()).op()
            case ops.Binary():
                other = (node.left.to_expr() < node.right.to_expr()).op()
            case _:
                continue
        yield str(node), rule.op().replace({node: other}).to_expr()


def with_field(value: Any, name: str, other: Any) -> Any:
    """A copy with one field changed, though a trial itself would refuse to be built so."""
    if not isinstance(value, Trial):
        return replace(value, **{name: other})
    twin = copy.copy(value)
    object.__setattr__(twin, name, other)
    twin.__dict__.pop("digest", None)
    return twin


def _digests(trial: Trial, *, step: int) -> list[tuple[str, str]]:
    some = islice(changes(trial), 0, None, step)
    return [(at, digest_of(changed)) for at, changed in some]


@pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS)
def test_a_single_change_gives_another_digest(trial):
    digests = _digests(trial, step=7)
    assert [at for at, digest in digests if digest == trial.digest] == []
    assert len(digests) > 100


@pytest.mark.slow
@pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS)
def test_each_single_change_gives_another_digest(trial):
    digests = _digests(trial, step=1)
    assert [at for at, digest in digests if digest == trial.digest] == []
    assert len(digests) > 700


@pytest.mark.parametrize("seed", ["0", "1"])
def test_a_fresh_process_gives_the_same_digests(seed):
    env = {**os.environ, "PYTHONHASHSEED": seed}
    told = subprocess.run(
        [sys.executable, "-c", PRINTED], env=env, capture_output=True, text=True, check=True
    )
    assert ast.literal_eval(told.stdout) == {id_: trial.digest for id_, trial in TRIALS.items()}


def test_a_trial_loaded_twice_has_one_digest(tmp_path):
    source = (ROOT / "docs" / "tutorials" / "own-trial.md").read_text()
    code = next(b for b in source.split("```python\n")[1:] if 'id="simple"' in b).split("```")[0]
    (tmp_path / "mine.py").write_text(code)
    first, again = find_trial(tmp_path / "mine.py"), find_trial(tmp_path / "mine.py")
    assert first is not again
    assert first.digest == again.digest


@given(limit=st.integers(0, 120), other=st.integers(0, 120))
def test_two_limits_have_one_digest_only_if_they_are_one(limit, other):
    assert (of_limit(limit).digest == of_limit(other).digest) is (limit == other)


def of_limit(limit: Any) -> Trial:
    rule = snapshot.age_years >= limit
    return Trial(id="mine", title="Mine", inclusion=(replace(ADULT, rule=rule),))


def test_a_digest_is_64_hexadecimal_digits():
    digest = TRIALS["immunosep"].digest
    assert len(digest) == 64
    assert int(digest, 16) > 0


def test_a_whole_number_is_the_same_as_a_decimal_in_a_field_but_not_in_a_rule():
    rule = (snapshot.hours_since_sepsis >= 0) & (snapshot.hours_since_sepsis < 72)
    late = Criterion("window", "In time", rule, source="a paper")
    whole, decimal = (
        Trial(**VALID | {"exclusion": (late,), "window_hours": hours}) for hours in (72, 72.0)
    )
    assert whole.digest == decimal.digest
    assert of_limit(18).digest != of_limit(18.0).digest


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_a_number_json_does_not_have_is_written_out(number):
    window = with_field(of_limit(18), "window_hours", number)
    assert canonical_of(window)["trial"]["window_hours"] == str(number)


@pytest.mark.parametrize(
    ("literal", "written"),
    [
        (ibis.literal(Decimal("0.4")), "0.4"),
        (ibis.date("2026-11-22"), "2026-11-22"),
        (ibis.time("06:30:00"), "06:30:00"),
        (ibis.literal([1, 2]), [1, 2]),
    ],
)
def test_a_literal_json_does_not_have_is_written_out(literal, written):
    rule = (literal == literal) & snapshot.hiv
    odd = with_field(of_limit(18), "exclusion", (Criterion("odd", "Odd", rule),))
    arguments = canonical_of(odd)["trial"]["exclusion"][0]["rule"]["arguments"]
    assert arguments["left"]["arguments"]["left"]["literal"] == written


def test_a_type_in_a_rule_counts():
    first, other = (
        with_field(of_limit(18), "exclusion", (Criterion("odd", "Odd", rule),))
        for rule in (snapshot.gcs.cast("int32") > 1, snapshot.gcs.cast("int64") > 1)
    )
    assert digest_of(first) != digest_of(other)


def test_a_table_inside_a_rule_counts():
    first, other = (
        with_field(of_limit(18), "exclusion", (Criterion("odd", "Odd", snapshot.sex.isin(of.x)),))
        for of in (ibis.table({"x": "string"}, name=name) for name in ("one", "two"))
    )
    assert digest_of(first) != digest_of(other)


def test_a_value_that_cannot_be_written_is_refused_when_the_trial_is_built():
    nothing = Estimand(treatment="", population="", variable="", intercurrent_events=(), summary="")
    by_hand: Any = object()
    odd = Endpoint(
        id="odd",
        label="Odd",
        rank=Rank.PRIMARY,
        estimand=nothing,
        analysis="",
        source="a paper",
        definition=by_hand,
    )
    assert problem(endpoints=(odd,)).startswith("it holds a value of type object, which cannot")
    with pytest.raises(TrialError, match="has no digest"):
        canonical_of(with_field(of_limit(18), "endpoints", (odd,)))
