"""P values of a family, adjusted: Holm, Hochberg, Benjamini and Hochberg.

| adjustment | keeps small | paper |
|---|---|---|
| Holm | the chance of any false claim | Holm Scand J Stat 1979;6:65 |
| Hochberg | the same, if the tests are not negatively dependent | Hochberg Biometrika 1988;75:800 |
| Benjamini-Hochberg | the share of false claims | Benjamini, Hochberg J R Stat Soc B 1995;57:289 |

An adjusted P at or below alpha claims its hypothesis. The arithmetic is statsmodels', checked
against R's `p.adjust` and the papers' own rules. A test that could not be made (None) takes no
part.
"""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from statsmodels.stats.multitest import multipletests  # type: ignore[import-untyped]

from immunosep.errors import AnalysisError


class Adjustment(StrEnum):
    """How a family of P values is adjusted."""

    HOLM = "holm"
    HOCHBERG = "hochberg"
    BENJAMINI_HOCHBERG = "benjamini-hochberg"


_NAMES = {
    Adjustment.HOCHBERG: "simes-hochberg",
    Adjustment.BENJAMINI_HOCHBERG: "fdr_bh",
}


def adjust_p_values(
    p_values: Sequence[float | None], *, adjustment: Adjustment
) -> tuple[float | None, ...]:
    """The adjusted P values in the order given."""
    outside = sum(p is not None and not 0 <= p <= 1 for p in p_values)
    if outside:
        raise AnalysisError("a family of P values", [f"{outside} are not between 0 and 1"])
    known = [p for p in p_values if p is not None]
    if not known:
        return tuple(p_values)
    if adjustment is Adjustment.HOLM:
        adjusted = iter(_holm(np.array(known)))
    else:
        adjusted = iter(multipletests(known, method=_NAMES[adjustment])[1])
    return tuple(None if p is None else float(next(adjusted)) for p in p_values)


def _holm(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The smallest times their number, the next times one less, none below the one before."""
    order = np.argsort(p_values)
    stepped = np.maximum.accumulate(p_values[order] * np.arange(len(order), 0, -1))
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(stepped, 1)
    return adjusted
