"""Where ImmunoSep's sources disagree or are silent, and what this trial value takes.

Every one is a decision that a reader may want to see made otherwise; none is a silent default.
"""

from immunosep.protocol.provenance import Choice
from immunosep.trials.immunosep.choices_of_analysis import ANALYSIS_CHOICES
from immunosep.trials.immunosep.choices_of_baseline import BASELINE_CHOICES
from immunosep.trials.immunosep.references import (
    ANAKINRA_LABEL,
    FERRITIN,
    FERRITIN_ACCURACY,
    IN_USE,
    INTERFERON_LABEL,
    PROTOCOL,
    PROTOCOL_PAPER,
    REGISTRY,
    REPORT,
    SEPSIS_3,
)

ELIGIBILITY_CHOICES = (
    Choice(
        id="immunoparalysis_ferritin",
        question="On which side of 4,420 ng/mL is ferritin in immunoparalysis?",
        taken="4,420 or less, with HLA-DR below 5,000",
        alternatives=("above 4,420, as the registry's description prints",),
        because="the report and its protocol say so; as printed, every such patient would have "
        "MALS and nobody would be given interferon gamma",
        source=f"{REPORT.short}; {REGISTRY.short}",
    ),
    Choice(
        id="mals_without_hla_dr",
        question="Is HLA-DR needed to say that a patient has MALS?",
        taken="no: ferritin above the limit decides, and takes precedence over a low HLA-DR",
        alternatives=("unknown until HLA-DR is measured",),
        because="HLA-DR is no part of the rule for MALS",
        source=f"{REGISTRY.short}; {REPORT.short}",
    ),
    Choice(
        id="neutropenia_limit",
        question="Below how many neutrophils is a patient excluded?",
        taken="1,500/mm³",
        alternatives=("1,000/mm³, as the protocol in the report's supplement has been read",),
        because="the registry is this value's text, and the European label of anakinra has the "
        "same limit",
        source=f"{REGISTRY.short}; {PROTOCOL.short}; {ANAKINRA_LABEL.short}",
    ),
    Choice(
        id="hydrocortisone_for_index_shock",
        question="Does hydrocortisone given for the shock of this illness count as a "
        "corticosteroid that excludes?",
        taken="yes: 200 mg a day is 50 mg of prednisone, which excludes up to 125 kg",
        alternatives=("no: leave it out of prednisone_equivalent_mg_kg_day",),
        because="the registry makes no exception; yet participants on such doses are reported, so "
        "the trial's practice may have been the other",
        source=f"{REGISTRY.short}; {REPORT.short}",
    ),
    Choice(
        id="chronic_organ_dysfunction",
        question="Is SOFA before the illness subtracted at the emergency department?",
        taken="no: the total decides, and only a patient already in hospital is compared with "
        "admission",
        alternatives=("a rise of 2 or more over the score before the illness, as Sepsis-3 asks",),
        because="the registry's wording",
        source=f"{REGISTRY.short}; {SEPSIS_3.short}",
    ),
    Choice(
        id="window_clock",
        question="What ends the 72 hours, and are 72 hours themselves in time?",
        taken="the first blinded dose; 71 h 59 min is in time, 72 h 0 min is not",
        alternatives=("consent, sampling or randomisation",),
        because="both sources count to the start of blinded treatment; before it has started, the "
        "moment of assessment stands for it",
        source=f"{REGISTRY.short}; {PROTOCOL.short}",
    ),
    Choice(
        id="dose_before_sepsis",
        question="What if the dose or the assessment is before Sepsis-3?",
        taken="not in time: the window opens with Sepsis-3",
        alternatives=("in time, being less than 72 hours", "unknown, one time being wrong"),
        because="a patient is enrolled for the sepsis they have; the clash of the times is for "
        "whoever entered them to resolve",
        source="our reading; no source treats it",
    ),
    Choice(
        id="adult_age",
        question="Is a patient of exactly 18 an adult?",
        taken="yes",
        alternatives=("no, as the registry's header 'Ages > 18' would have it",),
        because="the criteria of the same page say 18 or more, and exclude below 18",
        source=REGISTRY.short,
    ),
    Choice(
        id="contaminated_culture_scope",
        question="Whom does a culture with skin bacteria exclude?",
        taken="only a patient enrolled for primary bacteraemia",
        alternatives=("any patient with such a culture",),
        because="the registry's words limit it to that infection",
        source=REGISTRY.short,
    ),
    Choice(
        id="condition",
        question="Which condition does the trial treat?",
        taken="sepsis from pneumonia or primary bacteraemia",
        alternatives=("soft tissue infections, as the copied page's header prints",),
        because="skin infection is one of the trial's exclusions",
        source=REGISTRY.short,
    ),
)

