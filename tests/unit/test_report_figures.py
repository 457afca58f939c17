"""What the figures stand on: the limits of a trial's rules, and where a value lies on an axis."""

import ibis
import pytest

from immunosep.concepts.snapshot import snapshot
from immunosep.protocol import Criterion, ImmuneState, Trial
from immunosep.protocol.limits import numbers_compared
from immunosep.report.drawing import canvas, panel, printable
from immunosep.report.labels import EDGE, Marked, places
from immunosep.report.scales import brief_number, scale_of
from immunosep.screening.assess import Verdict
from immunosep.tables.dictionary import COLUMNS
from immunosep.trials import find_trial

FERRITIN = COLUMNS["ferritin_ng_ml"]


def test_limits_are_those_of_the_trial() -> None:
    found = {c.name: limits for c, limits in numbers_compared(find_trial("immunosep"))}
    assert found == {"ferritin_ng_ml": (4420.0,), "hla_dr_per_monocyte": (5000.0,)}


def test_limits_are_found_on_either_side_of_a_comparison() -> None:
    rule = (ibis.literal(2.5) < snapshot.bilirubin_mg_dl) & (snapshot.sex == "male")
    state = ImmuneState("liver", "Liver", rule, limit="2.5", source="invented")
    adult = Criterion("adult", "An adult", snapshot.age_years >= 18, limit="18", source="invented")
    trial = Trial(id="own", title="Own", inclusion=(adult,), immune_states=(state,))
    assert [(c.name, limits) for c, limits in numbers_compared(trial)] == [
        ("bilirubin_mg_dl", (2.5,))
    ]


def test_axis_holds_every_value_and_room_beyond_the_limits() -> None:
    scale = scale_of(FERRITIN, (4420.0,), [30.0, None, 15000.0])
    assert scale.log
    assert scale.low <= 30
    assert scale.high >= 4 * 4420


@pytest.mark.parametrize(("value", "share"), [(0.0, 0.0), (1e9, 1.0)])
def test_value_beyond_an_axis_is_drawn_at_its_end(value: float, share: float) -> None:
    assert scale_of(FERRITIN, (4420.0,), []).share(value) == share


def test_share_and_value_undo_each_other() -> None:
    scale = scale_of(COLUMNS["gcs"], (8.0,), [3.0, 15.0])
    assert scale.value(scale.share(8.0)) == pytest.approx(8.0)


def test_value_on_a_limit_may_not_be_moved_off_it() -> None:
    scale = scale_of(FERRITIN, (4420.0,), [])
    on = scale.share(4420.0)
    assert scale.stretch(on) == (on, on)


def test_marks_that_coincide_are_moved_apart_but_not_across_a_limit() -> None:
    room = ((0.0, 0.5), (0.0, 1.0))
    mark = Marked(x=0.49, y=0.5, room=room, verdict=Verdict.ELIGIBLE, name="p")
    axes = panel(canvas(500, 500), left=0, right=0, top=0, bottom=0)
    points = places(axes, [mark] * 30, apart=True)
    assert len(set(points)) == 30
    assert max(x for x, _ in points) <= 250 - EDGE + 1e-6


@pytest.mark.parametrize(
    ("value", "said"), [(500, "500"), (1000, "1k"), (20_000, "20k"), (2e6, "2M")]
)
def test_number_beside_an_axis_is_brief(value: float, said: str) -> None:
    assert brief_number(value) == said


def test_text_that_turns_or_hides_is_made_visible() -> None:
    assert printable("a\u202eb\nc") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"


def test_long_text_is_cut_with_a_mark() -> None:
    assert printable("abcdef", longest=4) == "abc…"
