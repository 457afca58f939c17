"""The name of SOFA's rule: it changes with the rule, and with nothing else."""

import ibis
import pytest

from immunosep.concepts import snapshot as snapshots
from immunosep.concepts import sofa
from immunosep.concepts.snapshot import PATIENTS, derive_snapshot
from immunosep.concepts.sofa_version import ALGORITHM, RULE, SCORED, rule_digest
from immunosep.concepts.steps import points_below

NAMED = "SOFA 1996 (Vincent), immunosep d150e68554f5"


def digest() -> str:
    return rule_digest(derive_snapshot(PATIENTS), SCORED)


def test_algorithm_is_the_one_that_scores_were_made_by():
    """Where this fails, the rule was changed: say so in the changelog, and name the new version."""
    assert ALGORITHM == NAMED


def test_digest_is_the_same_when_made_again():
    assert digest() == RULE


def test_digest_changes_with_a_limit(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sofa, "coagulation", lambda n: points_below(n, (20, 4), (50, 3), (101, 2)))
    assert digest() != RULE


def test_digest_changes_with_what_a_missing_part_counts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sofa, "WORST_COMPONENT", 3)
    assert digest() != RULE


def test_digest_does_not_change_with_another_column(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(snapshots, "_hours", lambda seconds: seconds.cast("float64") / 60)
    assert digest() == RULE


def test_digest_tells_columns_and_types_apart():
    table = ibis.table({"a": "int64", "b": "float64"}, name="t")
    one, other = (table.select(x=column + 1) for column in (table.a, table.b))
    assert rule_digest(one, ("x",)) != rule_digest(other, ("x",))
