"""The design of a regression: named columns, one row per participant.

Words become indicator columns named `column=word`, the first word in alphabetical order being the
reference. A column that the others already say (a covariate without spread, an empty arm) has no
coefficient of its own: it is refused by name, as no software's silent choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from immunosep.errors import AnalysisError

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

INTERCEPT = "(Intercept)"
_REPEATS = 1e-9  # of a column's length: what is left of one that the columns before it repeat


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """A matrix, one row per participant, and the name of each of its columns."""

    names: tuple[str, ...]
    matrix: Array

    def column(self, name: str) -> Array:
        """The column of this name."""
        found: Array = self.matrix[:, self.names.index(name)]
        return found

    def replaced(self, name: str, value: float) -> "Design":
        """The same participants, had they all `value` in this column."""
        matrix = self.matrix.copy()
        matrix[:, self.names.index(name)] = value
        return Design(names=self.names, matrix=matrix)


def design_of(
    covariates: Mapping[str, ArrayLike], *, rows: int, subject: str, intercept: bool = True
) -> Design:
    """The design of these columns, each of `rows` values; AnalysisError says all that is wrong."""
    columns = {INTERCEPT: np.ones(rows)} if intercept else {}
    for name, values in covariates.items():
        columns |= _columns(name, np.asarray(values))
    problems = _malformed(columns, rows)
    if problems:
        raise AnalysisError(subject, problems)
    matrix = np.column_stack(list(columns.values())) if columns else np.empty((rows, 0))
    design = Design(names=tuple(columns), matrix=matrix)
    problems = _repeated(design, intercept=intercept)
    if problems:
        raise AnalysisError(subject, problems)
    return design


def as_numbers(values: ArrayLike) -> Array:
    """These values as an array of floats."""
    return np.asarray(values, dtype=np.float64)


def as_mask(values: ArrayLike) -> Mask:
    """These yes-or-no values as an array of truth values."""
    return np.asarray(values).astype(np.bool_)


def _columns(name: str, values: NDArray[np.generic]) -> dict[str, Array]:
    if values.dtype.kind not in "OUS":
        return {name: values.astype(np.float64)}
    words = np.asarray(values, dtype=str)
    return {f"{name}={word}": (words == word).astype(np.float64) for word in sorted(set(words))[1:]}


def _malformed(columns: Mapping[str, Array], rows: int) -> list[str]:
    problems = []
    for name, values in columns.items():
        if values.shape != (rows,):
            problems.append(f"{name} has {len(values)} values; expected one for each of {rows}")
        elif not np.isfinite(values).all():
            count = int((~np.isfinite(values)).sum())
            problems.append(f"{name} lacks {count} values: impute them or leave those rows out")
    return problems


def _repeated(design: Design, *, intercept: bool) -> list[str]:
    centred = design.matrix if intercept else design.matrix - design.matrix.mean(axis=0)
    lengths = np.linalg.norm(design.matrix, axis=0)
    left = np.abs(np.diag(np.linalg.qr(centred, mode="r")))
    left = np.pad(left, (0, len(design.names) - len(left)))
    return [
        f"{name} says nothing the columns before it do not (it may be the same for everyone): "
        "leave it out"
        for name, length, rest in zip(design.names, lengths, left, strict=True)
        if rest <= _REPEATS * length
    ]
