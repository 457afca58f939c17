"""A virtual trial as the tables of `tables.records`, column by column.

One row of an array becomes one row of a table. Whoever withdrew their data keeps one row among the
participants and one among those screened, as in the records of a real trial.
"""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from immunosep.concepts.sofa import COMPONENTS, WORST_COMPONENT
from immunosep.protocol.trial import Trial
from immunosep.simulation import published
from immunosep.simulation import published_outcomes as outcomes
from immunosep.simulation.biomarker_courses import Biomarkers
from immunosep.simulation.course_cast import DAY_S, LAST_DAY, Cast
from immunosep.simulation.event_courses import EventCourses
from immunosep.simulation.sofa_courses import DAYS, NEVER, Bools, Ints, SofaCourses
from immunosep.tables.records import RECORDS
from immunosep.trials.immunosep.arms import PLACEBO, PRECISION, TREATMENT_DAYS
from immunosep.trials.immunosep.immune_states import IMMUNOPARALYSIS, MALS
from immunosep.trials.immunosep.schedule import VITAL_STATUS_DAYS

ALGORITHM = "sofa-1996"
Columns = dict[str, Any]
WITHDREW_KEEPS = (
    "participant", "centre", "country", "stratum", "position", "immune_state", "arm",
    "randomised_s", "data_withdrawn", "in_error", "trial_digest", "locked", "signed",
)  # fmt: skip


def tables_of(
    cast: Cast,
    *,
    sofa: SofaCourses,
    biomarkers: Biomarkers,
    events: EventCourses,
    trial: Trial,
    rng: np.random.Generator,
) -> dict[str, pa.Table]:
    """Every table of RECORDS."""
    names = _names(cast, trial)
    kept = ~cast.withdrew
    tables = {
        "participants": _participants(cast, biomarkers, sofa, names, trial, rng),
        "days": _days(cast, sofa, names),
        "samples": _samples(cast, biomarkers, names),
        "doses": _doses(cast, names, trial),
        "status": _status(cast, names),
        "events": _events(events, names, kept),
        "medication": _medication(cast, names, rng),
        "procedures": _procedures(cast, names, rng),
        "deviations": _deviations(cast, names, trial, rng),
        "queries": _queries(cast, names, rng),
        "screened": _screened(cast, trial, rng),
    }
    return {name: _table(name, columns) for name, columns in tables.items()}


def _table(name: str, columns: Columns) -> pa.Table:
    schema = RECORDS[name].schema().to_pyarrow()
    length = next(len(values) for values in columns.values())
    return pa.table(
        [
            _array(columns[field.name], field.type)
            if field.name in columns
            else pa.nulls(length, field.type)
            for field in schema
        ],
        schema=schema,
    )


