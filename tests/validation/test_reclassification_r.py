"""Reclassification against R's PredictABEL, as the documentation of jsmodule prints it.

R's data set `mtcars` (Motor Trend 1974): the shape of the engine by gearbox and gears, and by
weight in addition; categories parted at 0.2 and 0.4. Printed: NRI in categories 0.754
(0.341-1.167), without 1.413 (0.943-1.882), IDI 0.532 (0.356-0.709).
"""

import numpy as np
import pytest

from immunosep.analysis.biomarker.reclassification import estimate_reclassification
from immunosep.analysis.biomarker.risk import fit_risk

CARS = """
2.62 0 1 4;2.875 0 1 4;2.32 1 1 4;3.215 1 0 3;3.44 0 0 3;3.46 1 0 3;3.57 0 0 3;3.19 1 0 4;
3.15 1 0 4;3.44 1 0 4;3.44 1 0 4;4.07 0 0 3;3.73 0 0 3;3.78 0 0 3;5.25 0 0 3;5.424 0 0 3;
5.345 0 0 3;2.2 1 1 4;1.615 1 1 4;1.835 1 1 4;2.465 1 0 3;3.52 0 0 3;3.435 0 0 3;3.84 0 0 3;
3.845 0 0 3;1.935 1 1 4;2.14 0 1 5;1.513 1 1 5;3.17 0 1 5;2.77 0 1 5;3.57 0 1 5;2.78 1 1 4
"""
WEIGHT, STRAIGHT, MANUAL, GEARS = np.array(
    [car.split() for car in CARS.replace("\n", "").split(";")], dtype=float
).T


def test_reclassification_is_that_printed_by_r():
    few = {"am": MANUAL, "gear": GEARS}
    more = {**few, "wt": WEIGHT}
    old, new = fit_risk(few, STRAIGHT), fit_risk(more, STRAIGHT)
    assert old is not None
    assert new is not None
    found = estimate_reclassification(old.risks(few), new.risks(more), STRAIGHT, limits=(0.2, 0.4))
    assert found.categorical is not None
    assert [
        (each.value, each.low, each.high)
        for each in (found.categorical, found.continuous, found.discrimination)
    ] == [
        pytest.approx(printed, abs=5e-4)
        for printed in (
            (0.754, 0.341, 1.167),
            (1.413, 0.943, 1.882),
            (0.532, 0.356, 0.709),
        )
    ]
