"""How often do the intervals of a whole trial's methods hold the truth? Simulated, for each method.

Trials of ImmunoSep's size are drawn from models whose truth is known, analysed, and counted where
the interval holds it. An interval of 95 % should cover 95 %; with 1,000 draws the count itself is
uncertain by 1.4 points. Prints a Markdown table. The intervals of two proportions need no
simulation: benchmarks/coverage.py.

    python benchmarks/coverage_simulated.py [--draws 1000]
"""

import argparse
from collections.abc import Callable, Iterator
from math import exp, log

import numpy as np
from scipy.special import expit
from scipy.stats import norm

from immunosep.analysis.biomarker.roc import estimate_area
from immunosep.analysis.counts import TwoByTwo
from immunosep.analysis.cox import estimate_hazard_ratio
from immunosep.analysis.estimates import Estimate
from immunosep.analysis.imputation import impute_daily
from immunosep.analysis.kaplan_meier import estimate_survival
from immunosep.analysis.logistic import estimate_odds_ratio
from immunosep.analysis.means import Variances, compare_means
from immunosep.analysis.mixed import fit_daily
from immunosep.analysis.ordinal import estimate_common_odds_ratio
from immunosep.analysis.pairs import Higher
from immunosep.analysis.restricted_mean import compare_restricted_means
from immunosep.analysis.stratified import estimate_mantel_haenszel_odds_ratio
from immunosep.analysis.tipping_point import pool_risk_difference
from immunosep.analysis.win_ratio import estimate_win_ratio

ARM = 138  # ImmunoSep: 276 analysed (JAMA 2026;335:775)
TREATED = np.arange(2 * ARM) < ARM
Rng = np.random.Generator
Case = tuple[str, float, Callable[[Rng], Estimate]]


def main() -> None:
    """Print a line for each method."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=1000)
    draws = parser.parse_args().draws
    print("| interval | holds the truth, % |\n|---|---|")
    for name, truth, draw in cases():
        rng = np.random.default_rng(4420)
        held = [_holds(draw(rng), truth) for _ in range(draws)]
        print(f"| {name} | {100 * np.mean(held):.1f} |", flush=True)


def cases() -> Iterator[Case]:
    """Each method with its truth and a draw of one trial's estimate."""
    yield "Mantel-Haenszel odds ratio, two states", 2.0, _mantel_haenszel
    yield "odds ratio by logistic regression", 2.0, _logistic
    yield "common odds ratio, four levels", 2.0, _ordinal
    yield "hazard ratio, Cox", 0.7, _hazard
    yield "survival to day 28, log-log", exp(-1.0), _survival
    yield "difference of restricted means to day 28", _restricted_truth(), _restricted
    yield "difference of means, Student", 1.0, lambda rng: _means(rng, Variances.EQUAL)
    yield "difference of means, Welch", 1.0, lambda rng: _means(rng, Variances.OWN)
    yield "win ratio", _win_truth(), _win_ratio
    yield "area under the curve, DeLong", float(norm.cdf(1 / 2**0.5)), _area
    yield "difference in daily change, mixed model", -0.1, _mixed
    yield "difference of responders, imputed", _imputed_truth(), _imputed


def _holds(found: Estimate, truth: float) -> bool:
    low, high = found.low, found.high
    return low is not None and high is not None and low <= truth <= high


def _mantel_haenszel(rng: Rng) -> Estimate:
    tables = []
    for size, odds in ((20, 0.25), (118, 0.3)):
        treated = rng.binomial(size, 2 * odds / (1 + 2 * odds))
        tables.append(TwoByTwo.of((treated, size), (rng.binomial(size, odds / (1 + odds)), size)))
    return estimate_mantel_haenszel_odds_ratio(tables)


def _logistic(rng: Rng) -> Estimate:
    state = rng.normal(size=2 * ARM)
    response = rng.random(2 * ARM) < expit(-1 + log(2) * TREATED + 0.5 * state)
    covariates = {"treated": TREATED.astype(float), "state": state}
    return estimate_odds_ratio(response.astype(float), covariates=covariates, of="treated").estimate


