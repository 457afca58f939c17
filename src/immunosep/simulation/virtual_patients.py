"""Virtual patients of a trial: who was seen where and when, what was found, and what came of it.

One row is one patient. A value has its name in the data dictionary. A moment, `…_hour`, is in hours
since the trial began, empty where something never happens. Immune states are the trial's own rules
applied to drawn ferritin and HLA-DR. The numbers drawn from are in `simulation.published`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from immunosep.concepts.snapshot import PATIENTS
from immunosep.protocol.trial import Trial
from immunosep.screening.assess import UNCLASSIFIED, assess_immune_states
from immunosep.simulation import published
from immunosep.simulation.apportioning import apportion
from immunosep.simulation.histories import Fate, draw_moments, draw_values

DAYS = 270  # how long the trial has run
OPENING_SHARE = 0.22  # of that time, until the last centre opened
SETTLED_DAYS = 4  # whoever was first seen longer ago is decided
PER_CENTRE = 20  # with fewer patients than this a centre, fewer centres open
LARGEST = 4.0  # a centre enrols at most this multiple of the average
POOL = 512  # pairs of ferritin and HLA-DR drawn at a time
MOMENTS = (
    "sepsis_hour",
    "seen_hour",
    "bedside_hour",
    "consent_hour",
    "laboratory_hour",
    "decided_hour",
    "first_dose_hour",
    "withdrew_hour",
)
ABOUT = ("centre", "reason", "story", "consent_by")
"""Of a row: where, why not enrolled, what a visitor of a rehearsal may do with it, who consents."""

Row = dict[str, Any]
Pairs = Mapping[str, Iterator[tuple[int, int]]]


def draw_patients(
    trial: Trial, *, patients: int = published.SCREENED, days: int = DAYS, rng: np.random.Generator
) -> pa.Table:
    """One row per patient, in the order in which they were first seen: `patients`, all decided.

    How many have which end is exact, in the published proportions; which of them has which centre,
    day and values is drawn.
    """
    fates = _fates(patients)
    pairs = draw_pairs(trial, Counter(fate.state for fate in fates), rng)
    rows = [
        _draw_patient(fate, centre, pairs, end=24.0 * (days - SETTLED_DAYS), rng=rng)
        for fate, centre in zip(fates, _draw_centres(trial, fates, days, rng), strict=True)
    ]
    return table_of(rows)


def table_of(rows: Sequence[Row]) -> pa.Table:
    """One row per row, in the order of `seen_hour`, with every column."""
    known = PATIENTS.schema().to_pyarrow()
    schema = pa.schema(
        [
            *(pa.field(name, pa.string()) for name in ABOUT),
            *(pa.field(name, pa.float64()) for name in MOMENTS),
            *(field for field in known if any(field.name in row for row in rows)),
        ]
    )
    return pa.Table.from_pylist(sorted(rows, key=lambda row: row["seen_hour"]), schema=schema)


def largest_centre(patients: pa.Table) -> str:
    """The centre that randomised most."""
    randomised: Counter[str] = Counter(
        row["centre"] for row in patients.to_pylist() if row["first_dose_hour"] is not None
    )
    return min(randomised, key=lambda centre: (-randomised[centre], centre))


def _fates(patients: int) -> list[Fate]:
    """As many of each as were published, or in that proportion; the randomised come first."""
    ends = apportion(patients, {**published.NOT_ENROLLED, "": published.RANDOMISED})
    count = ends.pop("")
    states = apportion(count, published.ANALYSED_BY_STATE)
    order = [state for state, share in states.items() for _ in range(share)]
    stayed = published.RANDOMISED - published.WITHDREW
    withdrew = apportion(count, {"": stayed, "withdrew": published.WITHDREW})["withdrew"]
    leaving = {n * count // withdrew for n in range(withdrew)}  # spread over the states
    randomised = [Fate(state=state, withdraws=n in leaving) for n, state in enumerate(order)]
    return randomised + [_not_enrolled(why) for why, share in ends.items() for _ in range(share)]


def _not_enrolled(reason: str) -> Fate:
    return Fate(state=UNCLASSIFIED if reason == published.NOT_TREATED else "", reason=reason)


def _draw_centres(
    trial: Trial, fates: Sequence[Fate], days: int, rng: np.random.Generator
) -> Iterator[tuple[str, float]]:
    """A centre and its first hour for each: few large ones, many small ones."""
    known = [centre.id for centre in trial.centres]
    most = min(published.CENTRES_IN_REPORT, len(known))
    open_ = sorted(rng.choice(known, size=int(np.clip(len(fates) // PER_CENTRE, 1, most)),
                              replace=False))  # fmt: skip
    size = rng.gamma(1.0, size=len(open_))  # Anisimov Stat Med 2007;26:4958: rates are gamma
    shares = dict(zip(open_, np.minimum(size, LARGEST * size.mean()), strict=True))
    opened = dict(zip(open_, rng.uniform(0, 24 * days * OPENING_SHARE, len(open_)), strict=True))
    for randomised in (True, False):  # as the fates are
        count = sum(fate.randomised is randomised for fate in fates)
        parts = apportion(count, shares)
        places = [str(centre) for centre, part in parts.items() for _ in range(part)]
        yield from ((place, float(opened[place])) for place in rng.permutation(places).tolist())


def draw_pairs(trial: Trial, wanted: Mapping[str, int], rng: np.random.Generator) -> Pairs:
    """Ferritin and HLA-DR for each immune state, drawn until there are enough of every one."""
    found: dict[str, list[tuple[int, int]]] = {state: [] for state in wanted if state}
    while any(len(pairs) < wanted[state] for state, pairs in found.items()):
        drawn = _draw_pool(rng)
        for state, ferritin, hla_dr in zip(
            assess_immune_states(trial, drawn),
            drawn["ferritin_ng_ml"].to_pylist(),
            drawn["hla_dr_per_monocyte"].to_pylist(),
            strict=True,
        ):
            found.setdefault(state, []).append((ferritin, hla_dr))
    return {state: iter(pairs) for state, pairs in found.items()}


def _draw_pool(rng: np.random.Generator) -> pa.Table:
    one, two = rng.standard_normal((2, POOL))
    correlated = (
        published.CORRELATION * one + np.sqrt(1 - published.CORRELATION**2) * two
    )  # of standard normals
    ferritin = np.exp(published.FERRITIN_LOG_MEAN + published.FERRITIN_LOG_SD * one)
    hla_dr = np.exp(published.HLA_DR_LOG_MEAN + published.HLA_DR_LOG_SD * correlated)
    return pa.table(
        {
            "patient_id": [str(n) for n in range(POOL)],
            "ferritin_ng_ml": np.round(ferritin).astype(int),
            "hla_dr_per_monocyte": np.round(hla_dr).astype(int),
        }
    )


def _draw_patient(
    fate: Fate, centre: tuple[str, float], pairs: Pairs, *, end: float, rng: np.random.Generator
) -> Row:
    place, opened = centre
    return {
        "centre": place,
        "reason": fate.reason,
        "story": "",
        **draw_values(fate, rng),
        **laboratory(fate, pairs),
        **draw_moments(fate, opened=opened, end=end, rng=rng),
    }


def laboratory(fate: Fate, pairs: Pairs) -> Row:
    """The two results that decide a patient's immune state; none where it is never asked."""
    if not fate.state:
        return {}
    ferritin, hla_dr = next(pairs[fate.state])
    return {"ferritin_ng_ml": ferritin, "hla_dr_per_monocyte": hla_dr}
