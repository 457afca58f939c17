"""Where PROVIDE's sources disagree or are silent, and what this trial value takes."""

from immunosep.protocol.provenance import Choice
from immunosep.trials.provide.references import (
    REGISTRY,
    REPORT,
    SPONSOR_PAGE,
    SUCCESSOR,
)

CHOICES = (
    Choice(
        id="shock_or_sepsis",
        question="Must a patient be in septic shock, or have sepsis?",
        taken="septic shock",
        alternatives=("sepsis by Sepsis-3, as the registry's criteria have it",),
        because="the sponsor's accounts of the trial say septic shock",
        source=f"{SUCCESSOR.short}; {SPONSOR_PAGE.short}; {REGISTRY.short}",
    ),
    Choice(
        id="two_day_screening",
        question="Which of the two days' samples decides the immune state?",
        taken="each row by itself: give the second day as a second row of the same patient",
        alternatives=("both days must agree",),
        because="a snapshot is one moment, and the data dictionary has no column for the sample "
        "before; the report found that one measurement suffices (88 % agree)",
        source=f"{REPORT.short}; {REGISTRY.short}; {SUCCESSOR.short}",
    ),
    Choice(
        id="hla_dr_measure",
        question="How is HLA-DR measured?",
        taken="molecules per monocyte, below 5,000",
        alternatives=("HLA-DR on less than 30 % of CD14 monocytes, as registered",),
        because="the report classifies by it, and so does the trial that followed",
        source=f"{REPORT.short}; {REGISTRY.short}",
    ),
    Choice(
        id="exclusions_of_successor",
        question="Who else was excluded?",
        taken="the patients ImmunoSep excludes, but for neutropenia",
        alternatives=("nobody beyond the first five lines",),
        because="the copy of the registry's list that was read breaks off after the fifth line, "
        "which has no neutropenia where ImmunoSep does; its drugs are the same",
        source=f"{REGISTRY.short}; {SUCCESSOR.short}",
    ),
    Choice(
        id="cholangitis",
        question="Does acute cholangitis qualify?",
        taken="yes; beside another infection of the abdomen it excludes",
        alternatives=("no, as in ImmunoSep",),
        because="the registry says so",
        source=REGISTRY.short,
    ),
    Choice(
        id="window",
        question="How soon must treatment start?",
        taken="no limit",
        alternatives=("72 hours, as in ImmunoSep",),
        because="no limit was found in the sources read",
        source=REGISTRY.short,
    ),
    Choice(
        id="interferon_dose",
        question="How much interferon gamma was given?",
        taken="100 µg",
        alternatives=("50 µg/m² of body surface, as its label has it",),
        because="the copy of the registry's line that was read breaks off before the dose; the "
        "trial that followed gives 100 µg",
        source="Giamarellos-Bourboulis JAMA 2026;335:775",
    ),
    Choice(
        id="preparation_volume",
        question="To what volume was anakinra made up?",
        taken="left open, the same as its placebo",
        alternatives=("1 mL, the registered volume of the placebo",),
        because="200 mg are two vials, 1.34 mL, which is more than that",
        source=REGISTRY.short,
    ),
    Choice(
        id="supply_model",
        question="Was treatment made up by a pharmacist, or did it come in kits?",
        taken="numbered kits that look alike, so that nobody at the centre need be unblinded and "
        "nothing is left to check there",
        alternatives=("prepared by an unblinded pharmacist, as in ImmunoSep",),
        because="the sources read do not say; the registry lists care providers and "
        "investigators as blinded and names nobody who was not",
        source=REGISTRY.short,
    ),
    Choice(
        id="kit_size",
        question="How many doses are in a kit?",
        taken="the full course of one component, and one kit of each more in reserve",
        alternatives=("a day's doses",),
        because="it is not published; with one kit for a course neither the number of kits nor a "
        "replacement tells anything",
        source="not published",
    ),
    Choice(
        id="storage",
        question="How is the stock kept?",
        taken="at 2 to 8 °C, up to 3 days outside 0 to 10 °C",
        alternatives=("never outside 2 to 8 °C",),
        because="it is not published for this trial; the trial that followed, with the same drugs, "
        "kept them so",
        source="Giamarellos-Bourboulis JAMA 2026;335:775, Supplement 1",
    ),
    Choice(
        id="allocation",
        question="In what ratio, strata and blocks were participants allocated?",
        taken="1:1; strata and blocks left open",
        alternatives=("a list for each centre",),
        because="they were not found in the sources read; 15 and 21 were allocated",
        source=REPORT.short,
    ),
    Choice(
        id="sofa_fall",
        question="By how much must SOFA fall by day 7?",
        taken="by any amount",
        alternatives=("by a fixed number of points, or a share of the first score",),
        because="the abstract speaks of a decrease",
        source=REPORT.short,
    ),
    Choice(
        id="interim_looks",
        question="At which looks before the end were the arms compared?",
        taken="none: the value of the trial plans no look",
        alternatives=("looks with limits for stopping",),
        because="none was found in the sources read",
        source=f"{REGISTRY.short}; {REPORT.short}",
    ),
    Choice(
        id="shock_count",
        question="How many patients had septic shock?",
        taken="left open",
        alternatives=("177, as stated", "178, the sum of 44, 2 and 132"),
        because="the published flow does not add up",
        source=REPORT.short,
    ),
    Choice(
        id="eudract_number",
        question="Which EudraCT number has the trial?",
        taken="2017-002171-26",
        alternatives=("2017-002011-33, as the sponsor's page prints",),
        because="the EU Clinical Trials Register lists it under the former",
        source=SPONSOR_PAGE.short,
    ),
    Choice(
        id="centre_names",
        question="Which were the 14 centres?",
        taken="none is listed",
        alternatives=("the Greek centres of ImmunoSep",),
        because="their number is published, their names were not found",
        source=f"{SPONSOR_PAGE.short}; {SUCCESSOR.short}",
    ),
)
