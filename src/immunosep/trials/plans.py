"""What the trials' plans of analysis set, by the trial's id."""

from collections.abc import Mapping
from types import MappingProxyType

from immunosep.protocol.analysis_plan import AnalysisPlan, Subgroup
from immunosep.trials.immunosep.references import REPORT

IMMUNOSEP_PLAN = AnalysisPlan(
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
    source=REPORT.short,
)

PLANS: Mapping[str, AnalysisPlan] = MappingProxyType({"immunosep": IMMUNOSEP_PLAN})


def plan_of(trial_id: str) -> AnalysisPlan:
    """The plan of this trial; of one without, a plan that sets nothing."""
    return PLANS.get(trial_id, AnalysisPlan())
