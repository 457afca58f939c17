"""What PROVIDE measured, each endpoint with its estimand."""

from immunosep.protocol.endpoints import (
    Death,
    Endpoint,
    Estimand,
    IntercurrentEvent,
    Rank,
    Strategy,
    SurvivalWithSofaFall,
)
from immunosep.trials.provide.references import REPORT

TREATMENT = "Immunotherapy chosen by immune state against placebo, both beside standard care"
POPULATION = "All randomised, both immune states"
STOPPED = IntercurrentEvent(
    event="treatment stopped early",
    strategy=Strategy.TREATMENT_POLICY,
    handling="counted whether or not treatment went on",
)

ENDPOINTS = (
    Endpoint(
        id="death_day_28",
        label="Death of any cause by day 28",
        rank=Rank.PRIMARY,
        definition=Death(day=28),
        estimand=Estimand(
            treatment=TREATMENT,
            population=POPULATION,
            variable="death of any cause by day 28",
            intercurrent_events=(STOPPED,),
            summary="difference of proportions",
        ),
        analysis="Fisher exact",
        source=REPORT.short,
        note="14 of 15 died with immunotherapy, 18 of 21 with placebo: no benefit.",
    ),
    Endpoint(
        id="immune_classification",
        label="Share of patients in each immune state",
        rank=Rank.SECONDARY,
        estimand=Estimand(
            treatment="none: all who were screened",
            population="240 patients with both measurements",
            variable="immune state",
            intercurrent_events=(),
            summary="proportions",
        ),
        analysis="description",
        source=REPORT.short,
    ),
    Endpoint(
        id="survival_with_sofa_fall_day_7",
        label="Alive after 7 days with a lower SOFA",
        rank=Rank.SECONDARY,
        definition=SurvivalWithSofaFall(day=7),
        estimand=Estimand(
            treatment=TREATMENT,
            population=POPULATION,
            variable="alive on day 7 with a SOFA lower than the first",
            intercurrent_events=(
                IntercurrentEvent(
                    event="death",
                    strategy=Strategy.COMPOSITE,
                    handling="not a success",
                ),
                STOPPED,
            ),
            summary="difference of proportions",
        ),
        analysis="Fisher exact",
        source=REPORT.short,
        note="By how much SOFA had to fall was not readable: choice `sofa_fall`.",
    ),
)
