"""Where each number comes from: the tables and columns read, the definition, the function.

Every number of the report links to one of these.
"""

from collections.abc import Iterator
from dataclasses import fields

from immunosep.analysis.endpoints import EndpointResult
from immunosep.analysis.report_data import TrialAnalysis
from immunosep.protocol.endpoints import (
    AdverseEvents,
    Death,
    Definition,
    MeanSofa,
    OrderedOutcome,
    Reversal,
    SofaFall,
    SurvivalWithSofaFall,
)
from immunosep.report.trial.model import Words
from immunosep.report.trial.outcome_tables import derivation_of

READS: dict[type[Definition], tuple[str, str]] = {
    SofaFall: (
        "days (status, sofa and its parts), participants (first_dose_s, died_s, locked)",
        "immunosep.analysis.derivations.derive_sofa_fall",
    ),
    MeanSofa: (
        "days (status, sofa), participants (first_dose_s, died_s, locked)",
        "immunosep.analysis.derivations.derive_mean_sofa",
    ),
    Death: (
        "participants (died_s, last_alive_s, first_dose_s), days (status), status (day, status)",
        "immunosep.analysis.derivations.derive_death",
    ),
    SurvivalWithSofaFall: (
        "days (status, sofa), participants (first_dose_s, died_s, locked)",
        "immunosep.analysis.derivations.derive_survival_with_sofa_fall",
    ),
    Reversal: (
        "samples (day, drawn_s, ferritin_ng_ml, hla_dr_per_monocyte), participants (immune_state, "
        "locked, died_s)",
        "immunosep.analysis.reversal.derive_reversal",
    ),
    OrderedOutcome: (
        "participants (infection_outcome)",
        "immunosep.analysis.derivations.derive_ordered_outcome",
    ),
    AdverseEvents: (
        "events (began_s, serious), participants (first_dose_s)",
        "immunosep.analysis.derivations.derive_adverse_events",
    ),
}
METHODS = (
    ("Difference of proportions", "Newcombe Stat Med 1998;17:873, method 10"),
    ("Odds ratio", "Woolf Ann Hum Genet 1955;19:251; no interval where a cell is 0"),
    ("P of two proportions", "Fisher’s exact test, two-sided: the tables no more probable summed"),
    ("Across immune states", "Mantel, Haenszel JNCI 1959;22:719; Robins Biometrics 1986;42:311"),
    ("Do odds ratios differ", "Breslow, Day 1980; Tarone Biometrika 1985;72:91"),
    ("Interaction of a subgroup", "ratio of odds ratios: Altman, Bland BMJ 2003;326:219"),
    ("Survival", "Kaplan, Meier JASA 1958;53:457, interval on log(−log S); Mantel 1966"),
    ("Hazard ratio", "Cox J R Stat Soc B 1972;34:187, Efron’s ties; Grambsch, Therneau 1994"),
    ("Ordered outcome", "proportional odds: McCullagh J R Stat Soc B 1980;42:109"),
    ("Adjusted odds ratio", "logistic regression; Firth’s where outcomes are separated"),
    ("Means", "Student 1908; Welch Biometrika 1947;34:28"),
)


def derivations(analysis: TrialAnalysis) -> tuple[Words, ...]:
    """One entry for each endpoint, and for each group of other numbers."""
    return (
        *(_of_endpoint(result) for result in analysis.endpoints if not result.not_derived),
        _entry(
            "derivation.flow",
            "Flow and analysis sets",
            reads="screened, participants, deviations (important)",
            how="counted; lost is who was not known to be alive or dead on the last day, once "
            "their record is locked",
            by="immunosep.analysis.flow.count_flow",
        ),
        _entry(
            "derivation.baseline",
            "Participants at entry",
            reads="participants",
            how="counted; medians and quartiles by linear interpolation",
            by="immunosep.analysis.baseline.describe_baseline",
        ),
        _entry(
            "derivation.harms",
            "Adverse events",
            reads="events, participants (first_dose_s)",
            how="those that began from day 1 to the last day; one whose beginning is unknown "
            "counts as having begun after treatment did; of unknown seriousness, as serious in "
            "the lists of terms",
            by="immunosep.analysis.harms.analyse_harms",
        ),
        _entry(
            "derivation.conduct",
            "Doses, deviations, daily scores, data quality",
            reads="doses, deviations, days, queries, participants (signed, locked)",
            how="counted; daily means are of those alive and scored that day",
            by="immunosep.analysis.conduct",
        ),
        *_further(analysis),
        Words(id="derivation.methods", heading="Methods", terms=METHODS),
    )


