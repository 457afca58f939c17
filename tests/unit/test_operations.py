"""The lint of rules: what some engine gets wrong is refused, every concept passes."""

import ibis
import pytest

from immunosep.concepts import cockcroft_gault, hscore, isth_dic, mas_2016, sofa2
from immunosep.concepts.operations import check_operations
from immunosep.concepts.snapshot import PATIENTS, SNAPSHOT, derive_snapshot
from immunosep.errors import OperationError

EVENTS = ibis.table(
    {"stay_id": "int64", "at_s": "int64", "at": "timestamp", "word": "string", "value": "float64"},
    name="events",
)
OTHERS = ibis.table({"at_s": "int64", "rate": "float64"}, name="others")
STAY = ibis.window(group_by=EVENTS.stay_id, order_by=EVENTS.at_s)

REFUSED = {
    "last over a window": (EVENTS.value.last().over(STAY), "Last"),
    "last known over a window": (EVENTS.value.last(include_null=False).over(STAY), "Last"),
    "first over a window": (EVENTS.value.first().over(STAY), "First"),
    "epoch seconds": (EVENTS["at"].epoch_seconds(), "ExtractEpochSeconds"),
    "timestamp delta": (EVENTS["at"].delta(EVENTS["at"], unit="hour"), "TimestampDelta"),
    "timestamp difference": (EVENTS["at"] - EVENTS["at"], "TimestampDiff"),
    "cast of a timestamp": (EVENTS["at"].cast("int64"), "a cast of a time"),
    "now": (ibis.now(), "TimestampNow"),
    "hash": (EVENTS.word.hash(), "Hash"),
    "random": (ibis.random(), "RandomScalar"),
    "as-of join": (EVENTS.asof_join(OTHERS, on="at_s"), "an as-of join"),
    "pivot": (
        EVENTS.pivot_wider(id_cols="at_s", names_from="word", values_from="value", names=["a"]),
        "Arbitrary",
    ),
}

ALLOWED = {
    "comparison": SNAPSHOT.age_years >= 18,
    "inner join": EVENTS.join(OTHERS, EVENTS.at_s >= OTHERS.at_s),
    "filtered maximum": EVENTS.value.max(where=EVENTS.word == "map"),
    "range window on seconds": EVENTS.value.sum().over(
        ibis.range_window(
            group_by=EVENTS.stay_id, order_by=EVENTS.at_s, preceding=86400, following=0
        )
    ),
    "snapshot": derive_snapshot(PATIENTS),
    "SOFA-2": sofa2.derive_sofa2(sofa2.PATIENTS),
    "HScore": hscore.derive_hscore(hscore.PATIENTS),
    "DIC": isth_dic.derive_isth_dic(isth_dic.PATIENTS),
    "MAS": mas_2016.derive_mas_2016(mas_2016.PATIENTS),
    "Cockcroft-Gault": cockcroft_gault.derive_creatinine_clearance(cockcroft_gault.PATIENTS),
}


@pytest.mark.parametrize(("rule", "named"), REFUSED.values(), ids=REFUSED)
def test_operation_an_engine_gets_wrong_is_refused_by_name(rule, named):
    with pytest.raises(OperationError, match=f"rule 'mine' uses {named}"):
        check_operations(rule, name="mine")


def test_operations_refused_together_are_all_named():
    rule = EVENTS.mutate(a=EVENTS.word.hash(), b=EVENTS["at"].epoch_seconds())
    with pytest.raises(OperationError, match=r"uses ExtractEpochSeconds, Hash; .*these alike"):
        check_operations(rule, name="mine")


@pytest.mark.parametrize("rule", ALLOWED.values(), ids=ALLOWED)
def test_operation_every_engine_answers_alike_is_allowed(rule):
    check_operations(rule, name="mine")


@pytest.mark.parametrize("scaled", [EVENTS.at_s / 3600.0, EVENTS.at_s * 0.5])
def test_operations_refuse_a_whole_number_scaled_by_a_decimal(scaled):
    with pytest.raises(OperationError, match="over a decimal"):
        check_operations(EVENTS.select(x=scaled), name="mine")


def test_operations_accept_a_whole_number_scaled_as_a_float():
    check_operations(EVENTS.select(x=EVENTS.at_s.cast("float64") / 3600), name="mine")
