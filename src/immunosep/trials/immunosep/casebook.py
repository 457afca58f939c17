"""What is recorded of ImmunoSep's participants after randomisation.

The endpoints decide what must be there (JAMA 2026;335:775, Supplement 1): SOFA on days 1 to 15,
ferritin and HLA-DR for reversal, the infection on day 15, vital status on days 28 and 90, adverse
events to day 90. Its subgroups need APACHE II and the Charlson index (choices `apache_ii_hours`,
`charlson_age`). How much a monitor verifies was not published: a choice, `verification`.
"""

from immunosep.concepts.apache_ii import apache_ii_age_points
from immunosep.protocol.casebook import CaseForm, EditCheck, Severity, Verification
from immunosep.protocol.forms import FilledBy
from immunosep.tables.casebook import CASE

ALL = Verification(share=1, why="it decides an endpoint")
SAMPLED = Verification(share=0.2, why="it describes participants; a sample shows whether it holds")

BASELINE = CaseForm(
    id="baseline",
    label="Baseline",
    assessment="baseline",
    columns=(
        "apache_ii",
        "charlson",
        "vasopressor_for_map_65",
        "lactate_mmol_l",
        "baseline_unknown_because",
    ),
    checks=(
        EditCheck(
            id="known_or_reason",
            rule=(
                CASE.apache_ii.notnull()
                & CASE.charlson.notnull()
                & CASE.vasopressor_for_map_65.notnull()
            )
            | CASE.baseline_unknown_because.notnull(),
            says="Give both totals and whether a vasopressor was needed, or say why one is not "
            "known.",
            columns=(
                "apache_ii",
                "charlson",
                "vasopressor_for_map_65",
                "baseline_unknown_because",
            ),
        ),
        EditCheck(
            id="lactate_or_reason",
            rule=~CASE.vasopressor_for_map_65
            | CASE.lactate_mmol_l.notnull()
            | CASE.baseline_unknown_because.notnull(),
            says="With a vasopressor, lactate decides whether it was septic shock. Give it, or say "
            "why it is not known.",
            columns=("lactate_mmol_l", "baseline_unknown_because"),
        ),
        EditCheck(
            id="apache_ii_of_age",
            rule=CASE.apache_ii >= apache_ii_age_points(CASE.age_years),
            says="The total is below what age alone adds to APACHE II. Check the total, and the "
            "age at screening.",
            columns=("apache_ii",),
        ),
    ),
    verification=SAMPLED,
    help="As the participant was before the first dose: of APACHE II and lactate, the worst of the "
    "24 hours before it. Septic shock is computed: the vasopressor, and lactate above 2 mmol/L.",
)

SOFA_COLUMNS = (
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
)

DAILY_SOFA = CaseForm(
    id="daily_sofa",
    label="SOFA of the day",
    assessment="SOFA",
    columns=("day_status", "not_assessed_reason", *SOFA_COLUMNS),
    required=("day_status",),
    asked_if={
        "not_assessed_reason": ("day_status", ("not_assessed",)),
        **{name: ("day_status", ("present",)) for name in SOFA_COLUMNS},
    },
    checks=(
        EditCheck(
            id="first_day_present",
            rule=(CASE.day != 1) | (CASE.day_status == "present"),
            says="On day 1 the participant received a first dose, so was present.",
            columns=("day_status",),
        ),
        EditCheck(
            id="gas_with_fio2",
            rule=CASE.pao2_mmhg.isnull() | CASE.fio2.notnull(),
            says="A blood gas needs the oxygen fraction it was drawn at.",
            columns=("pao2_mmhg", "fio2"),
        ),
    ),
    verification=ALL,
    help="The worst value of the last 24 hours. The score is computed. A participant who left "
    "hospital, or died, has no values: say which it is.",
)

BIOMARKERS = CaseForm(
    id="biomarkers",
    label="Ferritin and HLA-DR",
    assessment="ferritin",
    filled_by=FilledBy.LABORATORY,
    columns=("sample_drawn_at", "ferritin_ng_ml", "hla_dr_per_monocyte"),
    required=("sample_drawn_at",),
    hidden=("ferritin_ng_ml", "hla_dr_per_monocyte"),
    shown_when_locked=True,
    checks=(
        EditCheck(
            id="sample_with_result",
            rule=CASE.ferritin_ng_ml.notnull() | CASE.hla_dr_per_monocyte.notnull(),
            says="A sample was drawn, but no result is entered.",
            columns=("ferritin_ng_ml", "hla_dr_per_monocyte"),
        ),
    ),
    verification=SAMPLED,
    help="Results after the first dose may hint at the treatment. Once entered, nobody who is "
    "blinded sees them until the records are locked.",
)

INFECTION = CaseForm(
    id="infection_outcome",
    label="Outcome of the infection",
    assessment="outcome of the infection",
    columns=("infection_outcome", "infection_judged_at", "superinfection_organism"),
    required=("infection_outcome",),
    asked_if={"superinfection_organism": ("infection_outcome", ("superinfection",))},
    verification=ALL,
)

