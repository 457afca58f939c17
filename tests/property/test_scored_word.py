"""The word of a day's scores says the worst of each component, as a list of them would."""

from typing import Any

import ibis
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from immunosep.concepts import scored_word
from immunosep.concepts.sofa import COMPONENTS

SCORES = ibis.table({"component": "string", "points": "int64"}, name="scores")
CHARTED = ibis.table({"hr": "int64", "volume_ml": "float64"}, name="charted")
WORD = {name: scored_word.of_points(SCORES.points, name) for name in COMPONENTS}


def answer(question: Any, rows: pa.Table, about: Any) -> list[dict[str, Any]]:
    engine = ibis.duckdb.connect()
    bound = engine.create_table(about.get_name(), rows)
    found: list[dict[str, Any]] = engine.to_pyarrow(
        question.op().replace({about.op(): bound.op()}).to_expr()
    ).to_pylist()
    return found


scores = st.lists(
    st.tuples(st.sampled_from(COMPONENTS), st.none() | st.integers(0, 4)), min_size=1, max_size=30
)


@given(scored=scores)
def test_a_word_holds_the_worst_points_of_each_component(scored: list[tuple[str, int]]) -> None:
    word = ibis.cases(*((SCORES.component == name, WORD[name]) for name in COMPONENTS))
    day = SCORES.agg(word=scored_word.bit_or(word))
    question = day.select(**{n: scored_word.points_of(day.word, n) for n in COMPONENTS})
    rows = pa.Table.from_pylist(
        [{"component": name, "points": points} for name, points in scored],
        schema=SCORES.schema().to_pyarrow(),
    )
    (found,) = answer(question, rows, SCORES)
    assert found == {name: worst(scored, name) for name in COMPONENTS}


def worst(scored: list[tuple[str, int]], component: str) -> int | None:
    known = [points for name, points in scored if name == component and points is not None]
    return max(known, default=None)


@given(now=st.integers(0, 200), ago=st.lists(st.integers(0, 23), max_size=6))
def test_a_word_knows_in_which_third_of_the_day_urine_was_charted(now: int, ago: list[int]) -> None:
    day = CHARTED.agg(
        word=scored_word.bit_or(scored_word.of_urine(CHARTED.volume_ml, CHARTED.hr)),
        hr=CHARTED.hr.max(),
    )
    thirds = scored_word.urine_charted_in_thirds(day.word, day.hr)
    question = day.select(**{str(at): third.fill_null(False) for at, third in enumerate(thirds)})
    rows = pa.table({"hr": [now, *(now - h for h in ago)], "volume_ml": [None, *[0.0] * len(ago)]})
    (found,) = answer(question, rows.cast(CHARTED.schema().to_pyarrow()), CHARTED)
    assert list(found.values()) == [any(h // 8 == third for h in ago) for third in range(3)]
