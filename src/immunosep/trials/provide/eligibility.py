"""Who could take part in PROVIDE.

Septic shock from an infection of the lower airways, acute cholangitis or primary bacteraemia; here,
unlike in ImmunoSep, cholangitis qualifies, and neither a window nor neutrophils are asked for. A
lower respiratory tract infection is any of the three pneumonias of the data dictionary. Of an
exclusion, true means that it applies.
"""

import ibis

from immunosep.concepts.snapshot import snapshot
from immunosep.protocol.criteria import Criterion
from immunosep.trials.provide.immune_states import IMMUNOPARALYSIS, MALS
from immunosep.trials.provide.references import REGISTRY, REPORT, SUCCESSOR

ADULT_YEARS = 18  # NCT03332225
PREDNISONE_MG_KG_DAY = 0.4  # choice `exclusions_of_successor`
LIMIT_DIGITS = 6  # a quotient that is 0.4 in arithmetic may fall short of it in binary

QUALIFYING_INFECTIONS = (
    "community_acquired_pneumonia",
    "hospital_acquired_pneumonia",
    "ventilator_associated_pneumonia",
    "acute_cholangitis",
    "primary_bacteraemia",
)
EXCLUDED_INFECTIONS = ("acute_pyelonephritis", "intra_abdominal", "meningitis", "skin")
AS_SUCCESSOR = f"{SUCCESSOR.short}, choice `exclusions_of_successor`"

_unknown = ibis.null("boolean")
_a_man = snapshot.sex == "male"
_may_be_a_woman = (snapshot.sex == "female") | snapshot.sex.isnull()
_test_awaited = snapshot.pregnancy_test_pending & _unknown

INCLUSION = (
    Criterion(
        "adult",
        "An adult",
        snapshot.age_years >= ADULT_YEARS,
        limit=f"age {ADULT_YEARS} years or more",
        number=1,
        source=REGISTRY.short,
    ),
    Criterion(
        "consent",
        "Consent in writing, from the patient or, if unable, a first-degree relative or the spouse",
        snapshot.consent_given,
        limit="written consent given",
        number=2,
        source=REGISTRY.short,
    ),
    Criterion(
        "contraception",
        "A woman does not intend to become pregnant while in the study",
        _a_man | snapshot.unwilling_to_become_pregnant,
        limit="unwilling to become pregnant, if a woman",
        number=3,
        source=REGISTRY.short,
    ),
    Criterion(
        "infection",
        "Infection of the lower airways (any pneumonia), acute cholangitis or primary bacteraemia",
        snapshot.infection.isin(QUALIFYING_INFECTIONS),
        limit="pneumonia, acute cholangitis or primary bacteraemia",
        number=4,
        source=f"{REGISTRY.short}; {REPORT.short}",
    ),
    Criterion(
        "septic_shock",
        "Septic shock",
        snapshot.septic_shock,
        limit="septic shock by Sepsis-3",
        number=5,
        source=SUCCESSOR.short,
        note="The registry's own criteria ask for sepsis: choice `shock_or_sepsis`.",
    ),
    Criterion(
        "immune_state",
        "Signs of macrophage activation-like syndrome or of immunoparalysis",
        MALS.rule | IMMUNOPARALYSIS.rule,
        limit=f"{MALS.limit}; or {IMMUNOPARALYSIS.limit}",
        number=6,
        source=REPORT.short,
        note="Patients were sampled on two consecutive days: choice `two_day_screening`.",
    ),
)

EXCLUSION = (
    Criterion(
        "below_18",
        "Under age",
        snapshot.age_years < ADULT_YEARS,
        limit=f"age below {ADULT_YEARS} years",
        number=1,
        source=REGISTRY.short,
    ),
    Criterion(
        "consent_denied",
        "Written consent refused",
        ~snapshot.consent_given,
        limit="consent refused",
        number=2,
        source=REGISTRY.short,
    ),
    Criterion(
        "excluded_infection",
        "Acute pyelonephritis, meningitis, a skin infection, or an infection of the abdomen that "
        "is not cholangitis alone",
        snapshot.infection.isin(EXCLUDED_INFECTIONS),
        limit="pyelonephritis, intra-abdominal infection, meningitis or skin infection",
        number=3,
        source=REGISTRY.short,
        note="Cholangitis beside another infection of the abdomen is entered as intra_abdominal.",
    ),
    Criterion(
        "stage_iv_malignancy",
        "Cancer of stage IV",
        snapshot.stage_iv_malignancy,
        limit="stage IV malignancy",
        number=4,
        source=REGISTRY.short,
    ),
    Criterion(
        "do_not_resuscitate",
        "A decision not to resuscitate, of any kind",
        snapshot.do_not_resuscitate,
        limit="do-not-resuscitate decision",
        number=5,
        source=REGISTRY.short,
    ),
    Criterion(
        "contaminated_culture",
        "Primary bacteraemia by coagulase-negative staphylococci, by other bacteria of the skin, "
        "or from a catheter",
        (snapshot.infection == "primary_bacteraemia") & snapshot.blood_culture_contaminant,
        limit="primary bacteraemia with such a culture",
        number=6,
        source=AS_SUCCESSOR,
    ),
    Criterion(
        "active_tuberculosis",
        "Active tuberculosis, taken to be treatment for it",
        snapshot.active_tuberculosis_treatment,
        limit="drugs against tuberculosis",
        number=7,
        source=AS_SUCCESSOR,
    ),
    Criterion(
        "hiv",
        "HIV infection",
        snapshot.hiv,
        limit="HIV infection",
        number=8,
        source=AS_SUCCESSOR,
    ),
    Criterion(
        "primary_immunodeficiency",
        "A primary immunodeficiency of any kind",
        snapshot.primary_immunodeficiency,
        limit="primary immunodeficiency",
        number=9,
        source=AS_SUCCESSOR,
    ),
    Criterion(
        "corticosteroids",
        f"Corticosteroids by mouth or vein in the last 15 days, worth {PREDNISONE_MG_KG_DAY} mg of "
        "prednisone per kg and day or more",
        snapshot.prednisone_equivalent_mg_kg_day.round(LIMIT_DIGITS) >= PREDNISONE_MG_KG_DAY,
        limit=f"prednisone equivalent {PREDNISONE_MG_KG_DAY} mg/kg/day or more",
        number=10,
        source=AS_SUCCESSOR,
    ),
    Criterion(
        "anti_cytokine",
        "A biological drug against a cytokine in the last month",
        snapshot.anti_cytokine_last_month,
        limit="anti-cytokine biological in the last month",
        number=11,
        source=AS_SUCCESSOR,
    ),
    Criterion(
        "systemic_lupus",
        "Systemic lupus erythematosus, now or before",
        snapshot.systemic_lupus,
        limit="systemic lupus erythematosus",
        number=12,
        source=AS_SUCCESSOR,
    ),
    Criterion(
        "demyelinating_disease",
        "Multiple sclerosis or another demyelinating disease, now or before",
        snapshot.demyelinating_disease,
        limit="demyelinating disease",
        number=13,
        source=AS_SUCCESSOR,
    ),
    Criterion(
        "pregnancy_or_lactation",
        "Pregnant or breast-feeding",
        _may_be_a_woman & (snapshot.pregnant | snapshot.lactating | _test_awaited),
        limit="pregnant or lactating; unknown while a test is awaited",
        number=14,
        source=AS_SUCCESSOR,
    ),
)