def _array(values: Any, type_: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values.cast(type_)
    if isinstance(values, np.ma.MaskedArray):
        return pa.array(values.data, mask=np.ma.getmaskarray(values)).cast(type_)
    return pa.array(values).cast(type_)


def _where(condition: NDArray[np.bool_], values: Any) -> np.ma.MaskedArray[Any, Any]:
    """The values where the condition holds; elsewhere unknown."""
    return np.ma.masked_array(np.broadcast_to(values, condition.shape), mask=~condition)


def _names(cast: Cast, trial: Trial) -> pa.Array:
    """`centre-number`, as a centre would number those it randomised."""
    ids = [centre.id for centre in trial.centres]
    pairs = zip(cast.centre.tolist(), cast.position.tolist(), strict=True)
    return pa.array([f"{ids[centre]}-{position:03}" for centre, position in pairs])


def _of(names: pa.Array, who: NDArray[np.integer[Any]]) -> pa.Array:
    return names.take(pa.array(who))


def _participants(
    cast: Cast, biomarkers: Biomarkers, sofa: SofaCourses, names: pa.Array, trial: Trial,
    rng: np.random.Generator,
) -> Columns:  # fmt: skip
    count = len(cast)
    centres = np.array([centre.id for centre in trial.centres])[cast.centre]
    countries = np.array([centre.country for centre in trial.centres])[cast.centre]
    dies = cast.death_day <= LAST_DAY
    died_s = cast.first_dose_s + (cast.death_day - 1) * DAY_S + rng.integers(0, DAY_S, count)
    infections = np.array(list(published.INFECTIONS))
    share = np.array(list(published.INFECTIONS.values()), dtype=float)
    columns: Columns = {
        "participant": names,
        "centre": centres,
        "country": countries,
        "stratum": centres,
        "position": cast.position,
        "immune_state": np.where(cast.mals, MALS.id, IMMUNOPARALYSIS.id),
        "arm": np.where(cast.treated, PRECISION.id, PLACEBO.id),
        "randomised_s": cast.first_dose_s - rng.integers(1, 4, count) * 3600,
        "first_dose_s": cast.first_dose_s,
        "sepsis_s": cast.sepsis_s,
        "data_withdrawn": cast.withdrew,
        "in_error": np.zeros(count, dtype=bool),
        "age_years": np.clip(rng.normal(published.AGE_MEAN, published.AGE_SD, count), 18, 97)
        .astype(np.int64),
        "sex": np.where(
            rng.random(count) < published.WOMEN / (published.WOMEN + published.MEN),
            "female", "male",
        ),
        "infection": infections[rng.choice(len(infections), size=count, p=share / share.sum())],
        "septic_shock": rng.random(count) < outcomes.SEPTIC_SHOCK,
        "ventilated": rng.random(count) < published.VENTILATED,
        "sofa_at_entry": sofa.totals[:, 0],
        "ferritin_at_entry_ng_ml": biomarkers.ferritin_at_entry,
        "hla_dr_at_entry": biomarkers.hla_dr_at_entry,
        "apache_ii": np.clip(
            np.rint(rng.normal(outcomes.APACHE_MEAN, outcomes.APACHE_SD, count)), 0, 60
        ).astype(np.int64),
        "charlson": rng.poisson(outcomes.CHARLSON_MEAN, count),
        "treatment_completed": ~cast.stopped,
        "treatment_ended_because": cast.stopped_because,
        "treatment_ended_s": cast.first_dose_s + (cast.stopped_day - 1) * DAY_S + DAY_S // 2,
        "died_s": _where(dies, died_s),
        "last_alive_s": np.where(dies, died_s, cast.first_dose_s + LAST_DAY * DAY_S),
        "left_hospital_s": _where(
            cast.discharge_day < NEVER, cast.first_dose_s + cast.discharge_day * DAY_S
        ),
        "infection_outcome": _draw_outcome(cast, rng),
        "trial_digest": np.full(count, trial.digest),
        "locked": np.ones(count, dtype=bool),
        "signed": np.ones(count, dtype=bool),
    }  # fmt: skip
    schema = RECORDS["participants"].schema().to_pyarrow()
    return {
        name: values
        if name in WITHDREW_KEEPS
        else _unknown_if(_array(values, schema.field(name).type), cast.withdrew)
        for name, values in columns.items()
    }


def _unknown_if(values: pa.Array, condition: Bools) -> pa.Array:
    return pa.compute.if_else(pa.array(condition), pa.scalar(None, values.type), values)


def _draw_outcome(cast: Cast, rng: np.random.Generator) -> NDArray[np.str_]:
    """The infection's outcome by arm; that it does not depend on death is assumed."""
    levels = np.array(list(outcomes.INFECTION_OUTCOMES))
    weights = np.array(list(outcomes.INFECTION_OUTCOMES.values()))
    limits = np.cumsum(weights / weights.sum(axis=0), axis=0)[:-1]
    chance = rng.random(len(cast))
    of = np.where(cast.treated, limits[:, :1], limits[:, 1:])
    found: NDArray[np.str_] = levels[(chance >= of).sum(axis=0)]
    return found


def _days(cast: Cast, sofa: SofaCourses, names: pa.Array) -> Columns:
    kept = np.flatnonzero(~cast.withdrew)
    who = np.repeat(kept, DAYS)
    day = np.tile(np.arange(1, DAYS + 1), len(kept))
    seen = sofa.seen[kept].reshape(-1)
    parts = sofa.parts[kept].reshape(-1, len(COMPONENTS))
    known = ~np.isnan(parts)
    total = np.nansum(parts, axis=1).astype(np.int64)
    status = np.select(
        [day >= cast.death_day[who], day >= cast.discharge_day[who], ~seen],
        ["dead", "discharged", "not_assessed"],
        "present",
    )
    return {
        "participant": _of(names, who),
        "day": day,
        "status": status,
        "sofa": _where(seen, total),
        "sofa_lowest": _where(seen, total),
        "sofa_highest": _where(seen, total + WORST_COMPONENT * (~known).sum(axis=1)),
        **{
            name: _where(known[:, at], np.nan_to_num(parts[:, at]).astype(np.int64))
            for at, name in enumerate(COMPONENTS)
        },
        "algorithm": np.full(len(who), ALGORITHM),
    }


def _samples(cast: Cast, biomarkers: Biomarkers, names: pa.Array) -> Columns:
    kept = ~cast.withdrew[biomarkers.participant]
    who, day = biomarkers.participant[kept], biomarkers.day[kept]
    return {
        "participant": _of(names, who),
        "day": day,
        "drawn_s": cast.first_dose_s[who] + (day - 1) * DAY_S + DAY_S // 3,
        "ferritin_ng_ml": biomarkers.ferritin_ng_ml[kept],
        "hla_dr_per_monocyte": biomarkers.hla_dr[kept],
    }


def _doses(cast: Cast, names: pa.Array, trial: Trial) -> Columns:
    """A full course is planned for everybody; none is given after the last day of treatment."""
    parts: list[Columns] = []
    kept = np.flatnonzero(~cast.withdrew)
    for component in trial.regimens[0].components:
        number = np.arange(1, component.doses + 1)
        who = np.repeat(kept, len(number))
        at_h = np.tile((number - 1) * component.every_hours, len(kept))
        due = cast.first_dose_s[who] + at_h * 3600
        given = (at_h // 24 + 1 <= cast.stopped_day[who]) & (at_h < TREATMENT_DAYS * 24)
        parts.append(
            {
                "who": who,
                "route": np.full(len(who), component.route.value),
                "number": np.tile(number, len(kept)),
                "due_s": due,
                "given": given,
                "reason": cast.stopped_because[who],
            }
        )
    whole = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    given = whole["given"]
    return {
        "participant": _of(names, whole["who"]),
        "route": whole["route"],
        "number": whole["number"],
        "due_s": whole["due_s"],
        "given_s": _where(given, whole["due_s"]),
        "reason": _where(~given, whole["reason"]),
    }


def _status(cast: Cast, names: pa.Array) -> Columns:
    kept = np.flatnonzero(~cast.withdrew)
    who = np.repeat(kept, len(VITAL_STATUS_DAYS))
    day = np.tile(np.array(VITAL_STATUS_DAYS), len(kept))
    return {
        "participant": _of(names, who),
        "day": day,
        "status": np.where(cast.death_day[who] <= day, "dead", "alive"),
        "learned_s": cast.first_dose_s[who] + day * DAY_S,
    }


def _events(events: EventCourses, names: pa.Array, kept: Bools) -> Columns:
    of = kept[events.participant]
    who = events.participant[of]
    starts = np.searchsorted(who, who, side="left")
    serious, related, fatal = events.serious[of], events.related[of], events.fatal[of]
    return {
        "participant": _of(names, who),
        "number": np.arange(len(who)) - starts + 1,
        "term": events.term[of],
        "preferred_term": events.term[of],
        "organ_class": events.organ_class[of],
        "began_s": events.began_s[of],
        "ended_s": events.ended_s[of],
        "grade": events.grade[of],
        "serious": serious,
        "criteria": _where(serious, np.where(fatal, "death", "prolonged hospital stay")),
        "relatedness": np.where(related, "possible", "unlikely"),
        "expected": ~events.susar[of],
        "action": np.full(len(who), "none"),
        "outcome": np.where(fatal, "fatal", "recovered"),
        "susar": events.susar[of],
    }


def _medication(cast: Cast, names: pa.Array, rng: np.random.Generator) -> Columns:
    """Two courses for most: an antibiotic, and hydrocortisone or noradrenaline for some."""
    given = {
        "Piperacillin-tazobactam": ("antibiotic", 0.9),
        "Norepinephrine": ("vasopressor", outcomes.SEPTIC_SHOCK),
        "Hydrocortisone": ("corticosteroid", 0.3),
    }  # assumed
    who, medicine, kind = [], [], []
    for name, (what, share) in given.items():
        of = np.flatnonzero(~cast.withdrew & (rng.random(len(cast)) < share))
        who.append(of)
        medicine.append(np.full(len(of), name))
        kind.append(np.full(len(of), what))
    whose = np.concatenate(who)
    order = np.argsort(whose, kind="stable")
    whose = whose[order]
    started = cast.sepsis_s[whose] + 3600
    return {
        "participant": _of(names, whose),
        "number": np.arange(len(whose)) - np.searchsorted(whose, whose) + 1,
        "medication": np.concatenate(medicine)[order],
        "kind": np.concatenate(kind)[order],
        "from_s": started,
        "until_s": started + rng.integers(2, 10, len(whose)) * DAY_S,
        "before_first_dose": started < cast.first_dose_s[whose],
    }


def _procedures(cast: Cast, names: pa.Array, rng: np.random.Generator) -> Columns:
    of = np.flatnonzero(~cast.withdrew & (rng.random(len(cast)) < outcomes.KIDNEY_REPLACEMENT))
    return {
        "participant": _of(names, of),
        "number": np.ones(len(of), dtype=np.int64),
        "procedure": np.full(len(of), "kidney replacement"),
        "from_s": cast.first_dose_s[of],
        "until_s": cast.first_dose_s[of] + rng.integers(1, 8, len(of)) * DAY_S,
    }


def _deviations(cast: Cast, names: pa.Array, trial: Trial, rng: np.random.Generator) -> Columns:
    """A few late doses and visits missed; the shares are assumed."""
    centres = np.array([centre.id for centre in trial.centres])
    kinds = {"late dose": (0.06, False), "visit missed": (0.03, False),
             "treated outside the window": (0.01, True)}  # fmt: skip
    parts = []
    for kind, (share, important) in kinds.items():
        of = np.flatnonzero(~cast.withdrew & (rng.random(len(cast)) < share))
        parts.append((of, np.full(len(of), kind), np.full(len(of), important)))
    who, what, weighty = (np.concatenate(column) for column in zip(*parts, strict=True))
    return {
        "participant": _of(names, who),
        "centre": centres[cast.centre[who]],
        "kind": what,
        "important": weighty,
        "at_s": cast.first_dose_s[who] + rng.integers(0, 10 * DAY_S, len(who)),
        "found_by": np.where(what == "visit missed", "person", "rule"),
    }


def _queries(cast: Cast, names: pa.Array, rng: np.random.Generator) -> Columns:
    kept = np.flatnonzero(~cast.withdrew)
    who = np.repeat(kept, rng.poisson(1.5, len(kept)))  # assumed
    opened = cast.first_dose_s[who] + rng.integers(0, 60 * DAY_S, len(who))
    answered = opened + rng.gamma(2, 3 * DAY_S, len(who)).astype(np.int64)
    return {
        "participant": _of(names, who),
        "form": np.full(len(who), "sofa"),
        "column": np.full(len(who), "bilirubin_mg_dl"),
        "raised_by": np.where(rng.random(len(who)) < 0.7, "rule", "person"),
        "opened_s": opened,
        "answered_s": answered,
        "closed_s": answered + DAY_S,
    }


def _screened(cast: Cast, trial: Trial, rng: np.random.Generator) -> Columns:
    """Those randomised, and beside them as many not enrolled as were published for so many."""
    ids = np.array([centre.id for centre in trial.centres])
    share = len(cast) / published.RANDOMISED
    reasons = np.repeat(
        list(published.NOT_ENROLLED),
        [round(count * share) for count in published.NOT_ENROLLED.values()],
    )
    centre = np.concatenate([cast.centre, rng.choice(cast.centre, len(reasons))])
    first, last = cast.first_dose_s.min(), cast.first_dose_s.max()
    at: Ints = np.concatenate(
        [cast.first_dose_s - 6 * 3600, rng.integers(first, last + 1, len(reasons))]
    )
    order = np.argsort(at, kind="stable")
    enrolled = np.arange(len(at)) < len(cast)
    why = np.concatenate([np.full(len(cast), ""), reasons])
    return {
        "patient": [f"{ids[c]}/S{n:05}" for n, c in enumerate(centre[order], start=1)],
        "centre": ids[centre][order],
        "screened_s": at[order],
        "randomised": enrolled[order],
        "reason": _where(~enrolled, why)[order],
    }
