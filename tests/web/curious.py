"""A curious coordinator: all that the database holds about a participant but the arm, and a guess.

Participants are played through the site's own actions. Of each, every column of every row becomes
numbers: counts, times since randomisation, lengths, letters of numbers, bytes of what is sealed.
Two learners, a ridge regression and the best threshold on one column, are told the arms of four
fifths of the participants, far more than any code breaks, and guess those of the rest.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import numpy as np
from django.db.models import Model, QuerySet
from numpy.typing import NDArray

from immunosep.randomisation.code import Purpose, SealedCode, seal_sequence
from immunosep.randomisation.random_stream import streams_of
from immunosep.randomisation.sequence import draw_sequence, specify
from immunosep.randomisation.strata import plan_of, strata_of
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.audit.models import Event
from immunosep.web.enrolment.allocating import take_next_slot
from immunosep.web.enrolment.models import Allocation
from immunosep.web.enrolment.screening import answer, snapshot_of
from immunosep.web.supply.models import Movement, Order, Preparation
from immunosep.web.supply.ordering import new_number
from immunosep.web.unblinding.opening import arm_of
from tests.web.people import ELIGIBLE, NOW, Cast, keys
from tests.web.supplied import prepared, screened, stocked

Matrix = NDArray[np.float64]
FOLDS, PAIRS = 5, 4
RIDGE = 1.0  # of the standardised columns, for each participant
SEED = b"a seed for the curious coordinator"


def long_list(slots: int) -> SealedCode:
    """A test list with as many places in a stratum as are asked for."""
    plan, strata = plan_of(IMMUNOSEP), strata_of(IMMUNOSEP)
    specification = specify(plan, strata=strata, slots_per_stratum=slots)
    return seal_sequence(
        draw_sequence(specification, draw_for=streams_of(SEED)), specification=specification,
        public_pem=keys().public_pem, nonce=sha256(SEED).digest(), trial=IMMUNOSEP.id,
        trial_version=IMMUNOSEP.version, trial_digest=IMMUNOSEP.digest, purpose=Purpose.TEST,
    )  # fmt: skip


def play(cast: Cast, participants: int) -> list[str]:
    """Randomised one after another, the first day's doses made up; their arms, in order."""
    stocked(cast, 10 * participants)
    found = answer(ELIGIBLE, number="01-0001", consent=True, now=NOW)
    arms = []
    for serial in range(1, participants + 1):
        now = NOW + timedelta(seconds=20 * serial)
        snapshot = snapshot_of(screened(cast, f"01-{serial:04}"))
        allocation = take_next_slot(
            snapshot, found, order_number=new_number(Order), by=cast.consultant, role="", now=now
        )
        order = Order.objects.get(participant=allocation.patient_id)
        for route in ("iv", "sc"):
            prepared(cast, order, route, now + timedelta(minutes=5))
        arms.append(arm_of(allocation.slot))
    return arms


# ── What there is to see ────────────────────────────────────────────────────────────────────────


def seen_of(participants: int) -> Matrix:
    """Each participant a row, each number that can be made of their rows a column."""
    seen = [_numbers_of(f"01-{serial:04}") for serial in range(1, participants + 1)]
    names = sorted({name for each in seen for name in each})
    return np.array([[each.get(name, -1.0) for name in names] for each in seen])


def _numbers_of(number: str) -> dict[str, float]:
    start = Allocation.objects.get(patient=number).allocated_at
    found: dict[str, float] = {}
    for rows in _rows_about(number):
        held = list(rows)
        found[f"{rows.model.__name__}.count"] = len(held)
        for name, values in _columns_of(held, start):
            found |= {f"{name}.first": values[0], f"{name}.last": values[-1],
                      f"{name}.mean": float(np.mean(values))}  # fmt: skip
    return found


def _rows_about(number: str) -> "Iterator[QuerySet[Any]]":
    yield Allocation.objects.filter(patient=number)
    yield Order.objects.filter(participant=number).order_by("pk")
    yield Preparation.objects.filter(order__participant=number).order_by("pk")
    yield Movement.objects.filter(preparation__order__participant=number).order_by("pk")
    yield Event.objects.filter(participant=number).order_by("pk")


