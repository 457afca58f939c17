"""A trial for tests: PROVIDE at two centres, its casebook's forms called as in no other trial.

A day's organ values stand on two forms, one of the bedside and one of the laboratory.
"""

from dataclasses import replace

from immunosep.protocol.casebook import CaseForm
from immunosep.protocol.forms import FilledBy
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.trials.immunosep.casebook import SERIOUS
from immunosep.trials.provide import PROVIDE

OF_THE_LABORATORY = ("platelets_10e3_ul", "bilirubin_mg_dl", "creatinine_mg_dl")
OF_THE_BEDSIDE = ("pao2_mmhg", "fio2", "respiratory_support", "map_mmhg", "gcs", "urine_ml_day")
CASEBOOK = (
    CaseForm(id="organs", label="Organs", assessment="SOFA", columns=OF_THE_BEDSIDE),
    CaseForm(id="chemistry", label="Chemistry", assessment="SOFA", columns=OF_THE_LABORATORY,
             filled_by=FilledBy.LABORATORY),
    CaseForm(id="cytometry", label="Cytometry", assessment="ferritin",
             columns=("sample_drawn_at", "ferritin_ng_ml"), hidden=("ferritin_ng_ml",),
             shown_when_locked=True, filled_by=FilledBy.LABORATORY),
    CaseForm(id="survival", label="Survival", assessment="vital status",
             columns=("vital_status", "last_seen_alive_at", "died_at", "left_hospital_at",
                      "treatment_completed", "infection_outcome")),
    CaseForm(id="skipped", label="Doses not given", repeats=True,
             columns=("dose_route", "dose_number", "dose_deviation", "dose_reason")),
    CaseForm(id="harms", label="Harms", repeats=True,
             columns=("event_term", "event_grade", "serious", *SERIOUS, "relatedness")),
    CaseForm(id="drugs", label="Drugs", repeats=True, columns=("medication", "medication_from")),
    CaseForm(id="theatre", label="Theatre", repeats=True, columns=("procedure", "procedure_from")),
)  # fmt: skip
SCHEDULE = tuple(
    replace(visit, assessments=(*visit.assessments, "ferritin")) if visit.id == "day_7" else visit
    for visit in PROVIDE.schedule
)
assert PROVIDE.allocation is not None
TRIAL = replace(
    PROVIDE,
    centres=IMMUNOSEP.centres[:2],
    allocation=replace(PROVIDE.allocation, strata=("centre",), block_sizes=(4,)),
    supply=IMMUNOSEP.supply,
    schedule=SCHEDULE,
    casebook=CASEBOOK,
)
