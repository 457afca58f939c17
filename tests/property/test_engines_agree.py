"""The same criteria on every engine: DuckDB row by row and in bulk, and Spark."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from immunosep.screening.assess import assess, derive_assessment
from immunosep.trials import TRIALS
from tests.property.invented import patients, table_of


@pytest.mark.parametrize("trial_id", sorted(TRIALS))
@settings(max_examples=6)
@given(rows=st.lists(patients(), min_size=8, max_size=8))
def test_an_assessment_is_the_same_on_every_engine(
    engine: Any, trial_id: str, rows: list[dict[str, Any]]
) -> None:
    numbered = [row | {"patient_id": f"{at:03}"} for at, row in enumerate(rows)]
    patients_table = engine.table(table_of(numbered), "patients_drawn")
    question = derive_assessment(TRIALS[trial_id], patients_table)
    answer = engine.to_pyarrow(question).sort_by("patient_id").to_pylist()
    assert answer == assess(TRIALS[trial_id], table_of(numbered)).to_pylist()
