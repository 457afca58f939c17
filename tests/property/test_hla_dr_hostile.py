"""Whatever numbers a pair of tubes holds, it is measured or refused with reasons; never a crash.

And what is measured obeys its own arithmetic: brightness doubled in both tubes changes nothing.
"""

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from immunosep.cytometry.quality import Outcome, Verdict
from tests.invented_tubes import NAMES, Drawn, beads, blood
from tests.unit.measured import measured, number

ODD = (0.0, -1.0, 1.0, 1e-30, 1e30, 262_143.0, 262_144.0, np.nan, np.inf, -np.inf)


@st.composite
def odd_tubes(draw: st.DrawFn) -> Drawn:
    """A tube of few or many events, some channels drawn, some constant, some impossible."""
    events = draw(st.sampled_from([0, 1, 2, 9, 60, 3000]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    columns = {}
    for name in NAMES:
        kind = draw(st.sampled_from(["constant", "normal", "log", "mixed"]))
        drawn = {
            "constant": np.full(events, draw(st.sampled_from(ODD))),
            "normal": rng.normal(0, 1000, events),
            "log": 10 ** rng.uniform(0, 5.5, events),
            "mixed": rng.choice(np.array(ODD), events),
        }
        columns[name] = drawn[kind]
    return Drawn(columns=columns)


def whole(seed: int, tube: str) -> Drawn:
    rng = np.random.default_rng(seed)
    return (
        blood(rng, monocytes=600, granulocytes=2000) if tube == "blood" else beads(rng, count=200)
    )


@given(odd=odd_tubes(), place=st.sampled_from(["patient", "beads", "both"]))
@pytest.mark.filterwarnings("error")
def test_odd_tubes_are_measured_or_refused(odd, place):
    patient = whole(1, "blood") if place == "beads" else odd
    bead_tube = whole(1, "beads") if place == "patient" else odd
    with TemporaryDirectory() as folder:
        found = measured(Path(folder), patient, bead_tube)
    refusing = [check for check in found.checks if check.outcome is Outcome.REFUSE]
    assert (found.verdict is Verdict.REFUSE) is bool(refusing)
    assert (found.result is None) is bool(refusing)
    assert all(check.says for check in found.checks if check.outcome is not Outcome.PASS)
    assert 0 <= found.beads.in_levels <= 1
    json.dumps(found.as_json(), allow_nan=False)


@given(seed=st.integers(0, 1000), factor=st.floats(0.5, 1.2), abc=st.floats(1000, 20_000))
def test_brightness_of_both_tubes_does_not_move_the_answer(seed, factor, abc):
    rng = np.random.default_rng(seed)
    tubes = blood(rng, abc=abc, monocytes=600, granulocytes=2000), beads(rng, count=300)
    turned = [
        replace(
            tube, columns=tube.columns | {"PE-A": factor * tube.columns["PE-A"]}, spill=np.eye(3)
        )
        for tube in tubes
    ]
    plain = [replace(tube, spill=np.eye(3)) for tube in tubes]
    with TemporaryDirectory() as folder:
        expected = number(measured(Path(folder), *plain))
        assert number(measured(Path(folder), *turned)) == pytest.approx(expected, rel=1e-3)


@given(seed=st.integers(0, 1000), order=st.randoms(use_true_random=False))
def test_order_of_events_does_not_matter(seed, order):
    rng = np.random.default_rng(seed)
    patient, bead_tube = blood(rng, monocytes=600, granulocytes=2000), beads(rng, count=300)
    turned = np.random.default_rng(order.randrange(2**32)).permutation(len(patient.columns["Time"]))
    mixed = replace(patient, columns={name: c[turned] for name, c in patient.columns.items()})
    with TemporaryDirectory() as folder:
        expected = number(measured(Path(folder), patient, bead_tube))
        assert number(measured(Path(folder), mixed, bead_tube)) == pytest.approx(expected)
