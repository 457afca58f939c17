"""Which events are monocytes: by scatter, CD45 and CD14, never by HLA-DR.

A gate that looked at HLA-DR would decide the answer it is to measure. In order: events at the edge
of a detector's range are set aside, then doublets, then events without CD45; among what is less
granular than the granulocytes, the last valley of CD14 parts off the monocytes; an ellipse that
holds 99 % of them in CD14 and side scatter is the gate. Without such a valley there is no gate, and
no number: a cut placed by hand would call any cells monocytes.

CD14 and CD45 are read on an inverse hyperbolic sine, linear near zero and logarithmic above, as
compensation leaves values below zero.
"""

from dataclasses import dataclass

import numpy as np

from immunosep.cytometry.channels import Roles
from immunosep.cytometry.density import Array, Density, estimate_density, scaled_mad
from immunosep.cytometry.ellipse import Ellipse, Mask, find_ellipse
from immunosep.cytometry.tubes import Tube

COFACTOR = 150 / 2**18  # of full scale, so that a file of four decades keeps its valleys
BANDWIDTH = 0.18  # of an inverse hyperbolic sine
SSC_BANDWIDTH = 0.04  # decades
PEAK_SHARE, PEAK_EVENTS, DIP = 0.002, 6.0, 0.7
SSC_SHARE = 0.1  # a population counts as granulocytes from so much of the highest peak
DEBRIS = 0.1  # of the brighter cells' CD45: a valley above parts kinds of leukocytes
MARGIN = 0.98  # of full scale
SINGLET_DEVIATIONS = 4
SECOND_CUT = 0.25  # of the way from the cut to the monocytes' peak


@dataclass(frozen=True, kw_only=True, eq=False)
class Gate:
    """Who is where in one tube. Every mask has one entry an event of the tube.

    `cd14_cut` is None where CD14 parts off no population, and then `monocytes` is empty.
    """

    inside_range: Mask
    singlets: Mask | None
    leukocytes: Mask | None
    candidates: Mask
    cd14: Array
    log_ssc: Array
    ssc_bound: float | None
    cd14_cut: float | None
    cd14_mode: float | None
    ellipse: Ellipse | None
    monocytes: Mask
    at_margin: float
    not_finite: float


def gate_monocytes(tube: Tube, roles: Roles) -> Gate:
    """The gate of a patient tube whose values are compensated."""
    inside, not_finite = _inside_range(tube, roles)
    singlets = find_singlets(tube, roles, among=inside)
    kept = inside if singlets is None else singlets
    leukocytes = _leukocytes(tube, roles, among=kept)
    kept = kept if leukocytes is None else leukocytes
    cofactor = COFACTOR * tube.full_scale(roles.cd14)
    cd14 = tube.values(roles.cd14)
    np.arcsinh(np.divide(cd14, cofactor, out=cd14), out=cd14)
    log_ssc = tube.values(roles.ssc)
    kept = kept & (log_ssc > 0)
    np.log10(np.maximum(log_ssc, 1e-9, out=log_ssc), out=log_ssc)
    bound = _below_granulocytes(log_ssc[kept])
    cut, mode = _cd14_cut(cd14, log_ssc, kept, bound)
    if cut is not None and bound is not None and _bright_above(cd14, log_ssc, kept, bound, cut):
        bound = None  # no granulocytes: the most granular cells are the monocytes
        cut, mode = _cd14_cut(cd14, log_ssc, kept, bound)
    ellipse, found = _monocytes(cd14, log_ssc, kept, bound, cut)
    return Gate(
        inside_range=inside,
        singlets=singlets,
        leukocytes=leukocytes,
        candidates=kept,
        cd14=cd14,
        log_ssc=log_ssc,
        ssc_bound=bound,
        cd14_cut=None if ellipse is None else cut,
        cd14_mode=mode,
        ellipse=ellipse,
        monocytes=found,
        at_margin=_share_at_margin(inside, cd14, log_ssc, found, ellipse, cut),
        not_finite=not_finite,
    )


def move_cut(gate: Gate, share: float) -> Mask:
    """The monocytes if the CD14 cut stood elsewhere, by a share of the way to their peak."""
    assert gate.cd14_cut is not None
    assert gate.cd14_mode is not None
    cut = gate.cd14_cut + share * (gate.cd14_mode - gate.cd14_cut)
    return _monocytes(gate.cd14, gate.log_ssc, gate.candidates, gate.ssc_bound, cut)[1]


def find_singlets(tube: Tube, roles: Roles, *, among: Mask) -> Mask | None:
    """Events whose height goes with their area, or whose width is that of the most.

    Two cells that pass together are as high as one, and wider. None where neither was stored.
    """
    if roles.fsc_area and roles.fsc_height:
        area, height = tube.stored(roles.fsc_area), tube.stored(roles.fsc_height)
        usable = among & (area > 0) & (height > 0)
        shape = np.log(height, where=usable, out=np.full(len(area), np.nan))
        shape -= np.log(area, where=usable, out=np.zeros(len(area)))
    elif roles.fsc_width:
        width = tube.stored(roles.fsc_width)
        usable = among & (width > 0)
        shape = np.log(width, where=usable, out=np.full(len(width), np.nan))
    else:
        return None
    if not usable.any():
        return usable
    centre = float(np.median(shape[usable]))
    reach = SINGLET_DEVIATIONS * scaled_mad(shape[usable], centre)
    kept: Mask = np.abs(shape - centre) <= reach + 1e-9
    return kept


