"""A difference is empty if, and only if, the digests are equal: nothing changes unsaid."""

from itertools import islice

import pytest

from immunosep.protocol import Trial
from immunosep.protocol.difference import difference_of
from immunosep.trials import TRIALS
from tests.property.test_trial_digest import changes


def _unsaid(trial: Trial, *, step: int) -> list[str]:
    some = islice(changes(trial), 0, None, step)
    return [at for at, other in some if not difference_of(trial, other).changes]


@pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS)
def test_a_single_change_is_said(trial):
    assert _unsaid(trial, step=7) == []


@pytest.mark.slow
@pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS)
def test_each_single_change_is_said(trial):
    assert _unsaid(trial, step=1) == []


@pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS)
def test_each_sentence_says_another_thing_than_its_reverse(trial):
    """What was added one way was removed the other way: neither side is lost."""
    for _, other in list(changes(trial))[::40]:
        there, back = difference_of(trial, other), difference_of(other, trial)
        assert [c.sentence for c in there.changes] != [c.sentence for c in back.changes]
