"""One virtual patient: what is found at the bedside, and when each step of screening happens.

A value is drawn so that the reason a patient is not enrolled for, and no other, stands against
them; `tests/property/test_virtual_patients.py` has the trial's own rules say so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from immunosep.simulation import published

SHORTEST_H, LONGEST_H = 14.0, 70.0  # from sepsis to the first dose: inside any window of 72 h
TREATMENT_DAYS = 15  # of a full course

HISTORY = (
    "covid_19",
    "do_not_resuscitate",
    "stage_iv_malignancy",
    "anti_cytokine_last_month",
    "active_tuberculosis_treatment",
    "hiv",
    "primary_immunodeficiency",
    "systemic_lupus",
    "demyelinating_disease",
)
ASKED_OF_WOMEN: Mapping[str, bool] = {
    "pregnancy_test_pending": False,
    "pregnant": False,
    "lactating": False,
    "unwilling_to_become_pregnant": True,
}
IN_HOSPITAL = ("hospital_acquired_pneumonia", "ventilator_associated_pneumonia")
OTHER_INFECTIONS = ("intra_abdominal", "acute_pyelonephritis", "skin")


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What comes of a patient: randomised in an immune state, or not enrolled for a reason."""

    state: str = ""  # empty where the laboratory is never asked
    reason: str = ""
    withdraws: bool = False

    @property
    def randomised(self) -> bool:
        """Whether the patient joins the trial."""
        return not self.reason


def draw_values(fate: Fate, rng: np.random.Generator) -> dict[str, Any]:
    """What the bedside knows, by the data dictionary's names."""
    infection = _draw_one(published.INFECTIONS, rng)
    values: dict[str, Any] = {
        "age_years": int(np.clip(rng.normal(published.AGE_MEAN, published.AGE_SD), 18, 97)),
        "sex": _draw_one({"female": published.WOMEN, "male": published.MEN}, rng),
        "neutrophils_per_mm3": int(np.clip(rng.lognormal(9.3, 0.4), 2_500, 45_000) // 100 * 100),
        "prednisone_equivalent_mg_kg_day": float(rng.choice([0, 0, 0, 0.1, 0.2])),
        "respiratory_support": bool(rng.random() < published.VENTILATED),
        **dict.fromkeys(HISTORY, False),
    }
    values["consent_by"] = "relative" if values["respiratory_support"] else "patient"
    values |= _against(fate.reason, rng) | {"infection": infection}
    if fate.reason == "excluded_infection":
        values["infection"] = str(rng.choice(OTHER_INFECTIONS))
    if values["infection"] == "primary_bacteraemia":
        values["blood_culture_contaminant"] = False
    if values["sex"] == "female":
        values |= ASKED_OF_WOMEN
    return values | _draw_sofa(values["infection"], rng)


def _against(reason: str, rng: np.random.Generator) -> dict[str, Any]:
    """What stands against a patient, where that is a value of its own."""
    match reason:
        case "do_not_resuscitate" | "stage_iv_malignancy":
            return {reason: True}
        case "anti_cytokine":
            return {"anti_cytokine_last_month": True}
        case "neutropenia":
            return {"neutrophils_per_mm3": int(rng.integers(1, 10)) * 100}
        case "corticosteroids":
            return {"prednisone_equivalent_mg_kg_day": float(rng.integers(5, 15)) / 10}
        case _:
            return {}


def _draw_sofa(infection: str, rng: np.random.Generator) -> dict[str, Any]:
    """The score, and that on admission of those in hospital already, lower by two or more."""
    sofa = int(np.clip(round(rng.normal(published.SOFA_MEAN, published.SOFA_SD)), 2, 24))
    if infection not in IN_HOSPITAL:
        return {"setting": "emergency_department", "sofa": sofa}
    admission = int(rng.integers(0, sofa - 1))
    return {"setting": "hospitalised", "sofa": sofa, "sofa_admission": admission}


def draw_moments(
    fate: Fate, *, opened: float, end: float, rng: np.random.Generator
) -> dict[str, float]:
    """When each step happens, for a patient first seen between `opened` and `end`, in hours."""
    if fate.withdraws:
        end = max(opened, end - TREATMENT_DAYS * 24)
    seen = rng.uniform(opened, end)
    if fate.reason == published.TOO_LATE:
        return _too_late(seen, rng)
    wait = _draw_wait(rng)
    sepsis = seen - wait * rng.uniform(0.25, 0.45)
    bedside = seen + wait * rng.uniform(0.02, 0.06)
    asked = seen + wait * rng.uniform(0.08, 0.18)
    screened = {"sepsis_hour": sepsis, "seen_hour": seen, "bedside_hour": bedside}
    if fate.reason == published.DECLINED:
        return screened | {"decided_hour": asked}
    if not fate.state:
        return screened | {"decided_hour": bedside + rng.uniform(0.2, 1)}
    answered = seen + wait * rng.uniform(0.22, 0.34)
    measured = screened | {"consent_hour": asked, "laboratory_hour": answered}
    if not fate.randomised:
        return measured | {"decided_hour": answered + rng.uniform(0.3, 2)}
    dose = sepsis + wait
    randomised = {"decided_hour": dose - rng.uniform(1.8, 2.8), "first_dose_hour": dose}
    left = {"withdrew_hour": dose + rng.uniform(48, 216)} if fate.withdraws else {}
    return measured | randomised | left


def _too_late(seen: float, rng: np.random.Generator) -> dict[str, float]:
    """Seen near the end of the window, which closes before anything is decided."""
    sepsis = seen - rng.uniform(66, 69)
    return {
        "sepsis_hour": sepsis,
        "seen_hour": seen,
        "bedside_hour": seen + rng.uniform(0.5, 1.5),
        "decided_hour": sepsis + 72 + rng.uniform(0.2, 1.5),  # ImmunoSep's window, past
    }


def _draw_wait(rng: np.random.Generator) -> float:
    """Hours from sepsis to the first dose, drawn again until inside the limits."""
    while True:
        wait = rng.normal(published.TO_FIRST_DOSE_MEDIAN_H, published.TO_FIRST_DOSE_SD_H)
        if SHORTEST_H <= wait <= LONGEST_H:
            return float(wait)


def _draw_one(shares: Mapping[str, int], rng: np.random.Generator) -> str:
    weights = np.array(list(shares.values()), dtype=float)
    return str(rng.choice(list(shares), p=weights / weights.sum()))