def _ordinal(rng: Rng) -> Estimate:
    level = np.searchsorted([-1.0, 0.5, 1.5], rng.logistic(size=2 * ARM) + log(2) * TREATED)
    return estimate_common_odds_ratio(level, treated=TREATED, order=range(4)).estimate


def _times(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Of a hazard of 1/28 a day in controls, 0.7 of that in the treated; all seen to day 28."""
    time = rng.exponential(28 / np.where(TREATED, 0.7, 1.0))
    return np.minimum(time, 28.0), time < 28


def _hazard(rng: Rng) -> Estimate:
    return estimate_hazard_ratio(*_times(rng), treated=TREATED)


def _survival(rng: Rng) -> Estimate:
    time = rng.exponential(28, ARM)
    curve = estimate_survival(np.minimum(time, 40.0), time < 40)
    at = int(np.searchsorted(curve.times, 28, side="right")) - 1
    value, low, high = (float(ends[at]) for ends in (curve.survival, curve.low, curve.high))
    return Estimate(value=value, low=low, high=high, method="log-log")


def _restricted_truth() -> float:
    return 28 * ((1 - exp(-0.7)) / 0.7 - (1 - exp(-1.0)))


def _restricted(rng: Rng) -> Estimate:
    time, event = _times(rng)
    return compare_restricted_means(time, event, treated=TREATED, tau=28.0).difference


def _means(rng: Rng, variances: Variances) -> Estimate:
    values = rng.normal(TREATED.astype(float), 3.0)
    return compare_means(values, treated=TREATED, variances=variances).difference


def _win_truth() -> float:
    wins = float(norm.cdf(0.5 / 2**0.5))
    return wins / (1 - wins)


def _win_ratio(rng: Rng) -> Estimate:
    values = rng.normal(0.5 * TREATED)
    return estimate_win_ratio([Higher(value=values)], treated=TREATED).win_ratio


def _area(rng: Rng) -> Estimate:
    ill = np.arange(300) < 40
    return estimate_area(rng.normal(ill.astype(float)), ill)


def _courses(rng: Rng) -> np.ndarray:
    day = np.arange(9)
    own = rng.normal(9, 3, 2 * ARM)[:, None]
    slope = (rng.normal(-0.1, 0.3, 2 * ARM) - 0.1 * TREATED)[:, None]
    scores: np.ndarray = own + slope * day + rng.normal(0, 1, (2 * ARM, 9))
    return scores


def _mixed(rng: Rng) -> Estimate:
    who, day = (each.ravel() for each in np.indices((2 * ARM, 9)))
    fit = fit_daily(
        _courses(rng).ravel(), day=day.astype(float), treated=TREATED[who], participant=who
    )
    return fit.coefficients.estimate("treated:day")


def _respond(scores: np.ndarray) -> np.ndarray:
    found: np.ndarray = scores[:, 0] - scores[:, 1:].mean(axis=1) > 1.4
    return found


def _imputed_truth() -> float:
    """The fall is normal: its mean is 4.5 times minus the slope, its variance from both parts."""
    spread = (4.5**2 * 0.3**2 + 1 + 1 / 8) ** 0.5
    treated, control = (float(norm.sf((1.4 - 4.5 * fall) / spread)) for fall in (0.2, 0.1))
    return treated - control


def _imputed(rng: Rng) -> Estimate:
    """A tenth of later scores lost, likelier after a high one the day before."""
    scores = _courses(rng)
    lost = rng.random((2 * ARM, 8)) < np.where(scores[:, :-1] > 11, 0.2, 0.07)
    scores[:, 1:][lost] = np.nan
    imputed = impute_daily(scores, rng=rng, by=TREATED, imputations=10, rounds=5)
    return pool_risk_difference(imputed, respond=_respond, treated=TREATED).estimate()


if __name__ == "__main__":
    main()
