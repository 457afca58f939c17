"""The line between bead brightness and PE molecules per bead, straight in log10-log10.

BD's form is log10 MFI = slope × log10 PE + intercept, fitted by least squares, without a term for
autofluorescence; a detector that is linear gives a slope of 1. A cell's PE is read from it
backwards. How well the beads fix that answer is estimated in the other direction (PE on MFI),
where the classical formula for a predicted mean applies; the two differ by about 0.01 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, log10, sqrt

import numpy as np

from immunosep.cytometry.density import Array

T_975 = {1: 12.706205, 2: 4.302653, 3: 3.182446, 4: 2.776445, 5: 2.570582, 6: 2.446912}
"""Student's t, 97.5 %, by degrees of freedom: the number of levels less two."""
Z_975 = 1.959964


@dataclass(frozen=True, kw_only=True, eq=False)
class Line:
    """A least-squares line y = slope x + intercept, with what its errors follow from."""

    slope: float
    intercept: float
    x: Array
    y: Array

    @property
    def residuals(self) -> Array:
        found: Array = self.y - (self.slope * self.x + self.intercept)
        return found

    @property
    def deviation(self) -> float:
        """The residual standard deviation, on n - 2 degrees of freedom."""
        return sqrt(float(self.residuals @ self.residuals) / (len(self.x) - 2))

    @property
    def r_squared(self) -> float:
        away = self.y - self.y.mean()
        return 1.0 - float(self.residuals @ self.residuals) / float(away @ away)

    def standard_error(self, x: float) -> float:
        """The standard error of the line's height at `x`."""
        away = self.x - self.x.mean()
        spread = float(away @ away)
        return self.deviation * sqrt(1 / len(self.x) + (x - float(self.x.mean())) ** 2 / spread)


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration:
    """Bead levels from dim to bright: their brightness (MFI) and the lot's PE per bead."""

    mfi: tuple[float, ...]
    pe_per_bead: tuple[float, ...]
    line: Line
    inverse: Line

    def pe(self, mfi: float) -> float:
        """The PE molecules that give this brightness."""
        return float(10 ** ((log10(mfi) - self.line.intercept) / self.line.slope))

    def pe_at_slope_one(self, mfi: float) -> float:
        """The same, if the detector were linear to the letter."""
        shift = np.log10(self.pe_per_bead).mean() - np.log10(self.mfi).mean()
        return float(mfi * 10**shift)

    def mfi_of(self, pe: float) -> float:
        """The brightness that so many PE molecules give."""
        return float(10 ** (self.line.slope * log10(pe) + self.line.intercept))

    def relative_error(self, mfi: float) -> float:
        """The standard error of ln PE, so widened that 1.96 of it is the 95 % t-interval."""
        t = T_975[len(self.mfi) - 2]
        return log(10) * self.inverse.standard_error(log10(mfi)) * t / Z_975

    def estimate_pe(self, mfi: float) -> tuple[float, float, float]:
        """PE by the inverse line, with the 95 % interval that the beads alone leave."""
        x = log10(mfi)
        at = self.inverse.slope * x + self.inverse.intercept
        wide = T_975[len(self.mfi) - 2] * self.inverse.standard_error(x)
        return float(10**at), float(10 ** (at - wide)), float(10 ** (at + wide))

    @property
    def largest_residual(self) -> float:
        """How far the worst level lies off the inverse line, as a share of its PE."""
        return float(10 ** np.abs(self.inverse.residuals).max() - 1)


def fit_calibration(mfi: Sequence[float], *, pe_per_bead: Sequence[float]) -> Calibration:
    """The line through the levels, in both directions."""
    x, y = np.log10(np.asarray(pe_per_bead)), np.log10(np.asarray(mfi))
    return Calibration(
        mfi=tuple(mfi), pe_per_bead=tuple(pe_per_bead), line=_fit(x, y), inverse=_fit(y, x)
    )


def _fit(x: Array, y: Array) -> Line:
    away = x - x.mean()
    slope = float(away @ y) / float(away @ away)
    return Line(slope=slope, intercept=float(y.mean() - slope * x.mean()), x=x, y=y)