def _inside_range(tube: Tube, roles: Roles) -> tuple[Mask, float]:
    """Events within every detector's range, and the share of events that lack a number."""
    numbers: Mask = np.ones(tube.events, dtype=bool)
    inside = numbers.copy()
    edged = (roles.fsc, roles.ssc, roles.cd14, roles.hla_dr)
    for name in dict.fromkeys(dye for role in roles.used for dye in tube.detectors(role)):
        values = tube.stored(name)
        numbers &= np.isfinite(values)
        if name in edged:
            inside &= values < MARGIN * tube.full_scale(name)
    return inside & numbers, 1 - float(numbers.mean()) if tube.events else 1.0


def _leukocytes(tube: Tube, roles: Roles, *, among: Mask) -> Mask | None:
    """Events with CD45: above the first valley, where that parts off debris."""
    if roles.cd45 is None:
        return None
    cofactor = COFACTOR * tube.full_scale(roles.cd45)
    bright = np.arcsinh(tube.values(roles.cd45) / cofactor)
    if not among.any():
        return among
    seen = bright[among]
    density = estimate_density(seen, bandwidth=BANDWIDTH)
    valleys = density.valleys(density.peaks(share=PEAK_SHARE, events=PEAK_EVENTS, dip=DIP))
    most = np.arcsinh(DEBRIS * np.sinh(np.quantile(seen, 0.9)))
    below = [density.grid[at] for at in valleys if density.grid[at] < most]
    return among & (bright > below[0]) if below else among


def _below_granulocytes(log_ssc: Array) -> float | None:
    """One standard deviation below the mode of the most granular population."""
    if len(log_ssc) == 0:
        return None
    density = estimate_density(log_ssc, bandwidth=SSC_BANDWIDTH)
    peaks = density.peaks(share=SSC_SHARE, dip=DIP)
    mode = float(density.grid[peaks[-1]]) if peaks else density.mode
    above = log_ssc[log_ssc >= mode]
    return mode - scaled_mad(above, mode) if len(above) else mode


def _cd14_cut(
    cd14: Array, log_ssc: Array, kept: Mask, bound: float | None
) -> tuple[float | None, float | None]:
    """The last valley of CD14 and the peak above it."""
    seen = cd14[kept if bound is None else kept & (log_ssc < bound)]
    if len(seen) == 0:
        return None, None
    density: Density = estimate_density(seen, bandwidth=BANDWIDTH)
    peaks = density.peaks(share=PEAK_SHARE, events=PEAK_EVENTS, dip=DIP)
    valleys = density.valleys(peaks)
    if not valleys:
        return None, None
    return float(density.grid[valleys[-1]]), float(density.grid[peaks[-1]])


def _bright_above(cd14: Array, log_ssc: Array, kept: Mask, bound: float, cut: float) -> bool:
    granular = cd14[kept & (log_ssc >= bound)]
    return len(granular) > 0 and float(np.mean(granular > cut)) > 0.5


def _monocytes(
    cd14: Array, log_ssc: Array, kept: Mask, bound: float | None, cut: float | None
) -> tuple[Ellipse | None, Mask]:
    none: Mask = np.zeros(len(cd14), dtype=bool)
    if cut is None:
        return None, none
    above = kept & (cd14 > cut)
    core = above if bound is None else above & (log_ssc < bound)
    if not core.any():
        return None, none
    start = np.array([_mode(cd14[core], BANDWIDTH), _mode(log_ssc[core], SSC_BANDWIDTH)])
    ellipse = find_ellipse(np.stack([cd14[above], log_ssc[above]], axis=1), start=start)
    if ellipse is None:
        return None, none
    none[above] = ellipse.holds(np.stack([cd14[above], log_ssc[above]], axis=1))
    return ellipse, none


def _mode(values: Array, bandwidth: float) -> float:
    return estimate_density(values, bandwidth=bandwidth).mode


def _share_at_margin(
    inside: Mask,
    cd14: Array,
    log_ssc: Array,
    found: Mask,
    ellipse: Ellipse | None,
    cut: float | None,
) -> float:
    """Of the monocytes, the share set aside for lying at the edge of a detector's range."""
    if ellipse is None or cut is None:
        return 0.0
    high = float(ellipse.outline()[:, 1].max())
    low = float(ellipse.outline()[:, 1].min())
    lost = ~inside & (cd14 > cut) & (log_ssc >= low) & (log_ssc <= high)
    return float(lost.sum()) / max(1, int(lost.sum()) + int(found.sum()))