def _further(analysis: TrialAnalysis) -> Iterator[Words]:
    """Of what some reports hold only."""
    if any(result.imputed is not None for result in analysis.endpoints):
        yield _entry(
            "derivation.imputation",
            "Missing scores imputed, and made worse",
            reads="days (status, sofa), participants (first_dose_s, died_s, immune_state)",
            how="chained equations, arms apart, given immune state and the other days (van Buuren "
            "2018, 4.5); pooled by Rubin’s rules (1987; Barnard, Rubin Biometrika 1999;86:948); "
            "shifts: Ratitch, O’Kelly, Tosiello Pharm Stat 2013;12:337; the seed is the plan’s",
            by="immunosep.analysis.missing_scores.impute_response",
        )
    if analysis.course is not None:
        yield _entry(
            "derivation.course",
            "Course of daily SOFA",
            reads="days (status, sofa), participants (first_dose_s, died_s, immune_state)",
            how="linear mixed model of day, arm and their product, intercept and slope of each "
            "participant, restricted maximum likelihood: Laird, Ware Biometrics 1982;38:963",
            by="immunosep.analysis.daily_course.compare_courses",
        )
    if analysis.hierarchy is not None:
        yield _entry(
            "derivation.pairs",
            "Outcomes in order of importance",
            reads="what the endpoints compared read",
            how="win ratio: Pocock Eur Heart J 2012;33:176; net benefit: Buyse Stat Med "
            "2010;29:3245; intervals: Bebu, Lachin Biostatistics 2016;17:178; within states: Dong "
            "J Biopharm Stat 2018;28:778",
            by="immunosep.analysis.hierarchy.compare_hierarchy",
        )
    if analysis.monitoring is not None:
        yield _entry(
            "derivation.monitoring",
            "Looks and forecasts",
            reads="the trial’s looks and sample size; participants (centre, randomised_s, "
            "last_alive_s, died_s), screened (centre, screened_s), what the endpoint tested reads",
            how="limits: Lan, DeMets Biometrika 1983;70:659 and others by the plan; conditional "
            "power: Lan, Wittes Biometrics 1988;44:579; predictive power: Spiegelhalter 1986; "
            "recruitment: Anisimov, Fedorov Stat Med 2007;26:4958; events: Bagiella, Heitjan Stat "
            "Med 2001;20:2055",
            by="immunosep.analysis.monitoring.monitor",
        )


def _of_endpoint(result: EndpointResult) -> Words:
    endpoint = result.endpoint
    assert endpoint.definition is not None
    reads, by = READS[type(endpoint.definition)]
    values = ", ".join(
        f"{field.name} {_say(getattr(endpoint.definition, field.name))}"
        for field in fields(endpoint.definition)
    )
    return _entry(
        derivation_of(result),
        endpoint.label,
        reads=reads,
        how=f"{type(endpoint.definition).__name__}: {values}. {endpoint.estimand.variable}",
        by=by,
        source=endpoint.source,
    )


def _entry(id_: str, heading: str, *, reads: str, how: str, by: str, source: str = "") -> Words:
    terms = [("Reads", reads), ("How", how), ("By", by)]
    return Words(
        id=id_, heading=heading, terms=(*terms, *((("Source", source),) if source else ()))
    )


def _say(value: object) -> str:
    return " < ".join(map(str, value)) if isinstance(value, tuple) else str(value)
