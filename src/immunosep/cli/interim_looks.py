"""`immunosep interim limits` and `power`: what a look may show, and what it leaves likely."""

from math import isfinite
from typing import Any

from immunosep.analysis.interim.boundaries import (
    Boundaries,
    find_boundaries,
    find_boundaries_at,
)
from immunosep.analysis.interim.conditional import (
    Interim,
    NormalPrior,
    find_conditional_power,
    find_predictive_power,
)
from immunosep.analysis.monitoring import one_test, planned_drift
from immunosep.cli.analyse import AnswerFormat
from immunosep.cli.output import print_json, print_page, warn
from immunosep.errors import AnalysisError
from immunosep.protocol.interim import Looks
from immunosep.protocol.trial import Trial
from immunosep.trials import find_trial

NO_LOOK = "the trial plans no look before its end: this is one test, at the end"
SUBJECT = "interim"


def run_limits(name: str, *, made: tuple[float, ...], final: bool, format_: AnswerFormat) -> None:
    """Print the limits."""
    if final and not made:
        raise AnalysisError(SUBJECT, ["--final is about looks that were made: give them by --at"])
    trial = find_trial(name)
    looks = _looks(trial)
    found = find_boundaries_at(looks, made, final=final) if made else find_boundaries(looks)
    if format_ is AnswerFormat.JSON:
        print_json(_as_json(trial, looks, found))
        return
    print_page("\n".join(_limit_lines(looks, found)))


def run_power(
    name: str,
    *,
    z: float,
    information: float,
    drift: float | None,
    prior: tuple[float, float] | None,
    format_: AnswerFormat,
) -> None:
    """Print conditional and predictive power."""
    problems = [
        f"{what} is no finite number"
        for what, value in (("z", z), ("the information", information), ("the drift", drift or 0))
        if not isfinite(value)
    ]
    if isfinite(information) and not 0 < information < 1:
        problems.append("the information is a share above 0 and below 1, such as 0.4")
    if prior is not None and not (isfinite(prior[0]) and isfinite(prior[1]) and prior[1] > 0):
        problems.append("the prior is a mean and a standard deviation above 0")
    if problems:
        raise AnalysisError(SUBJECT, problems)
    trial = find_trial(name)
    limits = find_boundaries(_looks(trial))
    if drift is None and trial.sample_size is not None:
        drift = planned_drift(limits, trial.sample_size)
    seen = Interim(z=z, information=information)
    power = find_conditional_power(limits, seen, planned_drift=drift)
    belief = None if prior is None else NormalPrior(mean=prior[0], deviation=prior[1])
    answer = {
        "conditional_power": {"design": power.design, "trend": power.trend, "null": power.null},
        "predictive_power": find_predictive_power(limits, seen, prior=belief),
    }
    if format_ is AnswerFormat.JSON:
        told = {"trial": trial.id, "z": z, "information": information, "planned_drift": drift}
        print_json(told | answer)
        return
    print_page("\n".join(_power_lines(seen, answer)))


def _looks(trial: Trial) -> Looks:
    if trial.interim is not None:
        return trial.interim
    looks = one_test(trial)
    if looks is None:
        raise AnalysisError(
            f"trial {trial.id!r}",
            [
                "it plans no look, and names no alpha for a test at its end; write `interim=Looks"
                "(...)` into its value"
            ],
        )
    warn(NO_LOOK)
    return looks


def _limit_lines(looks: Looks, found: Boundaries) -> list[str]:
    sides = {1: "one-sided", 2: "two-sided, its mirror image too"}[found.sided]
    lower = found.lower
    head = f"  {'Look':<6}{'Information':>12}{'Efficacy from z':>18}"
    lines = [
        f"Limits of z for {looks.tests}, alpha {found.alpha:g} {sides}",
        head + (f"{'Hopeless below z':>19}" if lower else ""),
    ]
    for at, (share, high) in enumerate(zip(found.information, found.upper, strict=True)):
        low = "" if lower is None else f"{_z(lower[at]):>19}"
        lines.append(f"  {at + 1:<6}{100 * share:>10.1f} %{_z(high):>18}{low}")
    return lines


def _z(value: float) -> str:
    return f"{value:.3f}" if isfinite(value) else "never"


def _as_json(trial: Trial, looks: Looks, found: Boundaries) -> dict[str, Any]:
    def plain(limits: tuple[float, ...] | None) -> list[float | None] | None:
        return None if limits is None else [z if isfinite(z) else None for z in limits]

    return {
        "trial": trial.id,
        "planned": trial.interim is not None,
        "tests": looks.tests,
        "spending": looks.spending.value,
        "alpha": found.alpha,
        "sided": found.sided,
        "information": list(found.information),
        "upper": plain(found.upper),
        "lower": plain(found.lower),
        "binding": found.binding,
    }


def _power_lines(seen: Interim, answer: dict[str, Any]) -> list[str]:
    power = answer["conditional_power"]
    design = power["design"]
    return [
        f"z {seen.z:g} at {100 * seen.information:g} % of the information",
        "Conditional power, if the effect is",
        f"  as planned      {'no effect is planned' if design is None else f'{design:.3f}'}",
        f"  as seen so far  {power['trend']:.3f}",
        f"  none            {power['null']:.3f}",
        f"Predictive power  {answer['predictive_power']:.3f}",
    ]
