"""Whatever the ratio and the blocks: a sequence keeps to them, and is read as it was written."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from immunosep.randomisation.blocks import first_misfit, is_out_of_ratio
from immunosep.randomisation.code import Purpose, list_bytes
from immunosep.randomisation.lists import Expected, parse_list
from immunosep.randomisation.random_stream import streams_of
from immunosep.randomisation.sequence import Specification, draw_sequence
from tests.unit.sealed_list import PLAN

SEEDS = st.binary(min_size=16, max_size=32)


@st.composite
def specifications(draw):
    ratio = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    copies = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True))
    names = draw(
        st.lists(st.sampled_from(["north", "south, east", "west/a"]), min_size=1, unique=True)
    )
    return Specification(
        ratio={f"arm {at}": share for at, share in enumerate(ratio)},
        block_sizes=tuple(sum(ratio) * copy for copy in copies),
        slots={name: draw(st.integers(1, 80)) for name in names},
    )


@given(specifications(), SEEDS)
def test_every_stratum_fits_its_blocks(specification, seed):
    slots = draw_sequence(specification, draw_for=streams_of(seed))
    rules = {"ratio": specification.ratio, "block_sizes": specification.block_sizes}
    for stratum in specification.strata:
        arms = [slot.arm for slot in slots if slot.stratum == stratum]
        assert len(arms) == specification.slots[stratum]
        assert first_misfit(arms, **rules) is None
        assert not is_out_of_ratio(arms, **rules)


@given(specifications(), SEEDS)
def test_a_list_is_read_as_it_was_written(specification, seed):
    slots = draw_sequence(specification, draw_for=streams_of(seed))
    plan = replace(PLAN, ratio=specification.ratio, block_sizes=specification.block_sizes)
    expected = Expected(trial="mine", purpose=Purpose.TEST, plan=plan, strata=specification.strata)
    written = list_bytes(slots, trial="mine", purpose=Purpose.TEST)
    assert parse_list(written, name="list.csv", expected=expected) == slots


@given(specifications(), st.integers(0, 2**32))
def test_a_simulation_draws_from_the_same_code(specification, seed):
    generator = np.random.default_rng(seed)
    slots = draw_sequence(
        specification, draw_for=lambda _: lambda below: int(generator.integers(below))
    )
    assert len(slots) == sum(specification.slots.values())


@given(specifications(), SEEDS, st.data())
def test_one_exchanged_arm_is_seen_unless_another_block_could_hold_it(specification, seed, data):
    slots = draw_sequence(specification, draw_for=streams_of(seed))
    stratum = specification.strata[0]
    arms = [slot.arm for slot in slots if slot.stratum == stratum]
    at = data.draw(st.integers(0, len(arms) - 1))
    other = data.draw(st.sampled_from([arm for arm in specification.ratio if arm != arms[at]]))
    size = max(specification.block_sizes)
    whole = len(arms) >= at + 2 * size and len(specification.block_sizes) == 1
    arms[at] = other
    misfit = first_misfit(arms, ratio=specification.ratio, block_sizes=specification.block_sizes)
    assert not whole or misfit is not None
