"""Where a lot's four bead levels lie in a bead tube, and how bright each is.

The beads' known spacing is slid over the density of log10 PE as a comb whose teeth may stand a
little closer or wider, as a detector's slope asks. A comb cannot mistake a doublet for a level, and
a missing level or another lot's values show: some tooth then stands where there are no beads. At
each tooth the level is the events around the local median, and its brightness their geometric mean.

Checked against FlowCal's mixture of Gaussians on beads from an LSR II: within 0.006 decade.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from immunosep.cytometry.channels import Roles
from immunosep.cytometry.density import Array, Density, estimate_density, scaled_mad
from immunosep.cytometry.ellipse import Ellipse, Mask, find_ellipse
from immunosep.cytometry.gating import MARGIN
from immunosep.cytometry.tubes import Tube

BANDWIDTH = 0.03  # decades: less than the spread of a level
SCATTER_BANDWIDTH = 0.02
SLOPES = np.linspace(0.8, 1.2, 41)  # of log MFI on log PE; the limits are judged on the fit
FLOOR = 1e-3  # of the highest density: what a tooth on no beads scores
ANOTHER = 0.15  # decades: a comb that far off is another answer
REACH = 0.12  # decades around a tooth in which its peak is sought
DEVIATIONS = 3
ROUNDS = 5
DIMMEST = -1.0  # log10: what is dimmer is noise around zero


@dataclass(frozen=True, kw_only=True)
class Level:
    """One bead level: its events' geometric mean, how many, and their coefficient of variation."""

    mfi: float
    count: int
    cv: float
    log10_low: float
    log10_high: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Beads:
    """What was found in a bead tube, dim to bright."""

    levels: tuple[Level, ...]
    singlets: Mask
    ellipse: Ellipse | None
    log_scatter: Array
    log_pe: Array
    comb_ratio: float
    in_levels: float
    at_margin: float
    not_finite: float

    @property
    def mfi(self) -> tuple[float, ...]:
        return tuple(level.mfi for level in self.levels)


def find_beads(tube: Tube, roles: Roles, *, pe_per_bead: Sequence[float]) -> Beads:
    """The levels of a lot in a bead tube; a level that is not there has a count of zero."""
    points, positive, numbers = _scatter(tube, roles)
    stored = tube.stored(roles.hla_dr)
    numbers &= np.isfinite(stored)
    positive &= numbers
    edge = stored >= MARGIN * tube.full_scale(roles.hla_dr)
    ellipse, singlets = _bead_singlets(points, positive)
    log_pe = np.log10(np.maximum(stored, 10**DIMMEST), where=np.isfinite(stored),
                      out=np.full(len(stored), DIMMEST))  # fmt: skip
    seen = log_pe[singlets & ~edge]
    teeth, ratio = _comb(seen, np.log10(np.asarray(pe_per_bead)))
    levels = tuple(
        _level(seen, tooth, width) for tooth, width in zip(teeth, _widths(teeth), strict=True)
    )
    lost = int((singlets & edge).sum())
    return Beads(
        levels=levels,
        singlets=singlets,
        ellipse=ellipse,
        log_scatter=points,
        log_pe=log_pe,
        comb_ratio=ratio,
        in_levels=_counted(seen, levels) / max(1, int(singlets.sum())),
        at_margin=lost / max(1, lost + levels[-1].count),
        not_finite=1 - float(numbers.mean()) if tube.events else 1.0,
    )


def _scatter(tube: Tube, roles: Roles) -> tuple[Array, Mask, Mask]:
    """log10 of both scatters, which events have both within range, and where both are numbers."""
    kept: Mask = np.ones(tube.events, dtype=bool)
    numbers = kept.copy()
    columns = []
    for name in (roles.fsc, roles.ssc):
        values = tube.stored(name)
        numbers &= np.isfinite(values)
        kept &= numbers & (values > 0) & (values < MARGIN * tube.full_scale(name))
        columns.append(np.log10(np.where(kept, values, 1.0)))
    return np.stack(columns, axis=1), kept, numbers


def _bead_singlets(points: Array, usable: Mask) -> tuple[Ellipse | None, Mask]:
    singlets: Mask = np.zeros(len(points), dtype=bool)
    seen = points[usable]
    if len(seen) == 0:
        return None, singlets
    start = np.array([
        estimate_density(seen[:, axis], bandwidth=SCATTER_BANDWIDTH).mode for axis in (0, 1)
    ])  # fmt: skip
    near = seen[np.abs(seen - start).max(axis=1) < ANOTHER]
    ellipse = find_ellipse(near, start=start)
    if ellipse is not None:
        singlets[usable] = ellipse.holds(seen)
    return ellipse, singlets


def _comb(log_pe: Array, spacing: Array) -> tuple[Array, float]:
    """Where the teeth stand, and the best score over that of the next other answer."""
    if len(log_pe) == 0:
        return spacing, 0.0
    density = estimate_density(log_pe, bandwidth=BANDWIDTH)
    centred = spacing - spacing.mean()
    scores = np.stack([_scores(density, slope * centred) for slope in SLOPES])
    best = np.unravel_index(int(scores.argmax()), scores.shape)
    middle = density.grid[best[1]]
    others = scores[:, np.abs(density.grid - middle) > ANOTHER]
    ratio = float(scores[best] / others.max()) if others.size else np.inf
    return middle + SLOPES[best[0]] * centred, ratio


def _scores(density: Density, teeth: Array) -> Array:
    """The geometric mean of the density under the teeth, for every place of the comb."""
    least = FLOOR * float(density.height.max())
    under = [np.log(density.at(density.grid + tooth) + least) for tooth in teeth]
    found: Array = np.exp(np.mean(under, axis=0))
    return found


def _widths(teeth: Array) -> Array:
    """How far around each tooth its level may reach: half the way to the next."""
    gaps = np.diff(teeth) / 2
    widths: Array = np.minimum(np.append(gaps, gaps[-1]), np.append(gaps[0], gaps))
    return widths


def _counted(log_pe: Array, levels: Sequence[Level]) -> int:
    """How many beads lie in a level; levels that reach into each other count none twice."""
    counted: Mask = np.zeros(len(log_pe), dtype=bool)
    for level in levels:
        if level.count:
            counted |= (log_pe >= level.log10_low) & (log_pe <= level.log10_high)
    return int(counted.sum())


def _level(log_pe: Array, tooth: float, width: float) -> Level:
    near = log_pe[np.abs(log_pe - tooth) <= min(REACH, width)]
    if len(near) == 0:
        return Level(mfi=10**tooth, count=0, cv=0.0, log10_low=tooth, log10_high=tooth)
    centre = estimate_density(near, bandwidth=BANDWIDTH).mode
    around = log_pe[np.abs(log_pe - centre) <= width]
    kept = around
    for _ in range(ROUNDS):
        centre = float(np.median(kept))
        reach = max(DEVIATIONS * scaled_mad(kept, centre), 1e-6)
        kept = around[np.abs(around - centre) <= reach]
    linear = 10**kept
    return Level(
        mfi=float(10 ** kept.mean()),
        count=len(kept),
        cv=float(linear.std() / linear.mean()),
        log10_low=float(kept.min()),
        log10_high=float(kept.max()),
    )
