"""The ellipse that holds 99 % of one population in two measurements, found from its mode outward.

Each round takes mean and covariance of the events inside the last ellipse, and widens the
covariance by what a normal distribution loses when it is cut at that contour.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from immunosep.cytometry.density import Array, scaled_mad

Mask = npt.NDArray[np.bool_]
CONTOUR = 9.210340  # chi-squared, 2 degrees of freedom: 99 % lie within
WIDENED = 0.99 / 0.943945  # 99 % of two dimensions over chi-squared's share within, 4 degrees
ROUNDS = 25
SETTLED = 1e-4
FEWEST = 10  # events that a covariance can be taken from


@dataclass(frozen=True, kw_only=True, eq=False)
class Ellipse:
    """Its centre and covariance; what lies within the contour is inside."""

    centre: Array
    covariance: Array

    def holds(self, points: Array) -> Mask:
        """Which points (n, 2) are inside."""
        away = points - self.centre
        inverse = np.linalg.inv(self.covariance)
        a, b, c = inverse[0, 0], inverse[0, 1], inverse[1, 1]
        x, y = away[:, 0], away[:, 1]
        inside: Mask = a * x * x + 2 * b * x * y + c * y * y <= CONTOUR
        return inside

    def outline(self, count: int = 90) -> Array:
        """Points (count, 2) along the contour, to draw it."""
        turn = np.linspace(0, 2 * np.pi, count)
        circle = np.stack([np.cos(turn), np.sin(turn)], axis=1) * np.sqrt(CONTOUR)
        drawn: Array = self.centre + circle @ np.linalg.cholesky(self.covariance).T
        return drawn


def find_ellipse(points: Array, *, start: Array) -> Ellipse | None:
    """The ellipse around the population at `start`, or None where there are too few events."""
    if len(points) < FEWEST:
        return None
    spread = [scaled_mad(points[:, axis], float(start[axis])) for axis in (0, 1)]
    found = Ellipse(centre=start, covariance=np.diag(np.square(np.maximum(spread, 1e-3))))
    for _ in range(ROUNDS):
        inside = points[found.holds(points)]
        if len(inside) < FEWEST:
            return None
        centre = inside.mean(axis=0)
        covariance = np.cov(inside.T) * WIDENED + 1e-9 * np.eye(2)
        moved = float(np.abs(centre - found.centre).max())
        found = Ellipse(centre=centre, covariance=covariance)
        if moved < SETTLED:
            break
    return found