VITAL_STATUS = CaseForm(
    id="vital_status",
    label="Vital status",
    assessment="vital status",
    columns=(
        "vital_status",
        "status_learned_by",
        "last_seen_alive_at",
        "died_at",
        "cause_of_death",
        "left_hospital_at",
    ),
    required=("vital_status",),
    asked_if={
        "last_seen_alive_at": ("vital_status", ("alive", "unknown")),
        "died_at": ("vital_status", ("dead",)),
        "cause_of_death": ("vital_status", ("dead",)),
    },
    checks=(
        EditCheck(
            id="death_has_a_time",
            rule=(CASE.vital_status != "dead") | CASE.died_at.notnull(),
            says="Give the time of death.",
            columns=("died_at",),
        ),
        EditCheck(
            id="death_after_first_dose",
            rule=CASE.died_at >= CASE.first_dose_given_at,
            says="The death is before the first dose. Check both times.",
            columns=("died_at",),
        ),
        EditCheck(
            id="one_death",
            rule=CASE.died_at == CASE.known_dead_at,
            says="Another page gives another time of death.",
            columns=("died_at",),
        ),
    ),
    verification=ALL,
)

TREATMENT_END = CaseForm(
    id="treatment_end",
    label="End of treatment",
    assessment="end of treatment",
    columns=("treatment_completed", "treatment_ended_because", "treatment_ended_at"),
    required=("treatment_completed",),
    asked_if={
        "treatment_ended_because": ("treatment_completed", ("no",)),
        "treatment_ended_at": ("treatment_completed", ("no",)),
    },
    verification=SAMPLED,
)

DOSES_NOT_GIVEN = CaseForm(
    id="dose_not_given",
    label="Doses missed or delayed",
    repeats=True,
    columns=("dose_route", "dose_number", "dose_deviation", "dose_reason"),
    required=("dose_route", "dose_number", "dose_deviation", "dose_reason"),
    verification=SAMPLED,
)

MEDICATION = CaseForm(
    id="medication",
    label="Other medicines",
    repeats=True,
    columns=(
        "medication",
        "medication_class",
        "medication_dose",
        "medication_indication",
        "medication_from",
        "medication_until",
    ),
    required=("medication", "medication_from"),
    checks=(
        EditCheck(
            id="until_after_from",
            rule=CASE.medication_until >= CASE.medication_from,
            says="It ended before it began.",
            columns=("medication_from", "medication_until"),
            severity=Severity.REFUSED,
        ),
    ),
    help="Antimicrobials, corticosteroids, vasopressors and sedatives; others if an event or a "
    "score needs them.",
)

PROCEDURES = CaseForm(
    id="procedure",
    label="Procedures",
    repeats=True,
    columns=("procedure", "procedure_detail", "procedure_from", "procedure_until"),
    required=("procedure", "procedure_from"),
    checks=(
        EditCheck(
            id="until_after_from",
            rule=CASE.procedure_until >= CASE.procedure_from,
            says="It ended before it began.",
            columns=("procedure_from", "procedure_until"),
            severity=Severity.REFUSED,
        ),
    ),
)

SERIOUS = (
    "serious_death",
    "serious_life_threatening",
    "serious_hospitalisation",
    "serious_disability",
    "serious_congenital",
    "serious_important",
)

ADVERSE_EVENTS = CaseForm(
    id="adverse_event",
    label="Adverse events",
    repeats=True,
    columns=(
        "event_term",
        "event_from",
        "event_until",
        "event_grade",
        "serious",
        *SERIOUS,
        "relatedness",
        "event_action",
        "event_outcome",
    ),
    required=(
        "event_term",
        "event_from",
        "event_grade",
        "serious",
        "relatedness",
        "event_outcome",
    ),
    asked_if={name: ("serious", ("yes",)) for name in SERIOUS},
    checks=(
        EditCheck(
            id="until_after_from",
            rule=CASE.event_until >= CASE.event_from,
            says="It ended before it began.",
            columns=("event_from", "event_until"),
            severity=Severity.REFUSED,
        ),
        EditCheck(
            id="grade_5_is_death",
            rule=(CASE.event_grade == 5) == (CASE.event_outcome == "fatal"),
            says="Grade 5 is death (CTCAE 5.0), so grade and outcome contradict each other.",
            columns=("event_grade", "event_outcome"),
        ),
        EditCheck(
            id="death_is_serious",
            rule=(CASE.event_outcome != "fatal") | CASE.serious,
            says="An event that led to death is serious (ICH E2A).",
            columns=("serious", "event_outcome"),
        ),
        EditCheck(
            id="serious_has_a_reason",
            rule=~CASE.serious
            | (
                CASE.serious_death.fill_null(False)
                | CASE.serious_life_threatening.fill_null(False)
                | CASE.serious_hospitalisation.fill_null(False)
                | CASE.serious_disability.fill_null(False)
                | CASE.serious_congenital.fill_null(False)
                | CASE.serious_important.fill_null(False)
            ),
            says="Say what makes the event serious.",
            columns=("serious",),
        ),
    ),
    verification=Verification(
        share=1,
        columns=("event_term", "event_from", "serious", "relatedness", "event_outcome"),
        why="safety rests on it",
    ),
)

CASEBOOK = (
    BASELINE,
    DAILY_SOFA,
    BIOMARKERS,
    INFECTION,
    TREATMENT_END,
    VITAL_STATUS,
    DOSES_NOT_GIVEN,
    ADVERSE_EVENTS,
    MEDICATION,
    PROCEDURES,
)
