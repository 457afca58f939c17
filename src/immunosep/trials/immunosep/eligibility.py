"""Who may take part in ImmunoSep: eight inclusion and fifteen exclusion criteria, as registered.

The order is that of the registry's page, but for consent, which comes second because everyone is
asked. The page's line on both sexes admits everyone and is no criterion here. Of an exclusion, true
means that it applies. A missing value leaves its criterion unknown; it never counts as normal.
"""

import ibis

from immunosep.concepts.sepsis3 import sepsis_3
from immunosep.concepts.snapshot import snapshot
from immunosep.protocol.criteria import Criterion
from immunosep.trials.immunosep.immune_states import IMMUNOPARALYSIS, MALS
from immunosep.trials.immunosep.references import PROTOCOL, REGISTRY, SEPSIS_3

ADULT_YEARS = 18  # NCT04990232
WINDOW_HOURS = 72  # NCT04990232; strictly less: 72 h 0 min is late
NEUTROPHILS_PER_MM3 = 1500  # NCT04990232; choice `neutropenia_limit`
PREDNISONE_MG_KG_DAY = 0.4  # NCT04990232; 0.4 itself excludes
LIMIT_DIGITS = 6  # 22.4 mg of methylprednisolone at 70 kg is 0.4 in arithmetic, not in binary

