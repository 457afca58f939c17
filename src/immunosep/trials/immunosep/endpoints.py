"""What ImmunoSep measures, each endpoint with its estimand."""

from immunosep.protocol.endpoints import (
    AdverseEvents,
    Death,
    Endpoint,
    Estimand,
    IntercurrentEvent,
    MeanSofa,
    OrderedOutcome,
    Rank,
    Reversal,
    SofaFall,
    Strategy,
)
from immunosep.trials.immunosep.references import PROTOCOL, REPORT

RESPONDS_ABOVE = 1.4  # JAMA 2026;335:775, Supplement 1; choice `response_limit`
SOFA_WHEN_DEAD = 24  # JAMA 2026;335:775, Supplement 1: each day dead has the worst score
FERRITIN_FALL = 0.15  # Kyriazopoulou BMC Med 2017;15:172
REVERSED_HLA_DR = 8000  # JAMA 2026;335:775, Supplement 1; entry has a limit of its own
REVERSED_FERRITIN_NG_ML = 4420  # JAMA 2026;335:775, Supplement 1

TREATMENT = (
    "Immunotherapy chosen by immune state against placebo, both beside standard care, as randomised"
)
POPULATION = "All randomised who did not withdraw consent and data, both immune states"

DEAD_IS_WORST = IntercurrentEvent(
    event="death",
    strategy=Strategy.COMPOSITE,
    handling=f"each day dead counts {SOFA_WHEN_DEAD} points",
)
STOPPED = IntercurrentEvent(
    event="treatment stopped early",
    strategy=Strategy.TREATMENT_POLICY,
    handling="scores count whether or not treatment went on",
)
LEFT_HOSPITAL = IntercurrentEvent(
    event="discharge alive",
    strategy=Strategy.HYPOTHETICAL,
    handling="the last score is carried forward",
)


def _estimand(variable: str, summary: str, *events: IntercurrentEvent) -> Estimand:
    return Estimand(
        treatment=TREATMENT,
        population=POPULATION,
        variable=variable,
        intercurrent_events=(*events, STOPPED),
        summary=summary,
    )


def _response(last_day: int) -> Estimand:
    return _estimand(
        f"SOFA of day 1 minus the mean of days 2 to {last_day}, above {RESPONDS_ABOVE} or not",
        "odds ratio and difference of proportions",
        DEAD_IS_WORST,
        LEFT_HOSPITAL,
    )


def _death(day: int) -> Endpoint:
    return Endpoint(
        id=f"death_day_{day}",
        label=f"Death of any cause by day {day}",
        rank=Rank.SECONDARY,
        definition=Death(day=day),
        estimand=_estimand(
            f"death of any cause by day {day}",
            "odds ratio, hazard ratio, difference of proportions",
        ),
        analysis="Fisher exact; Kaplan-Meier and Cox",
        source=REPORT.short,
    )


def _adverse_events(*, serious: bool) -> Endpoint:
    kind = "Serious" if serious else "Non-serious"
    return Endpoint(
        id=f"{'serious' if serious else 'non_serious'}_adverse_events",
        label=f"{kind} treatment-emergent adverse events by day 90",
        rank=Rank.SAFETY,
        definition=AdverseEvents(day=90, serious=serious),
        estimand=_estimand(
            f"{kind.lower()} treatment-emergent adverse event by day 90",
            "proportions by arm and immune state",
        ),
        analysis="Fisher exact, by immune state and arm",
        source=PROTOCOL.short,
    )


def _sofa_response(*, last_day: int, rank: Rank) -> Endpoint:
    return Endpoint(
        id=f"sofa_response_day_{last_day}",
        label=f"SOFA lower than on day 1 by more than {RESPONDS_ABOVE}, on the mean of days 2 to "
        f"{last_day}",
        rank=rank,
        definition=SofaFall(
            baseline_day=1,
            first_day=2,
            last_day=last_day,
            responds_above=RESPONDS_ABOVE,
            dead_counts_as=SOFA_WHEN_DEAD,
        ),
        estimand=_response(last_day),
        analysis="Fisher exact, two-sided; odds ratio with 95 % interval; Mantel-Haenszel across "
        "the immune states",
        source=f"{REPORT.short}, with Supplement 1",
        note="A participant may die and still respond by the formula: choice `death_and_response`. "
        "A missing day 1 leaves the response not computable.",
    )


ENDPOINTS = (
    _sofa_response(last_day=9, rank=Rank.PRIMARY),
    _sofa_response(last_day=15, rank=Rank.SECONDARY),
    Endpoint(
        id="mean_sofa_day_9",
        label="Mean SOFA of days 1 to 9 in survivors",
        rank=Rank.SECONDARY,
        definition=MeanSofa(first_day=1, last_day=9),
        estimand=_estimand(
            "mean SOFA of days 1 to 9",
            "difference of means",
            IntercurrentEvent(
                event="death",
                strategy=Strategy.PRINCIPAL_STRATUM,
                handling="those alive on day 9 only",
            ),
            LEFT_HOSPITAL,
        ),
        analysis="t test",
        source=PROTOCOL.short,
    ),
    _death(28),
    _death(90),
    Endpoint(
        id="reversal",
        label="Reversal of the immune state",
        rank=Rank.SECONDARY,
        definition=Reversal(
            day=28,
            samples=2,
            ferritin_fall_fraction=FERRITIN_FALL,
            hla_dr_above=REVERSED_HLA_DR,
            ferritin_below=REVERSED_FERRITIN_NG_ML,
        ),
        estimand=_estimand(
            "MALS: ferritin down by 15 % or more. Immunoparalysis: HLA-DR above 8,000 with "
            "ferritin below 4,420",
            "odds ratio; hazard ratio of the time to reversal",
            IntercurrentEvent(
                event="fewer than two samples",
                strategy=Strategy.COMPOSITE,
                handling="not reversed",
            ),
        ),
        analysis="Fisher exact; Mantel-Haenszel; Cox for the time to reversal",
        source=f"{REPORT.short}, with Supplement 1",
        note="The plan says day 15, the report day 28: choice `reversal_day`.",
    ),
    Endpoint(
        id="infection_outcome_day_15",
        label="Outcome of the infection on day 15",
        rank=Rank.SECONDARY,
        definition=OrderedOutcome(
            day=15, levels=("resolution", "intermediate", "failure", "superinfection")
        ),
        estimand=_estimand("outcome of the infection on day 15, ordered", "common odds ratio"),
        analysis="proportional odds",
        source=PROTOCOL.short,
    ),
    _adverse_events(serious=True),
    _adverse_events(serious=False),
)