SCORE_CHOICES = (
    Choice(
        id="respiratory_support",
        question="Which support lets respiration score 3 or 4?",
        taken="invasive and non-invasive ventilation, CPAP and high-flow oxygen, given when the "
        "blood gas was drawn",
        alternatives=("invasive ventilation only, as mimic-code has it",),
        because="the trial's own definition is not published; Sepsis-3 says respiratory support, "
        "and SOFA-2 lists these",
        source=SEPSIS_3.short,
    ),
    Choice(
        id="kidney_replacement",
        question="How is a patient on kidney replacement scored?",
        taken="by creatinine and urine like everyone",
        alternatives=("4 points, as SOFA-2 has it",),
        because="the table of 1996 has no line for it, and the trial's rule is not published",
        source=SEPSIS_3.short,
    ),
    Choice(
        id="sedation",
        question="Which coma score does a sedated patient have?",
        taken="the last full one before the tube; without one it is missing",
        alternatives=("15, as mimic-code has it", "the one seen under sedation"),
        because="the trial's rule is not published; the score of 1996 takes the assumed one",
        source="Vincent ICM 1996;22:707",
    ),
    Choice(
        id="missing_sofa_parts",
        question="What is SOFA worth while some of its parts are missing?",
        taken="between a lowest and a highest total; a criterion is unknown unless both decide it "
        "alike",
        alternatives=("missing parts are normal, as mimic-code has it",),
        because="a value that is missing is unknown, not normal",
        source="our reading; no source treats it at entry",
    ),
    Choice(
        id="oxygen_saturation_surrogate",
        question="May SpO2/FiO2 stand for PaO2/FiO2?",
        taken="no",
        alternatives=("yes, where there is no blood gas and SpO2 is 97 % or less",),
        because="the trial's use of it is not published",
        source=SEPSIS_3.short,
    ),
)

TREATMENT_CHOICES = (
    Choice(
        id="block_sizes",
        question="How large are the blocks of the randomisation lists?",
        taken="4 and 6 in random order",
        alternatives=("any other even sizes",),
        because="they are not published; small mixed blocks keep the arms level at centres with "
        "few participants, and the next allocation hard to guess",
        source="not published",
    ),
    Choice(
        id="lists_by_state",
        question="Has each immune state a randomisation list of its own?",
        taken="no: one list for each centre",
        alternatives=("a list for each centre and state",),
        because="separate lists for centres are described, for states they are not",
        source=REPORT.short,
    ),
    Choice(
        id="preparation_volume",
        question="To what volume is anakinra made up?",
        taken="20 mL, that of its placebo",
        alternatives=("1.34 mL, two vials undiluted",),
        because="only the placebo's volume is published, and in a double-dummy trial the drug "
        "must look the same",
        source=f"{PROTOCOL.short}; {ANAKINRA_LABEL.short}",
    ),
    Choice(
        id="renal_adjustment",
        question="Is anakinra reduced when the kidneys fail?",
        taken="no",
        alternatives=("every other day below 30 mL/min, as the US label suggests",),
        because="no adjustment is published for the trial",
        source=f"{REPORT.short}; {ANAKINRA_LABEL.short}",
    ),
    Choice(
        id="sofa_days",
        question="On which days is SOFA scored?",
        taken="every day from 1 to 15",
        alternatives=("on the listed visits only, and carried forward between",),
        because="the endpoint is a mean of daily scores; the visits as listed leave out days 6 and "
        "9 to 14",
        source=PROTOCOL.short,
    ),
    Choice(
        id="biomarker_days",
        question="On which days are ferritin and HLA-DR measured?",
        taken="on every listed visit up to day 28",
        alternatives=("on days 0 and 15 only",),
        because="reversal needs two samples at least; the days of sampling were not readable",
        source=PROTOCOL.short,
    ),
    Choice(
        id="visit_windows",
        question="How far from its day may a visit be?",
        taken="not at all",
        alternatives=("some days around day 28 and day 90",),
        because="no window is published",
        source="not published",
    ),
)

