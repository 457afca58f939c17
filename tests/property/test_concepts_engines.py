"""Every concept answers alike on every engine, for the patients its spec test draws."""

from typing import Any

import pyarrow as pa
import pytest

from immunosep.concepts import cockcroft_gault, hscore, isth_dic, mas_2016, snapshot, sofa2
from tests.spec import (
    test_cockcroft_gault,
    test_hscore,
    test_isth_dic,
    test_mas_2016,
    test_sofa,
    test_sofa_2,
)
from tests.spec.drawn import Row, answers

SOFA_2_DRAWN = [
    row
    for drawn in (
        test_sofa_2.BRAIN,
        test_sofa_2.RESPIRATORY,
        test_sofa_2.CARDIOVASCULAR,
        test_sofa_2.LIVER,
        test_sofa_2.KIDNEY,
        test_sofa_2.HAEMOSTASIS,
        test_sofa_2.WHOLE,
    )
    for row in test_sofa_2.named(drawn)
]
SOFA_DRAWN = [test_sofa.patient(row) for row in (*test_sofa.VECTORS, *test_sofa.BOUNDS)]
HSCORE_DRAWN = test_hscore.named([*test_hscore.WORKED, *test_hscore.MISSING])

CONCEPTS: dict[str, tuple[Any, Any, list[Row]]] = {
    "SOFA": (snapshot.derive_snapshot, snapshot.PATIENTS, SOFA_DRAWN),
    "SOFA-2": (sofa2.derive_sofa2, sofa2.PATIENTS, SOFA_2_DRAWN),
    "HScore": (hscore.derive_hscore, hscore.PATIENTS, HSCORE_DRAWN),
    "DIC": (isth_dic.derive_isth_dic, isth_dic.PATIENTS, test_isth_dic.TABLE),
    "MAS": (mas_2016.derive_mas_2016, mas_2016.PATIENTS, test_mas_2016.TABLE),
    "Cockcroft-Gault": (
        cockcroft_gault.derive_creatinine_clearance,
        cockcroft_gault.PATIENTS,
        test_cockcroft_gault.TABLE,
    ),
}


@pytest.mark.parametrize("concept", CONCEPTS)
def test_concept_answers_alike_on_every_engine(concept, engine):
    derive, of, drawn = CONCEPTS[concept]
    schema = of.schema()
    given = [{name: row.get(name) for name in schema.names} for row in drawn]
    bound = engine.table(pa.Table.from_pylist(given, schema=schema.to_pyarrow()), of.get_name())
    found = engine.to_pyarrow(derive(bound)).to_pylist()
    assert found == answers(derive, drawn, of=of)
