"""The spillover matrix a file carries: how much of each dye's light every detector sees.

`$SPILLOVER` (FCS 3.1) and `SPILL` (BD, FCS 3.0) read "n, n names, n x n numbers", a row a dye. The
`$COMP` of FCS 3.0 has no names, and the standard does not say whether it holds the spillover or its
inverse; it is followed only where it is the identity, which is both.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from immunosep.cytometry.fcs import limits
from immunosep.cytometry.fcs.channels import Channel
from immunosep.cytometry.fcs.numbers import decimal, whole
from immunosep.cytometry.fcs.text import Keywords

KEYWORDS = ("$SPILLOVER", "SPILL")
WITHOUT_NAMES = "$COMP"
MOST_COMMAS = limits.SPILLOVER_CHANNELS * (limits.SPILLOVER_CHANNELS + 1)
UNIT = 1e-3  # what rounding leaves of a diagonal of 1
Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Spillover:
    """Row i, column j: what detector j sees of the dye of channel i, as a share of what i sees."""

    names: tuple[str, ...]
    matrix: Matrix


def parse_spillover(
    keywords: Keywords, channels: tuple[Channel, ...]
) -> tuple[Spillover | None, str]:
    """The matrix, and why it cannot be used; None and no reason where the file carries none."""
    found: list[Spillover] = []
    for name in KEYWORDS:
        if name not in keywords:
            continue
        parsed = _parse(keywords[name], {channel.name for channel in channels})
        if isinstance(parsed, str):
            return None, f"{name} cannot be used: {parsed}"
        found.append(parsed)
    if not found:
        return None, _without_names(keywords, len(channels))
    if any(not _same(found[0], other) for other in found[1:]):
        return None, f"{' and '.join(KEYWORDS)} differ; expected one matrix"
    return found[0], ""


def _parse(value: str, known: set[str]) -> Spillover | str:
    if value.count(",") > MOST_COMMAS:
        return f"it has more than {limits.SPILLOVER_CHANNELS} channels"
    parts = [part.strip() for part in value.split(",")]
    size = whole(parts[0])
    if size is None or not 1 <= size <= limits.SPILLOVER_CHANNELS:
        return f"it does not begin with its size, 1 to {limits.SPILLOVER_CHANNELS}"
    expected = 1 + size + size**2
    if len(parts) != expected:
        return f"it has {len(parts)} parts, expected {expected} for {size} channels"
    names = tuple(parts[1 : 1 + size])
    if len(set(names)) < size or not set(names) <= known:
        return "it names a channel twice, or one that the file does not have"
    matrix = _matrix(parts[1 + size :], size)
    return matrix if isinstance(matrix, str) else Spillover(names, matrix)


def _matrix(parts: list[str], size: int) -> Matrix | str:
    numbers = [decimal(part) for part in parts]
    if None in numbers:
        return "a part of the matrix is not a finite number"
    matrix = np.array(numbers, dtype=np.float64).reshape(size, size)
    matrix.flags.writeable = False
    if not _may_be_inverted(matrix):
        return "it is singular, or nearly"
    if not np.allclose(np.diag(matrix), 1.0, rtol=0, atol=UNIT):
        return "its diagonal is not 1; expected shares of what each dye's own detector sees"
    return matrix


def _may_be_inverted(matrix: Matrix) -> bool:
    try:
        with np.errstate(all="ignore"):
            return bool(np.linalg.cond(matrix) < limits.SPILLOVER_CONDITION)
    except np.linalg.LinAlgError:  # pragma: no cover - the search for singular values gave up
        return False


def _same(one: Spillover, other: Spillover) -> bool:
    return one.names == other.names and np.array_equal(one.matrix, other.matrix)


def _without_names(keywords: Keywords, channels: int) -> str:
    value = keywords.get(WITHOUT_NAMES, "").strip()
    if not value or value.count(",") > limits.CHANNELS**2:
        return f"{WITHOUT_NAMES} cannot be used: it is too long" if value else ""
    size, *numbers = [decimal(part) for part in value.split(",")]
    identity = np.eye(channels).ravel().tolist()
    if size == channels and numbers == identity:
        return ""
    return (
        f"{WITHOUT_NAMES} cannot be used: FCS 3.0 does not say whether it is a spillover matrix or "
        "its inverse; export the file as FCS 3.1 with $SPILLOVER"
    )
