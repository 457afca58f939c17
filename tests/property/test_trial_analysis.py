"""A trial's analysis does not depend on names or order; exchanged arms mirror every estimate."""

import math
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from immunosep.analysis.endpoints import EndpointResult, analyse_endpoints
from immunosep.analysis.estimates import Estimate
from immunosep.analysis.people import gather_people
from immunosep.analysis.records import take_records
from immunosep.protocol.analysis_plan import AnalysisPlan
from immunosep.simulation.courses import draw_trial
from tests.recorded import IMMUNOSEP, manifest

PLAN = AnalysisPlan()
KEYED = ("participants", "days", "samples", "doses", "status", "events", "medication",
         "procedures", "deviations", "queries")  # fmt: skip


def analysed(tables: dict[str, pa.Table]) -> tuple[EndpointResult, ...]:
    records = take_records(tables, manifest=manifest(), trial=IMMUNOSEP)
    return analyse_endpoints(gather_people(records), plan=PLAN)


def estimates(result: EndpointResult) -> Iterator[float]:
    """Differences as they are, ratios by their logarithm: an exchange of arms turns each sign."""
    for line in (result.line, *result.by_state, *(one.line for one in result.sensitivity)):
        if line is not None:
            yield from (_value(line.difference), _log(line.odds_ratio))
    if result.times is not None:
        yield _log(result.times.hazard_ratio)
    if result.numbers is not None:
        yield _value(result.numbers.welch)
    if result.order is not None:
        yield _log(result.order.odds_ratio)


def _value(estimate: Estimate | None) -> float:
    return math.nan if estimate is None or estimate.value is None else estimate.value


def _log(ratio: Estimate | None) -> float:
    value = _value(ratio)
    if value in (0, math.inf):
        return math.copysign(99, value - 1)
    return math.log(value)


def _numbers(results: tuple[EndpointResult, ...]) -> list[float]:
    return [number for result in results for number in estimates(result)]


@settings(max_examples=2)
@given(st.integers(0, 10_000))
def test_exchanged_arms_mirror_every_estimate(seed):
    tables = draw_trial(np.random.default_rng(seed), participants=80)
    people = tables["participants"]
    at = people.schema.get_field_index("arm")
    other = pc.if_else(pc.equal(people["arm"], "placebo"), "precision", "placebo")
    swapped = tables | {"participants": people.set_column(at, people.schema.field(at), other)}
    mirrored = [-number for number in _numbers(analysed(swapped))]
    assert _numbers(analysed(tables)) == pytest.approx(mirrored, abs=1e-6, nan_ok=True)


@settings(max_examples=2)
@given(st.integers(0, 10_000))
def test_other_names_and_another_order_change_nothing(seed):
    rng = np.random.default_rng(seed)
    tables = draw_trial(rng, participants=80)
    old = tables["participants"]["participant"].combine_chunks()
    new = pa.array([f"P{n:03}" for n in rng.permutation(len(old))])
    renamed = dict(tables)
    for name in KEYED:
        rows = tables[name]
        at = rows.schema.get_field_index("participant")
        column = new.take(pc.index_in(rows["participant"], value_set=old))
        rows = rows.set_column(at, rows.schema.field(at), column)
        renamed[name] = rows.take(pa.array(rng.permutation(rows.num_rows)))
    assert _numbers(analysed(tables)) == pytest.approx(
        _numbers(analysed(renamed)), abs=1e-6, nan_ok=True
    )