def _columns_of(rows: list[Model], start: datetime) -> Iterator[tuple[str, list[float]]]:
    for field in rows[0]._meta.concrete_fields if rows else ():
        made = [list(_numbers(getattr(row, field.attname), start)) for row in rows]
        for nth, values in enumerate(zip(*made, strict=True)):
            yield f"{type(rows[0]).__name__}.{field.name}.{nth}", list(values)


def _numbers(value: Any, start: datetime) -> Iterable[float]:
    match value:
        case datetime():
            return ((value - start).total_seconds(), -1.0, -1.0)
        case bool() | int() | float():
            return (float(value), -1.0, -1.0)
        case None:
            return (-1.0, -1.0, -1.0)
        case bytes() | memoryview():
            held = np.frombuffer(bytes(value), dtype=np.uint8)
            return (float(held.size), float(held.mean()), float(held[0]))
        case _:
            text = value if isinstance(value, str) else json.dumps(value, default=str)
            signs = [ord(sign) for sign in text]
            return (float(len(signs)), float(sum(signs)), float(signs[0] if signs else -1))


# ── The guess ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Guessed:
    """The share guessed right, each arm weighing the same: 0.5 is chance."""

    ridge: float
    threshold: float
    same_arm: float


def guess(seen: Matrix, arms: list[str], *, rng: np.random.Generator) -> Guessed:
    """How well the arms, and whether two have the same, are guessed from what is seen."""
    active = np.array([arm == arms[0] for arm in arms])
    seen = seen[:, seen.std(axis=0) > 0]
    pairs, same = _pairs(seen, active, rng)
    return Guessed(
        ridge=_share(seen, active, _ridge),
        threshold=_share(seen, active, _threshold),
        same_arm=_share(pairs, same, _threshold),
    )


def _pairs(
    seen: Matrix, active: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[Matrix, NDArray[np.bool_]]:
    """Pairs of participants within each fold, so that nobody is in two."""
    folds = np.array_split(np.arange(len(seen)), FOLDS)
    chosen = [rng.choice(fold, size=(PAIRS * len(fold), 2)) for fold in folds]
    one, other = np.concatenate([each[each[:, 0] != each[:, 1]] for each in chosen]).T
    return np.abs(seen[one] - seen[other]), active[one] == active[other]


Learner = Callable[[Matrix, NDArray[np.bool_], Matrix], NDArray[np.bool_]]


def _share(seen: Matrix, truth: NDArray[np.bool_], learn: Learner) -> float:
    """Learnt from all folds but one, told of that one."""
    guessed = np.zeros(len(truth), dtype=bool)
    for fold in np.array_split(np.arange(len(truth)), FOLDS):
        others = np.setdiff1d(np.arange(len(truth)), fold)
        mean, spread = seen[others].mean(axis=0), seen[others].std(axis=0)
        scaled = (seen - mean) / np.where(spread > 0, spread, 1)
        guessed[fold] = learn(scaled[others], truth[others], scaled[fold])
    right = guessed == truth
    return float((right[truth].mean() + right[~truth].mean()) / 2)


def _ridge(known: Matrix, truth: NDArray[np.bool_], asked: Matrix) -> NDArray[np.bool_]:
    signs = np.where(truth, 1 / truth.sum(), -1 / (~truth).sum())
    gram = known.T @ known / len(known) + RIDGE * np.eye(known.shape[1])
    middle = (known[truth].mean(axis=0) + known[~truth].mean(axis=0)) / 2
    return np.asarray((asked - middle) @ np.linalg.solve(gram, known.T @ signs) > 0)


def _threshold(known: Matrix, truth: NDArray[np.bool_], asked: Matrix) -> NDArray[np.bool_]:
    """The column whose means lie furthest apart for its spread, parted in the middle."""
    one, other = known[truth].mean(axis=0), known[~truth].mean(axis=0)
    spread = known[truth].std(axis=0) + known[~truth].std(axis=0)
    best = int(np.argmax(np.abs(one - other) / (spread + 1e-9)))
    above = asked[:, best] > (one[best] + other[best]) / 2
    return np.asarray(above if one[best] > other[best] else ~above)