QUALIFYING_INFECTIONS = (
    "community_acquired_pneumonia",
    "hospital_acquired_pneumonia",
    "ventilator_associated_pneumonia",
    "primary_bacteraemia",
)
EXCLUDED_INFECTIONS = (
    "acute_pyelonephritis",
    "intra_abdominal",
    "acute_cholangitis",
    "meningitis",
    "skin",
)

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
        "Pneumonia (community-acquired, hospital-acquired or ventilator-associated) or primary "
        "bacteraemia",
        snapshot.infection.isin(QUALIFYING_INFECTIONS),
        limit="pneumonia or primary bacteraemia",
        number=4,
        source=REGISTRY.short,
    ),
    Criterion(
        "sepsis_3",
        "Sepsis-3: SOFA 2 or more if admitted with the infection, or up by 2 or more since "
        "admission if already in hospital",
        sepsis_3(
            setting=snapshot.setting,
            sofa_lowest=snapshot.sofa_lowest,
            sofa_highest=snapshot.sofa_highest,
            admission_lowest=snapshot.sofa_admission_lowest,
            admission_highest=snapshot.sofa_admission_highest,
        ),
        limit="SOFA 2 or more (emergency department), or up by 2 or more (hospitalised)",
        number=5,
        source=f"{REGISTRY.short}; {SEPSIS_3.short}",
        note="A SOFA of 2 or more before the illness (dialysis, cirrhosis) passes at the emergency "
        "department: the wording asks for a total there, not for a change.",
    ),
    Criterion(
        "immune_state",
        "Signs of fulminant hyper-inflammation or of immunoparalysis",
        MALS.rule | IMMUNOPARALYSIS.rule,
        limit=f"{MALS.limit}; or {IMMUNOPARALYSIS.limit}",
        number=6,
        source=f"{MALS.source}; the registry's wording of the rule is a misprint",
        note="With HLA-DR low and ferritin not measured the patient has one state or the other; "
        "the criterion stays unknown, because treatment depends on which.",
    ),
    Criterion(
        "covid_19",
        "With COVID-19, hyper-inflammation only",
        ~snapshot.covid_19 | MALS.rule,
        limit=f"no COVID-19, or {MALS.limit}",
        number=7,
        source=REGISTRY.short,
    ),
    Criterion(
        "window",
        f"Blinded treatment starts less than {WINDOW_HOURS} hours after Sepsis-3 is met",
        (snapshot.hours_since_sepsis >= 0) & (snapshot.hours_since_sepsis < WINDOW_HOURS),
        limit=f"from 0 to less than {WINDOW_HOURS} hours from Sepsis-3 to the first dose",
        number=8,
        source=f"{REGISTRY.short}; {PROTOCOL.short}",
        note="The clock is read again at the first dose. The window opens with Sepsis-3, so a dose "
        "before it is not in time: choice `dose_before_sepsis`.",
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
        "Acute pyelonephritis, or an infection of the abdomen (cholangitis among them), the "
        "meninges or the skin",
        snapshot.infection.isin(EXCLUDED_INFECTIONS),
        limit="pyelonephritis, intra-abdominal infection, meningitis or skin infection",
        number=3,
        source=REGISTRY.short,
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
        "neutropenia",
        "Too few neutrophils",
        snapshot.neutrophils_per_mm3 < NEUTROPHILS_PER_MM3,
        limit=f"neutrophils below {NEUTROPHILS_PER_MM3:,}/mm³",
        number=5,
        source=REGISTRY.short,
    ),
    Criterion(
        "do_not_resuscitate",
        "A decision not to resuscitate, of any kind",
        snapshot.do_not_resuscitate,
        limit="do-not-resuscitate decision",
        number=6,
        source=REGISTRY.short,
    ),
    Criterion(
        "contaminated_culture",
        "Primary bacteraemia by coagulase-negative staphylococci, by other bacteria of the skin, "
        "or from a catheter",
        (snapshot.infection == "primary_bacteraemia") & snapshot.blood_culture_contaminant,
        limit="primary bacteraemia with such a culture; in pneumonia it does not count",
        number=7,
        source=REGISTRY.short,
    ),
    Criterion(
        "active_tuberculosis",
        "Active tuberculosis, taken to be treatment for it",
        snapshot.active_tuberculosis_treatment,
        limit="drugs against tuberculosis",
        number=8,
        source=REGISTRY.short,
    ),
    Criterion(
        "hiv",
        "HIV infection",
        snapshot.hiv,
        limit="HIV infection",
        number=9,
        source=REGISTRY.short,
    ),
    Criterion(
        "primary_immunodeficiency",
        "A primary immunodeficiency of any kind",
        snapshot.primary_immunodeficiency,
        limit="primary immunodeficiency",
        number=10,
        source=REGISTRY.short,
    ),
    Criterion(
        "corticosteroids",
        f"Corticosteroids by mouth or vein in the last 15 days, worth {PREDNISONE_MG_KG_DAY} mg of "
        "prednisone per kg and day or more",
        snapshot.prednisone_equivalent_mg_kg_day.round(LIMIT_DIGITS) >= PREDNISONE_MG_KG_DAY,
        limit=f"prednisone equivalent {PREDNISONE_MG_KG_DAY} mg/kg/day or more",
        number=11,
        source=REGISTRY.short,
        note="The highest day of the last 15 counts; inhaled and topical drugs do not.",
    ),
    Criterion(
        "anti_cytokine",
        "A biological drug against a cytokine in the last month",
        snapshot.anti_cytokine_last_month,
        limit="anti-cytokine biological in the last month",
        number=12,
        source=REGISTRY.short,
    ),
    Criterion(
        "systemic_lupus",
        "Systemic lupus erythematosus, now or before",
        snapshot.systemic_lupus,
        limit="systemic lupus erythematosus",
        number=13,
        source=REGISTRY.short,
    ),
    Criterion(
        "demyelinating_disease",
        "Multiple sclerosis or another demyelinating disease, now or before",
        snapshot.demyelinating_disease,
        limit="demyelinating disease",
        number=14,
        source=REGISTRY.short,
    ),
    Criterion(
        "pregnancy_or_lactation",
        "Pregnant or breast-feeding; a urine test comes first where pregnancy is possible",
        _may_be_a_woman & (snapshot.pregnant | snapshot.lactating | _test_awaited),
        limit="pregnant or lactating; unknown while a test is awaited",
        number=15,
        source=REGISTRY.short,
        note="Whether a test is awaited must be said: left out, it stays unknown for a woman.",
    ),
)
