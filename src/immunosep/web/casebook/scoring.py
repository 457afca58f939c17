"""The score of a day's page: SOFA from what is entered, by the one definition there is.

The parts come from `concepts.snapshot`, as at screening; a part whose values are missing leaves the
score between its lowest and its highest. Beside it stands by which version of the rule.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa

from immunosep.concepts.snapshot import INPUTS_OF, PATIENTS, derive_snapshot
from immunosep.concepts.sofa import COMPONENTS
from immunosep.concepts.sofa_version import ALGORITHM
from immunosep.languages import say
from immunosep.protocol.casebook import CaseForm
from immunosep.sources.prepared import prepare
from immunosep.tables.dictionary import SOFA_INPUTS
from immunosep.web.casebook.values import row_of

STATUS, PRESENT = "day_status", "present"
PARTS = tuple(f"sofa_{part}" for part in COMPONENTS)
_SCORED = {column.name for column in SOFA_INPUTS}
_SCHEMA: pa.Schema = PATIENTS.schema().to_pyarrow()


@dataclass(frozen=True, kw_only=True)
class Score:
    """SOFA of one page: its parts, None where not known, and the bounds of the whole."""

    parts: Mapping[str, int | None]
    lowest: int
    highest: int
    algorithm: str = ALGORITHM

    @property
    def is_known(self) -> bool:
        """Whether nothing is missing that could change it."""
        return self.lowest == self.highest

    @property
    def text(self) -> str:
        """The score, or between which it lies."""
        if self.is_known:
            return str(self.lowest)
        return say("between {lowest} and {highest}", lowest=self.lowest, highest=self.highest)

    def in_the_trail(self) -> dict[str, Any]:
        """What the audit trail keeps: the score as it was, and the version of its rule."""
        return {
            "sofa_lowest": self.lowest,
            "sofa_highest": self.highest,
            "algorithm": self.algorithm,
        }


def has_score(form: CaseForm) -> bool:
    """Whether a form asks for every organ of the score."""
    needed = [INPUTS_OF[part] for part in PARTS]
    return all(any(name in form.columns for name in inputs) for inputs in needed)


def score_of(values: Mapping[str, Any]) -> Score | None:
    """The score of one page's values; none where no organ is known, or nobody was there."""
    return scores_of([values])[0]


def scores_of(pages: Iterable[Mapping[str, Any]]) -> list[Score | None]:
    """The scores of many pages, in one evaluation."""
    rows = [_inputs(values) for values in pages]
    if not rows:
        return []
    answers = _prepared()(pa.Table.from_pylist(rows, schema=_SCHEMA)).to_pylist()
    return [_score(answer) for answer in answers]


def _inputs(values: Mapping[str, Any]) -> dict[str, Any]:
    if values.get(STATUS, PRESENT) != PRESENT:
        return {}
    return row_of({name: stored for name, stored in values.items() if name in _SCORED})


def _score(answer: Mapping[str, Any]) -> Score | None:
    parts = {part: answer[f"sofa_{part}"] for part in COMPONENTS}
    if all(points is None for points in parts.values()):
        return None
    return Score(parts=parts, lowest=answer["sofa_lowest"], highest=answer["sofa_highest"])


@cache
def _prepared() -> Callable[[pa.Table], pa.Table]:
    derived = derive_snapshot(PATIENTS)
    return prepare(derived.select(*PARTS, "sofa_lowest", "sofa_highest"), about=PATIENTS)
