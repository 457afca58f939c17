"""What is asked of a patient before ImmunoSep, in the order that ends a screening soonest.

First what is known at the door: age, place, infection. Then the clock and SOFA, the history, and
what only women are asked. Ferritin and HLA-DR come last, from the trial's laboratory
(Giamarellos-Bourboulis JAMA 2026;335:775); neutrophils are of the ward's own blood count, as the
rest of SOFA's blood values are.
"""

from immunosep.protocol.forms import FilledBy, Form

FORMS = (
    Form(
        id="who_and_where",
        label="Who and where",
        filled_by=FilledBy.BEDSIDE,
        columns=("age_years", "sex", "setting"),
        help="Where the patient was when the infection began decides how SOFA is read.",
    ),
    Form(
        id="infection",
        label="Infection",
        filled_by=FilledBy.BEDSIDE,
        columns=("infection", "blood_culture_contaminant", "covid_19"),
        help="The culture is asked of primary bacteraemia only.",
    ),
    Form(
        id="sepsis",
        label="Sepsis and its clock",
        filled_by=FilledBy.BEDSIDE,
        columns=("sepsis_onset_at", "sofa", "sofa_admission"),
        help="SOFA as a total, if you have scored it; otherwise leave it empty and fill in its "
        "parts below. SOFA on admission is asked of patients who were already in hospital.",
    ),
    Form(
        id="sofa_parts",
        label="SOFA by its parts",
        filled_by=FilledBy.BEDSIDE,
        columns=(
            "pao2_mmhg",
            "fio2",
            "respiratory_support",
            "platelets_10e3_ul",
            "bilirubin_mg_dl",
            "map_mmhg",
            "norepinephrine_ug_kg_min",
            "epinephrine_ug_kg_min",
            "dopamine_ug_kg_min",
            "dobutamine_ug_kg_min",
            "gcs",
            "creatinine_mg_dl",
            "urine_ml_day",
        ),
        help="The worst value of the last 24 hours. Of a vasoactive drug, the highest dose kept "
        "for an hour or more; left empty, it was not given. A total given above counts instead.",
    ),
    Form(
        id="history",
        label="History and exclusions",
        filled_by=FilledBy.BEDSIDE,
        columns=(
            "do_not_resuscitate",
            "stage_iv_malignancy",
            "neutrophils_per_mm3",
            "prednisone_equivalent_mg_kg_day",
            "anti_cytokine_last_month",
            "active_tuberculosis_treatment",
            "hiv",
            "primary_immunodeficiency",
            "systemic_lupus",
            "demyelinating_disease",
        ),
    ),
    Form(
        id="women",
        label="Women only",
        filled_by=FilledBy.BEDSIDE,
        columns=(
            "pregnancy_test_pending",
            "pregnant",
            "lactating",
            "unwilling_to_become_pregnant",
        ),
        help="Where pregnancy is possible a urine test comes first.",
    ),
    Form(
        id="laboratory",
        label="Ferritin and HLA-DR",
        filled_by=FilledBy.LABORATORY,
        columns=("ferritin_ng_ml", "hla_dr_per_monocyte"),
        help="From one sample. The two decide the immune state.",
    ),
)
