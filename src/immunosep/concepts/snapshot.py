"""The snapshot: one row per patient and moment, the table every criterion is written on.

`PATIENTS` is what a source gives: the columns of the data dictionary. `derive_snapshot` adds what
follows from them: the oxygenation ratio, SOFA with its parts and bounds, the hours since sepsis.
`snapshot` is the result as an unbound table, for rules: `snapshot.age_years >= 18`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import ibis
from ibis.expr import types as ir

from immunosep.concepts import sofa
from immunosep.tables.dictionary import BEDSIDE, COLUMNS, nearest_names

PATIENTS = ibis.table({column.name: column.kind.engine_type for column in BEDSIDE}, name="patients")
SNAPSHOT = ibis.table(
    {column.name: column.kind.engine_type for column in COLUMNS.values()}, name="snapshot"
)


_PARTS: dict[str, tuple[str, ...]] = {
    "sofa_respiration": ("pao2_mmhg", "fio2", "respiratory_support"),
    "sofa_coagulation": ("platelets_10e3_ul",),
    "sofa_liver": ("bilirubin_mg_dl",),
    "sofa_cardiovascular": ("map_mmhg",),
    "sofa_cns": ("gcs",),
    "sofa_renal": ("creatinine_mg_dl",),
}
_SOFA_INPUTS = ("sofa", *(name for inputs in _PARTS.values() for name in inputs))

INPUTS_OF: dict[str, tuple[str, ...]] = {
    **_PARTS,
    "pao2_fio2_mmhg": ("pao2_mmhg", "fio2"),
    "sofa_total": _SOFA_INPUTS,
    "sofa_lowest": _SOFA_INPUTS,
    "sofa_highest": _SOFA_INPUTS,
    "sofa_admission_lowest": ("sofa_admission",),
    "sofa_admission_highest": ("sofa_admission",),
    "hours_since_sepsis": ("sepsis_onset_at", "assessed_at"),
}
"""For each derived column, what to ask for when it is missing: the first of several equal ways."""


def derive_snapshot(patients: ir.Table) -> ir.Table:
    """One row per row of `patients`: its columns, and the derived ones of the data dictionary."""
    known = patients.mutate(
        pao2_fio2_mmhg=(patients.pao2_mmhg / patients.fio2).round(6),
        sofa_admission_lowest=patients.sofa_admission.coalesce(patients.sofa_admission_lowest),
        sofa_admission_highest=patients.sofa_admission.coalesce(patients.sofa_admission_highest),
        hours_since_sepsis=_hours(
            patients.first_dose_at.coalesce(patients.assessed_at) - patients.sepsis_onset_at
        ),
    )
    scored = known.mutate(
        sofa_respiration=_respiration(known, unknown_support=ibis.null("boolean")),
        sofa_respiration_highest=_respiration(known, unknown_support=ibis.literal(True)),
        sofa_coagulation=sofa.coagulation(known.platelets_10e3_ul),
        sofa_liver=sofa.liver(known.bilirubin_mg_dl),
        sofa_cardiovascular=sofa.cardiovascular(
            known.map_mmhg,
            dopamine_ug_kg_min=_kept_dose(known, "dopamine"),
            dobutamine_ug_kg_min=_kept_dose(known, "dobutamine"),
            epinephrine_ug_kg_min=_kept_dose(known, "epinephrine"),
            norepinephrine_ug_kg_min=_kept_dose(known, "norepinephrine"),
        ),
        sofa_cns=sofa.cns(known.gcs),
        sofa_renal=sofa.renal(known.creatinine_mg_dl, known.urine_ml_day),
    )
    least = sofa.total([scored[f"sofa_{part}"] for part in sofa.COMPONENTS], missing_as=0)
    most = sofa.total(
        [scored.sofa_respiration_highest]
        + [scored[f"sofa_{part}"] for part in sofa.COMPONENTS if part != "respiration"],
        missing_as=sofa.WORST_COMPONENT,
    )
    return scored.mutate(
        sofa_total=scored.sofa.coalesce(least),
        sofa_lowest=scored.sofa.coalesce(least),
        sofa_highest=scored.sofa.coalesce(most),
    ).select(*COLUMNS)


def _respiration(known: ir.Table, *, unknown_support: ir.BooleanValue) -> ir.IntegerValue:
    support = known.respiratory_support.coalesce(unknown_support)
    return ibis.greatest(
        sofa.respiration(known.pao2_fio2_mmhg, support),
        sofa.respiration(known.pao2_fio2_supported_mmhg, ibis.literal(True)),
        sofa.respiration(known.pao2_fio2_unsupported_mmhg, ibis.literal(False)),
    )


def _hours(seconds: ir.IntegerValue) -> ir.FloatingValue:
    """As a float first: Spark divides whole numbers by 3600.0 as decimals, to six places."""
    return seconds.cast("float64") / 3600


def _kept_dose(known: ir.Table, drug: str) -> ir.FloatingValue:
    return sofa.kept_dose(known[f"{drug}_ug_kg_min"], known[f"{drug}_minutes"])


class Snapshot:
    """The snapshot's columns, for writing rules: an attribute that is no column fails at once."""

    def __getattr__(self, name: str) -> Any:
        if name in COLUMNS:
            return SNAPSHOT[name]
        if name.startswith("__"):
            raise AttributeError(name)
        problem = unknown_column(name)
        collected = _collected.get()
        if collected is None:
            raise AttributeError(problem)
        collected.append(problem)
        return UnknownColumn()

    def __dir__(self) -> list[str]:
        return list(COLUMNS)


class UnknownColumn:
    """Stands for a misspelt column while a trial is loaded: its other faults are found too."""

    def _absorb(self, *_: object) -> "UnknownColumn":
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._absorb

    __call__ = __invert__ = __neg__ = _absorb
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = _absorb
    __lt__ = __le__ = __gt__ = __ge__ = __and__ = __rand__ = __or__ = __ror__ = _absorb
    __eq__ = __ne__ = _absorb  # type: ignore[assignment]
    __hash__ = object.__hash__


_collected: ContextVar[list[str] | None] = ContextVar("unknown columns met", default=None)


@contextmanager
def collecting_unknown_columns() -> Iterator[list[str]]:
    """While open, a misspelt column is noted in the list instead of raised."""
    problems: list[str] = []
    token = _collected.set(problems)
    try:
        yield problems
    finally:
        _collected.reset(token)


def unknown_column(name: str) -> str:
    """The sentence for a name that is not in the data dictionary."""
    near = nearest_names(name)
    hint = f"The nearest is {near[0]}." if near else "List them with `immunosep variables`."
    return f"there is no column {name!r} in the snapshot. {hint}"


snapshot = Snapshot()
