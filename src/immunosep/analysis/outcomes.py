"""One endpoint compared between the arms, by each kind of answer: the trial's own methods.

| answer | methods | paper |
|---|---|---|
| yes or no | Newcombe difference, Fisher, Woolf | `differences`, `exact`, `ratios` |
| the same by immune state | Mantel-Haenszel, Breslow-Day, Tarone | `stratified`, `heterogeneity` |
| the same, adjusted | logistic regression | `logistic` |
| a time | Kaplan-Meier, log-rank, Cox, restricted mean | `kaplan_meier`, `log_rank`, `cox` |
| a number | Student and Welch | `means` |
| an order | proportional odds | `ordinal` |

A number that does not exist for these data is None, and shown as not estimable. With one group,
counts are given and nothing is compared.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from immunosep.analysis.comparisons import (
    Adjusted,
    Averaged,
    Compared,
    Counted,
    Interaction,
    Measured,
    Ordered,
    Stratified,
    Survived,
)
from immunosep.analysis.cox import estimate_hazard_ratio, fit_cox
from immunosep.analysis.differences import estimate_newcombe
from immunosep.analysis.estimates import TestResult
from immunosep.analysis.exact import fisher_test
from immunosep.analysis.heterogeneity import (
    breslow_day_test,
    estimate_ratio_of_odds_ratios,
    interaction_test,
)
from immunosep.analysis.kaplan_meier import estimate_survival
from immunosep.analysis.log_rank import log_rank_test
from immunosep.analysis.logistic import estimate_odds_ratio
from immunosep.analysis.means import Variances, compare_means
from immunosep.analysis.number_needed import number_needed
from immunosep.analysis.ordinal import estimate_common_odds_ratio
from immunosep.analysis.people import Mask, People
from immunosep.analysis.proportional_hazards import proportional_hazards_test
from immunosep.analysis.proportions import estimate_wilson
from immunosep.analysis.ratios import estimate_woolf
from immunosep.analysis.restricted_mean import compare_restricted_means
from immunosep.analysis.stratified import (
    cochran_mantel_haenszel_test,
    estimate_mantel_haenszel_odds_ratio,
)
from immunosep.errors import AnalysisError
from immunosep.protocol.analysis_plan import AnalysisPlan, Subgroup

Numbers = NDArray[np.float64]


def compare_proportions(
    people: People, response: Numbers, *, id_: str, label: str, within: Mask | None = None
) -> Compared:
    """One line: a response of 1, 0 or NaN (unknown), of those `within`."""
    of = people.everybody if within is None else within
    groups = tuple(_counted(group.id, response[group.members & of]) for group in people.groups)
    line = Compared(id=id_, label=label, groups=groups)
    if not people.compared:
        return line
    table = line.table
    difference = estimate_newcombe(table)
    return Compared(
        id=id_,
        label=label,
        groups=groups,
        difference=difference,
        odds_ratio=estimate_woolf(table),
        fisher=fisher_test(table) if table.both_arms else None,
        number_needed=number_needed(difference),
    )


def compare_by_state(people: People, response: Numbers, *, id_: str) -> tuple[Compared, ...]:
    """One line for each immune state that occurs."""
    return tuple(
        compare_proportions(
            people,
            response,
            id_=f"{id_}.{state}",
            label=label,
            within=people.immune_state == state,
        )
        for state, label in people.states.items()
    )


def stratify(lines: Sequence[Compared]) -> Stratified | None:
    """The immune states together; None with one group, or with fewer than two states."""
    if len(lines) < 2 or any(len(line.groups) < 2 for line in lines):
        return None
    tables = [line.table for line in lines]
    return Stratified(
        odds_ratio=estimate_mantel_haenszel_odds_ratio(tables),
        test=cochran_mantel_haenszel_test(tables),
        breslow_day=breslow_day_test(tables),
        tarone=breslow_day_test(tables, tarone=True),
    )


def adjust(people: People, response: Numbers, *, plan: AnalysisPlan) -> Adjusted | None:
    """Logistic regression on arm, immune state and large centres; None with one group."""
    if not people.compared or plan.large_centre_share is None:
        return None
    known = np.isfinite(response)
    covariates: dict[str, Numbers] = {"treated": people.treated[known].astype(float)}
    for state in list(people.states)[1:]:
        covariates[f"immune_state={state}"] = (people.immune_state[known] == state).astype(float)
    covariates |= _large_centres(people, known, plan.large_centre_share)
    try:
        found = estimate_odds_ratio(response[known], covariates=covariates, of="treated")
    except AnalysisError:
        # A covariate repeats others (a centre with one immune state alone): without centres.
        kept = {name: v for name, v in covariates.items() if not name.startswith("centre=")}
        found = estimate_odds_ratio(response[known], covariates=kept, of="treated")
        return Adjusted(
            odds_ratio=found.estimate,
            test=found.test,
            covariates=tuple(kept)[1:],
            penalised=found.penalised,
            left_out="centres, which the other covariates already tell",
        )
    return Adjusted(
        odds_ratio=found.estimate,
        test=found.test,
        covariates=tuple(covariates)[1:],
        penalised=found.penalised,
    )


def _large_centres(people: People, known: Mask, share: float) -> dict[str, Numbers]:
    centres = np.asarray(people.words("centre"), dtype=str)[known]
    names, counts = np.unique(centres, return_counts=True)
    large = names[counts > share * max(len(centres), 1)]
    if len(large) == len(names):
        large = large[1:]  # one of them is what the others are compared with
    return {f"centre={name}": (centres == name).astype(float) for name in large}


def compare_subgroup(
    people: People, response: Numbers, *, id_: str, subgroup: Subgroup
) -> Interaction:
    """A response inside a subgroup and outside it, and the interaction of the two."""
    values = people.numbers(subgroup.column)
    inside, outside = (
        compare_proportions(
            people, response, id_=f"{id_}.{subgroup.id}.{name}", label=label, within=within
        )
        for name, label, within in (
            ("inside", subgroup.label, values >= subgroup.at_least),
            ("outside", subgroup.other, values < subgroup.at_least),
        )
    )
    found = Interaction(
        subgroup=subgroup.id,
        label=subgroup.label,
        inside=inside,
        outside=outside,
        unknown=int((~np.isfinite(values)).sum()),
    )
    if not people.compared:
        return found
    tables = inside.table, outside.table
    return Interaction(
        subgroup=found.subgroup,
        label=found.label,
        inside=inside,
        outside=outside,
        unknown=found.unknown,
        ratio=estimate_ratio_of_odds_ratios(*tables),
        test=interaction_test(*tables),
    )


def compare_times(people: People, time_days: Numbers, event: Mask, *, until_day: int) -> Survived:
    """Curves of each group until a day, and if there are two, what tells them apart.

    Of whom no time is known (NaN), nothing is drawn: they are counted.
    """
    known = np.isfinite(time_days)
    curves = {
        group.id: estimate_survival(time_days[group.members & known], event[group.members & known])
        if (group.members & known).any()
        else None
        for group in people.groups
    }
    unknown = {group.id: int((group.members & ~known).sum()) for group in people.groups}
    if not people.compared or any(curve is None for curve in curves.values()):
        return Survived(until_day=until_day, curves=curves, unknown=unknown)
    time, had, treated = time_days[known], event[known], people.treated[known]
    return Survived(
        until_day=until_day,
        curves=curves,
        unknown=unknown,
        hazard_ratio=estimate_hazard_ratio(time, had, treated=treated),
        stratified_hazard_ratio=estimate_hazard_ratio(
            time, had, treated=treated, strata=people.immune_state[known]
        ),
        log_rank=log_rank_test(time, had, group=np.where(treated, "1", "2")).test,
        proportional=_proportional(time, had, treated),
        restricted_difference=compare_restricted_means(
            time, had, treated=treated, tau=float(until_day)
        ).difference,
    )


def _proportional(time_days: Numbers, event: Mask, treated: Mask) -> TestResult | None:
    try:
        fit = fit_cox(time_days, event, covariates={"treated": treated.astype(float)})
        return proportional_hazards_test(fit).overall
    except (AnalysisError, np.linalg.LinAlgError):  # such as when all events are at one time
        return None


def compare_numbers(
    people: People, values: Numbers, *, id_: str, label: str, within: Mask | None = None
) -> Averaged:
    """Means of each group, and their difference by Student's t test and Welch's."""
    of = people.everybody if within is None else within
    groups = tuple(_measured(group.id, values[group.members & of]) for group in people.groups)
    if not people.compared:
        return Averaged(id=id_, label=label, groups=groups)
    known = np.isfinite(values) & of
    student, welch = (
        compare_means(values[known], treated=people.treated[known], variances=variances)
        for variances in (Variances.EQUAL, Variances.OWN)
    )
    return Averaged(
        id=id_,
        label=label,
        groups=groups,
        student=student.difference,
        student_test=student.test,
        welch=welch.difference,
        welch_test=welch.test,
    )


def measure(people: People, values: Numbers) -> tuple[Measured, ...]:
    """A number of each group, NaN being unknown."""
    return tuple(_measured(group.id, values[group.members]) for group in people.groups)


def compare_order(people: People, level: Numbers, *, levels: tuple[str, ...]) -> Ordered:
    """Each group's counts by level, and the common odds ratio of a worse one."""
    known = np.isfinite(level)
    counts = {
        group.id: tuple(int((level[group.members] == at).sum()) for at in range(len(levels)))
        for group in people.groups
    }
    unknown = {group.id: int((~known & group.members).sum()) for group in people.groups}
    if not people.compared or not known.any():
        return Ordered(levels=levels, counts=counts, unknown=unknown)
    found = estimate_common_odds_ratio(
        level[known].astype(int), treated=people.treated[known], order=range(len(levels))
    )
    return Ordered(
        levels=levels,
        counts=counts,
        unknown=unknown,
        odds_ratio=found.estimate,
        test=found.wald,
        likelihood_ratio=found.likelihood_ratio,
        proportional=found.proportional,
    )


def _counted(group: str, response: Numbers) -> Counted:
    known = response[np.isfinite(response)]
    events, total = int(known.sum()), len(known)
    return Counted(
        group=group,
        events=events,
        total=total,
        unknown=len(response) - total,
        proportion=estimate_wilson(events, total),
    )


def _measured(group: str, values: Numbers) -> Measured:
    known = values[np.isfinite(values)]
    some = len(known) > 0
    quartiles = np.percentile(known, [25, 50, 75]) if some else None
    return Measured(
        group=group,
        count=len(known),
        unknown=len(values) - len(known),
        mean=float(known.mean()) if some else None,
        deviation=float(known.std(ddof=1)) if len(known) > 1 else None,
        median=None if quartiles is None else float(quartiles[1]),
        quartiles=None if quartiles is None else (float(quartiles[0]), float(quartiles[2])),
    )
