"""What the nurse writes on day 1 of how a participant was before the first dose."""

from collections.abc import Iterator
from datetime import time
from functools import partial
from random import Random
from typing import Any

from immunosep.concepts.septic_shock import LACTATE_MMOL_L
from immunosep.web.demo.chart import Chart
from immunosep.web.demo.following import write
from immunosep.web.demo.playing import Step
from immunosep.web.demo.sofa_values import NOREPINEPHRINE

FORM, VISIT = "baseline", "day_1"
LOWEST, RAISED, HIGHEST = 0.7, LACTATE_MMOL_L + 0.1, 9.0  # mmol/L, assumed
WRITTEN = time(17, 30)


def describe_entry(chart: Chart) -> Iterator[Step]:
    """The page of the baseline, as it was drawn; by a seed of its own, so that no other changes."""
    draw = Random(chart.drawn["seed"] + 2)
    answers = {name: chart.drawn[name] for name in ("apache_ii", "charlson")} | _shock(chart, draw)
    yield chart.on(1, WRITTEN), partial(write, chart, FORM, answers, visit=VISIT)


def _shock(chart: Chart, draw: Random) -> dict[str, Any]:
    """A vasopressor and lactate that make the drawn answer; without shock, the drug of day 1."""
    shock = chart.drawn["septic_shock"]
    drug = shock or _points_of_day_1(chart) in NOREPINEPHRINE
    low = RAISED if shock else LOWEST
    high = LACTATE_MMOL_L if drug and not shock else HIGHEST
    return {"vasopressor_for_map_65": drug, "lactate_mmol_l": round(draw.uniform(low, high), 1)}


def _points_of_day_1(chart: Chart) -> int | None:
    of_day_1 = (row["cardiovascular"] for row in chart.drawn["days"] if row["day"] == 1)
    return next(of_day_1, None)
