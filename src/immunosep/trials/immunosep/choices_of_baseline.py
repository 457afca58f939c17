"""How participants are described at entry: the report names two scores, not how they were made."""

from immunosep.protocol.provenance import Choice
from immunosep.trials.immunosep.references import APACHE_II, CHARLSON, REPORT

BASELINE_CHOICES = (
    Choice(
        id="apache_ii_hours",
        question="Of which hours is APACHE II?",
        taken="the worst values of the 24 hours before the first dose",
        alternatives=("of the first 24 hours in intensive care, as the score was made for",),
        because="not every participant is in intensive care, and a value after the first dose "
        "could depend on it; the report does not say",
        source=f"{REPORT.short}; {APACHE_II.short}",
    ),
    Choice(
        id="charlson_age",
        question="Does the Charlson index count age?",
        taken="no: the 19 conditions with their weights of 1987",
        alternatives=("with a point for each decade from 50 years on, as later combined",),
        because="age stands beside it in the records and can be added, not taken out; the report "
        "does not say",
        source=f"{REPORT.short}; {CHARLSON.short}",
    ),
)
