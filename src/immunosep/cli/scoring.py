"""SOFA of bedside patients, and the values their criteria were decided on."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pyarrow as pa

from immunosep.concepts.snapshot import PATIENTS, derive_snapshot
from immunosep.sources.prepared import prepare


def derive_rows(patients: pa.Table) -> list[dict[str, Any]]:
    """One snapshot per row of `patients`, in their order: what is given, what follows from it."""
    rows: list[dict[str, Any]] = _prepared()(patients).to_pylist()
    return rows


@cache
def _prepared() -> Callable[[pa.Table], pa.Table]:
    return prepare(derive_snapshot(PATIENTS), about=PATIENTS)
