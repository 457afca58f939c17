"""Reading the reference values of ../shared/golden, and the data sets they were computed from."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from immunosep.analysis.estimates import Estimate

Columns = dict[str, NDArray[Any]]


def answers(shared: Path, name: str) -> dict[str, Any]:
    """What R answered, by data set."""
    found: dict[str, Any] = json.loads((shared / "golden" / f"{name}.json").read_text())
    return found


def columns(shared: Path, file: str) -> Columns:
    """The columns of a data set: numbers where all are (an empty field NaN), else words."""
    with (shared / "golden" / file).open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return {name: _column([row[name] for row in rows]) for name in rows[0]}


def _column(fields: list[str]) -> NDArray[Any]:
    try:
        return np.array([float(field) if field not in {"", "NA"} else np.nan for field in fields])
    except ValueError:
        return np.array(fields)


def listed(value: Any) -> list[Any]:
    """A value as a list: R writes one of length one without brackets."""
    return value if isinstance(value, list) else [value]


def near(value: Any, rel: float = 1e-8) -> Any:
    """R's value to `rel`; what R has not, we may not have either."""
    return None if value is None else pytest.approx(value, rel=rel, abs=1e-10, nan_ok=True)


def bounds(estimate: Estimate) -> tuple[float, float, float]:
    """An interval's lower end, its estimate and its upper end, all of which must be there."""
    low, value, high = estimate.low, estimate.value, estimate.high
    assert low is not None
    assert value is not None
    assert high is not None
    return low, value, high


def width(estimate: Estimate) -> float:
    """How wide an interval is."""
    low, _, high = bounds(estimate)
    return high - low