ENDPOINT_CHOICES = (
    Choice(
        id="response_limit",
        question="Is a fall of exactly 1.4 points a response?",
        taken="no: above 1.4",
        alternatives=(
            "yes: 1.4 or more, as the report prints",
            "a difference of 1.4 between the arms' means, as the protocol paper words it",
        ),
        because="the plan says above; with whole scores the two agree, since a mean of 8 days "
        "moves by 1/8 and one of 14 days by 1/14",
        source=f"{PROTOCOL.short}; {REPORT.short}; {PROTOCOL_PAPER.short}",
    ),
    Choice(
        id="death_and_response",
        question="May a participant who dies by day 9 be a responder?",
        taken="yes, by the formula alone: each day dead counts 24",
        alternatives=("no: death is no response",),
        because="the wording of the plan's clause on early death was not readable",
        source=PROTOCOL.short,
    ),
    Choice(
        id="carried_forward",
        question="Is a missing day's total carried forward, or each of its components?",
        taken="the total",
        alternatives=("each component",),
        because="the plan speaks of the score; it does not say what follows discharge alive",
        source=PROTOCOL.short,
    ),
    Choice(
        id="reversal_day",
        question="By which day is reversal of the immune state judged?",
        taken="28",
        alternatives=("15, as the analysis plan has it",),
        because="the report's table and figure use 28",
        source=f"{REPORT.short}; {PROTOCOL.short}",
    ),
    Choice(
        id="reversal_hla_dr",
        question="Which HLA-DR is a reversal of immunoparalysis?",
        taken="above 8,000, with ferritin below 4,420",
        alternatives=("5,000 or more, the limit of entry",),
        because="the plan sets a limit of its own",
        source=PROTOCOL.short,
    ),
    Choice(
        id="day_15_responders",
        question="How many of the immunotherapy arm had responded by day 15?",
        taken="52 of 131",
        alternatives=("51 of 131, as the report's text prints",),
        because="52 agrees with its table, percentage, odds ratio, P value and immune states",
        source=REPORT.short,
    ),
    Choice(
        id="interim_looks",
        question="At which looks before the end were the arms compared?",
        taken="none: the value of the trial plans no look",
        alternatives=("looks with limits for stopping",),
        because="no look, and no limit to stop at, was found in the registry's entry or in what is "
        "published of the protocol, the analysis plan and the report",
        source=f"{REGISTRY.short}; {PROTOCOL.short}; {REPORT.short}",
    ),
    Choice(
        id="sample_size_basis",
        question="On what does the sample size rest?",
        taken="responders 40 % against 20 %, power 90 %, two-sided 5 %: 117 in each arm",
        alternatives=("a difference of mean SOFA by 1.4, SD 3.21, power 80 %",),
        because="the report's numbers agree with each other; those of the protocol's text do not, "
        "for 112 in each arm would have a power of 90 %",
        source=f"{REPORT.short}; {PROTOCOL.short}",
    ),
)

