"""What ImmunoSep's plan of analysis sets beside the endpoints, and what this value adds to it."""

from immunosep.protocol.analysis_plan import AnalysisPlan, ImputationPlan, Subgroup
from immunosep.trials.immunosep.references import REPORT

PLAN = AnalysisPlan(
    subgroups=(
        Subgroup(
            id="apache_ii_25",
            label="APACHE II 25 or more",
            other="APACHE II below 25",
            column="apache_ii",
            at_least=25,
            source=REPORT.short,
        ),
        Subgroup(
            id="charlson_5",
            label="Charlson index 5 or more",
            other="Charlson index below 5",
            column="charlson",
            at_least=5,
            source=REPORT.short,
        ),
        Subgroup(
            id="sofa_10",
            label="SOFA at entry 10 or more",
            other="SOFA at entry below 10",
            column="sofa_at_entry",
            at_least=10,
            source=REPORT.short,
        ),
    ),
    large_centre_share=0.08,  # JAMA 2026;335:775, Supplement 1: centres with more than 8 %
    # Not the report's: choices `missing_scores_imputed` and `death_before_sofa`.
    imputation=ImputationPlan(
        imputations=20, seed=4_990_232, shifts=(0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0)
    ),
    hierarchy=("death_day_28", "sofa_response_day_9"),
    source=REPORT.short,
)
