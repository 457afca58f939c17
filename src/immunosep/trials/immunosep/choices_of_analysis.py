"""What this trial value analyses beyond the published plan, named so that nobody mistakes it."""

from immunosep.protocol.provenance import Choice
from immunosep.trials.immunosep.references import REPORT

ANALYSIS_CHOICES = (
    Choice(
        id="missing_scores_imputed",
        question="How are missing daily scores filled in, beside carrying the last one forward?",
        taken="20 times by chained equations, arms apart, as one more reading of the primary "
        "endpoint; then made worse in the treated arm, point by point",
        alternatives=("not at all, as the report prints",),
        because="carrying forward takes every missing day as no change; the report names no other "
        "way, and a reader should see what another assumption gives (ICH E9(R1), A.5.2)",
        source=REPORT.short,
    ),
    Choice(
        id="death_before_sofa",
        question="In what order do outcomes count where pairs of participants are compared?",
        taken="death by day 28 first, and how late; then the fall of SOFA by day 9",
        alternatives=("no comparison of pairs, as the report prints",),
        because="a death then counts as more than any score; it is exploratory, for the report "
        "plans none",
        source=REPORT.short,
    ),
)