SUPPLY_CHOICES = (
    Choice(
        id="prepared_shelf_life",
        question="How long does a dose keep once it is made up?",
        taken="24 hours at 2 to 8 °C, by either route",
        alternatives=("to be used at once", "longer, where a stability study says so"),
        because="the trial's limit is not published; European guidance sets 24 hours for a sterile "
        "product that is not used at once and was not made up in validated asepsis",
        source=IN_USE.short,
    ),
    Choice(
        id="doses_per_order",
        question="How many doses does the pharmacist make up at a time?",
        taken="one day's: 3 intravenous, and 1 subcutaneous on the days that have one",
        alternatives=("each dose when it is due",),
        because="it is not published; three doses are given within 16 hours, inside their 24",
        source="not published",
    ),
    Choice(
        id="second_check",
        question="Does a second person check what was made up?",
        taken="yes, before the label goes on",
        alternatives=("no",),
        because="it is not published; nobody after the pharmacist could see a mistake, for drug "
        "and placebo look alike",
        source="not published",
    ),
    Choice(
        id="shaking_and_freezing",
        question="Which handling does every label ask for?",
        taken="neither freeze nor shake, placebo included",
        alternatives=("what the content needs",),
        because="both drugs' information asks for it, and labels must not differ",
        source=f"{ANAKINRA_LABEL.short}; {INTERFERON_LABEL.short}",
    ),
)

CONDUCT_CHOICES = (
    Choice(
        id="deferred_consent",
        question="May treatment start before anyone could consent?",
        taken="no: the patient, or a first-degree relative or the spouse, consents first",
        alternatives=("yes, at centres whose law defers consent in an emergency",),
        because="the registry names no other way",
        source=REGISTRY.short,
    ),
    Choice(
        id="tolerance_limits",
        question="How much may go wrong before somebody must ask why?",
        taken="at most 3 % randomised in error, 5 % without a first dose, 5 % who take all consent "
        "back, 10 % of doses not given, 10 % of pages overdue, 5 % of vital status unknown, 10 % "
        "with an important deviation, 2 % unblinded",
        alternatives=("limits from the sponsor's own risk assessment",),
        because="none was published; these are round numbers to begin with, for a sponsor to set",
        source="ICH E6(R3) 3.10.1.3 (that there be limits, not which)",
    ),
    Choice(
        id="centre_count",
        question="How many centres took part?",
        taken="the 36 entries of the registry's listing, duplicates flagged",
        alternatives=("24, in the protocol", "31, in the analysis plan", "33, in the report"),
        because="only the registry names them",
        source=f"{REGISTRY.short}; {REPORT.short}",
    ),
    Choice(
        id="dates",
        question="From when to when did the trial run?",
        taken="29 July 2021 to 27 April 2024",
        alternatives=("first participant 5 August 2021, last follow-up 29 April 2024",),
        because="the first is the registry's, the second the report's",
        source=f"{REGISTRY.short}; {REPORT.short}",
    ),
    Choice(
        id="ferritin_accuracy",
        question="How good is ferritin above 4,420 ng/mL at finding MALS?",
        taken="specificity 97.1 %, negative predictive value 98 %",
        alternatives=("sensitivity 97.1 %, as the registry's description prints",),
        because="the publication says specificity; the registry's pair is impossible at a "
        "prevalence of 4 %",
        source=f"{FERRITIN_ACCURACY.short}; {FERRITIN.short}",
    ),
    Choice(
        id="mals_reference",
        question="By what was MALS diagnosed when ferritin's limit was found?",
        taken="a positive HScore, or hepatobiliary dysfunction with disseminated coagulation",
        alternatives=("criteria of the American College of Rheumatology, as the registry says",),
        because="the publication says so",
        source=FERRITIN.short,
    ),
)

CHOICES = (
    *ELIGIBILITY_CHOICES,
    *SCORE_CHOICES,
    *TREATMENT_CHOICES,
    *SUPPLY_CHOICES,
    *ENDPOINT_CHOICES,
    *BASELINE_CHOICES,
    *ANALYSIS_CHOICES,
    *CONDUCT_CHOICES,
)
