"""The tables that a conducted trial is handed over as: from the website, or drawn by a simulation.

One folder holds one Parquet file per table (`participants.parquet`, …) and `manifest.json`, which
says of which trial they are (id, version, digest), whether `arm` is real or a dummy, when they were
written, whether the records are locked, and the SHA-256 of each file. Analysis reads these and
knows nothing of the website.

Times are whole seconds since 1970 UTC (int64). Days count from the first dose, which is day 1. An
absent value is NULL: unknown. Participants who took back their data have one row in `participants`
(`data_withdrawn`), for the flow diagram, and none elsewhere.
"""

import ibis

SCREENED = ibis.table(
    {
        "patient": "!string",  # centre and serial, no name
        "centre": "!string",
        "screened_s": "!int64",
        "randomised": "!boolean",
        "reason": "string",  # why not: a criterion's id, or a word such as declined
    },
    name="screened",
)
"""One row per patient screened."""

PARTICIPANTS = ibis.table(
    {
        "participant": "!string",
        "centre": "!string",
        "country": "string",
        "stratum": "!string",
        "position": "!int64",  # in the stratum's list
        "immune_state": "!string",  # at randomisation: what the list was split by
        "arm": "string",  # the trial's arm ids; NULL where the code was not opened
        "randomised_s": "!int64",
        "first_dose_s": "int64",
        "sepsis_s": "int64",
        "data_withdrawn": "!boolean",
        "treatment_withdrawn_s": "int64",
        "in_error": "!boolean",  # randomised in error
        "unblinded_s": "int64",  # the first time anybody learned this participant's treatment
        "age_years": "int64",
        "sex": "string",
        "infection": "string",
        "septic_shock": "boolean",
        "ventilated": "boolean",
        "sofa_at_entry": "int64",
        "ferritin_at_entry_ng_ml": "float64",
        "hla_dr_at_entry": "float64",
        "apache_ii": "int64",
        "charlson": "int64",
        # Why apache_ii, charlson or septic_shock is NULL: not_asked | no_page | missed | left_out,
        # or a choice of the casebook's `baseline_unknown_because`.
        "baseline_unknown": "string",
        "treatment_completed": "boolean",
        "treatment_ended_because": "string",
        "treatment_ended_s": "int64",
        "died_s": "int64",
        "last_alive_s": "int64",
        "left_hospital_s": "int64",
        "infection_outcome": "string",
        "trial_digest": "!string",  # of the version this participant was randomised under
        "locked": "!boolean",
        "signed": "!boolean",
    },
    name="participants",
)
"""One row per participant randomised."""

DAYS = ibis.table(
    {
        "participant": "!string",
        "day": "!int64",
        "status": "string",  # present | discharged | dead | not_assessed; NULL: not recorded
        "sofa": "int64",  # from its parts, missing parts counted as normal; NULL if nothing known
        "sofa_lowest": "int64",
        "sofa_highest": "int64",
        "respiration": "int64",
        "coagulation": "int64",
        "liver": "int64",
        "cardiovascular": "int64",
        "cns": "int64",
        "renal": "int64",
        "algorithm": "string",  # which version of the score
    },
    name="days",
)
"""One row per participant and planned day of SOFA."""

SAMPLES = ibis.table(
    {
        "participant": "!string",
        "day": "!int64",
        "drawn_s": "int64",
        "ferritin_ng_ml": "float64",
        "hla_dr_per_monocyte": "float64",
    },
    name="samples",
)
"""One row per participant and blood sample; day 0 is screening."""

DOSES = ibis.table(
    {
        "participant": "!string",
        "route": "!string",
        "number": "!int64",
        "due_s": "!int64",
        "given_s": "int64",  # NULL: not given
        "reason": "string",  # of a dose missed or delayed
    },
    name="doses",
)
"""One row per planned dose, of participants who had a first one."""

STATUS = ibis.table(
    {
        "participant": "!string",
        "day": "!int64",
        "status": "string",  # alive | dead | unknown; NULL: not recorded
        "learned_s": "int64",
    },
    name="status",
)
"""One row per participant and planned day of vital status."""

EVENTS = ibis.table(
    {
        "participant": "!string",
        "number": "!int64",
        "term": "!string",
        "preferred_term": "string",
        "organ_class": "string",
        "began_s": "int64",
        "ended_s": "int64",
        "grade": "int64",
        "serious": "boolean",
        "criteria": "string",  # why serious, between semicolons
        "relatedness": "string",
        "expected": "boolean",
        "action": "string",
        "outcome": "string",
        "susar": "!boolean",
    },
    name="events",
)
"""One row per adverse event."""

MEDICATION = ibis.table(
    {
        "participant": "!string",
        "number": "!int64",
        "medication": "!string",
        "kind": "string",
        "from_s": "int64",
        "until_s": "int64",
        "before_first_dose": "boolean",
    },
    name="medication",
)
"""One row per concomitant medicine and course."""

PROCEDURES = ibis.table(
    {
        "participant": "!string",
        "number": "!int64",
        "procedure": "!string",
        "from_s": "int64",
        "until_s": "int64",
    },
    name="procedures",
)
"""One row per procedure."""

DEVIATIONS = ibis.table(
    {
        "participant": "string",  # NULL: of a centre
        "centre": "!string",
        "kind": "!string",
        "important": "boolean",
        "at_s": "int64",
        "found_by": "!string",  # rule | person
    },
    name="deviations",
)
"""One row per deviation from the protocol."""

QUERIES = ibis.table(
    {
        "participant": "!string",
        "form": "!string",
        "column": "string",
        "raised_by": "!string",  # rule | person
        "opened_s": "!int64",
        "answered_s": "int64",
        "closed_s": "int64",
    },
    name="queries",
)
"""One row per query."""

RECORDS = {
    table.get_name(): table
    for table in (
        SCREENED, PARTICIPANTS, DAYS, SAMPLES, DOSES, STATUS, EVENTS, MEDICATION, PROCEDURES,
        DEVIATIONS, QUERIES,
    )
}  # fmt: skip
"""Every table of a trial's records, by name."""
