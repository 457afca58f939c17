"""A pair of tubes measured: the number, and what each fault of a tube leads to."""

import tracemalloc
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from immunosep.cytometry.fcs import Channel, FcsFile, read_fcs
from immunosep.cytometry.handling import FIXED_CV, Handling
from immunosep.cytometry.hla_dr import measure_hla_dr
from immunosep.cytometry.quality import Verdict
from immunosep.cytometry.tubes import Tube
from immunosep.errors import SourceError
from tests.invented_tubes import DYES, LOT, exact, exact_beads
from tests.unit.measured import LEAFLET, TODAY, WELL_HANDLED, beads, blood, failed, measured, number


def test_exact_tubes_give_their_answer(tmp_path):
    found = measured(tmp_path, exact(), exact_beads())
    assert number(found) == pytest.approx(4321, rel=0.01)
    assert found.calibration is not None
    assert found.calibration.line.slope == pytest.approx(1, abs=1e-6)
    assert failed(found) == {"compensation": "flag", "residual, largest": "flag"}


def test_clean_tubes_are_reported(tmp_path):
    found = measured(tmp_path, blood(), beads())
    assert found.verdict is Verdict.REPORT
    assert failed(found) == {}
    assert number(found) == pytest.approx(5000, rel=0.02)


def test_grey_result_has_the_limit_in_its_interval(tmp_path):
    result = measured(tmp_path, blood(), beads()).result
    assert result is not None
    assert result.interval_95 is not None
    assert result.interval_95[0] < 5000 < result.interval_95[1]
    assert result.grey


def test_clear_result_is_not_grey(tmp_path):
    result = measured(tmp_path, blood(abc=2000), beads()).result
    assert result is not None
    assert not result.grey
    assert result.probability_below == pytest.approx(1)


def test_spill_of_other_dyes_is_taken_out(tmp_path):
    spilt = measured(tmp_path, replace(blood(), spill=np.eye(3)), beads())
    assert number(spilt) == pytest.approx(6500, rel=0.05)
    assert failed(spilt) == {"compensation": "flag"}


@pytest.mark.parametrize(
    ("keywords", "name", "outcome"),
    [
        ({"CYT": "ANOTHER"}, "cytometer", "refuse"),
        ({"CYT": ""}, "cytometer", "refuse"),
        ({"DATE": "02-JAN-2026"}, "day", "flag"),
        ({"DATE": "05-JAN-2026"}, "day", "refuse"),
        ({"DATE": "yesterday"}, "day", "flag"),
        ({"DATE": ""}, "day", "refuse"),
        ({"P5V": "445"}, "HLA-DR voltage", "refuse"),
        ({"P5G": "1.4"}, "HLA-DR gain", "refuse"),
    ],
)
def test_settings_of_the_tubes_must_match(tmp_path, keywords, name, outcome):
    found = measured(tmp_path, blood(), beads().said(**keywords))
    assert failed(found)[name] == outcome


def test_what_neither_tube_tells_is_flagged(tmp_path):
    found = measured(tmp_path, *(tube.said(CYT="", DATE="") for tube in (blood(), beads())))
    assert failed(found) == {"cytometer": "flag", "day": "flag"}


def test_serial_numbers_and_area_scaling_are_compared_where_told(tmp_path):
    told = {"CYTSN": "1", "LASER1ASF": "1.1"}
    found = measured(tmp_path, blood().said(**told), beads().said(CYTSN="2", LASER1ASF="1.2"))
    assert failed(found)["serial number"] == "refuse"
    assert failed(found)["area scaling"] == "refuse"
    same = measured(tmp_path, blood().said(**told), beads().said(**told))
    assert failed(same) == {}


def test_a_day_written_another_way_is_the_same_day(tmp_path):
    assert failed(measured(tmp_path, blood(), beads().said(DATE="2026-01-01"))) == {}


def test_voltage_told_by_neither_tube_is_flagged(tmp_path):
    silent = [replace(tube, voltages={}) for tube in (blood(), beads())]
    assert failed(measured(tmp_path, *silent)) == {"HLA-DR voltage": "flag"}


def test_no_monocytes_give_no_number(tmp_path):
    found = measured(tmp_path, blood(monocytes=0), beads())
    assert found.verdict is Verdict.REFUSE
    assert found.result is None
    assert failed(found)["CD14 population"] == "refuse"
    assert found.as_json()["antibodies_bound_per_cell"] is None


def test_few_monocytes_are_flagged(tmp_path):
    assert failed(measured(tmp_path, blood(monocytes=500), beads())) == {"monocytes": "flag"}


@pytest.mark.parametrize("granulocytes", [0, 300])
def test_blood_without_granulocytes_is_gated_as_well(tmp_path, granulocytes):
    found = measured(tmp_path, blood(granulocytes=granulocytes), beads())
    assert failed(found) == {}
    assert number(found) == pytest.approx(5000, rel=0.02)


@pytest.mark.parametrize("decades", [-0.5, -1.0])
def test_dim_cd14_does_not_move_the_answer(tmp_path, decades):
    found = measured(tmp_path, blood(cd14_decades=decades), beads())
    assert number(found) == pytest.approx(5000, rel=0.03)


def test_debris_and_few_monocytes_do_not_move_the_answer(tmp_path):
    found = measured(tmp_path, blood(monocytes=400, debris=20_000), beads())
    assert failed(found) == {"monocytes": "flag"}
    assert number(found) == pytest.approx(5000, rel=0.03)


def test_drift_is_refused(tmp_path):
    found = measured(tmp_path, blood(drift=0.5), beads())
    assert failed(found) == {"drift of HLA-DR": "refuse"}


def test_a_file_without_time_is_flagged(tmp_path):
    found = measured(tmp_path, blood().without("Time"), beads())
    assert failed(found) == {"drift of HLA-DR": "flag"}


def test_a_file_without_heights_is_flagged(tmp_path):
    found = measured(tmp_path, blood(doublets=0.1).without("FSC-H"), beads())
    assert failed(found) == {"doublets": "flag"}
    assert number(found) == pytest.approx(5000, rel=0.03)


def test_width_parts_off_doublets_where_no_height_was_stored(tmp_path):
    tall = blood(doublets=0.1)
    width = tall.columns["FSC-A"] / tall.columns["FSC-H"]
    tube = replace(tall, columns=tall.columns | {"FSC-W": width})
    by_width = measured(tmp_path, tube.without("FSC-H"), beads())
    assert failed(by_width) == {}
    by_height = measured(tmp_path, tube.without("FSC-W"), beads())
    assert number(by_width) == pytest.approx(number(by_height), rel=1e-3)


def test_a_file_without_cd45_is_flagged(tmp_path):
    tube = blood(compensated=True).without("FITC-A")
    found = measured(tmp_path, tube, beads())
    assert failed(found) == {"CD45": "flag", "compensation": "flag"}
    assert number(found) == pytest.approx(5000, rel=0.02)


def test_values_compensated_elsewhere_are_flagged_and_left(tmp_path):
    names = {name: f"Comp-{name}" for name in DYES}
    tubes = []
    for tube in (blood(compensated=True), beads()):
        columns = {names.get(name, name): column for name, column in tube.columns.items()}
        stains = {names[name]: stain for name, stain in tube.stains.items()}
        voltages = {names.get(name, name): volt for name, volt in tube.voltages.items()}
        tubes.append(replace(tube, columns=columns, stains=stains, voltages=voltages))
    found = measured(tmp_path, *tubes)
    assert failed(found) == {"compensation": "flag"}
    assert number(found) == pytest.approx(5000, rel=0.02)


def test_a_matrix_that_cannot_be_used_is_refused(tmp_path):
    found = measured(tmp_path, blood().said(SPILLOVER="3,FITC-A,PE-A"), beads())
    assert failed(found)["compensation"] == "refuse"


@pytest.mark.parametrize("percent", ["2,FITC-A,PE-A,100,13,0.5,100", "2,FITC-A,PE-A,1,0,0,2"])
def test_a_matrix_that_would_rescale_the_cells_but_not_the_beads_is_refused(tmp_path, percent):
    found = measured(tmp_path, blood().said(SPILLOVER=percent), beads())
    assert failed(found)["compensation"] == "refuse"
    assert found.result is None


def test_a_matrix_that_leaves_hla_dr_out_is_flagged(tmp_path):
    tube = blood(compensated=True).said(SPILLOVER="2,FITC-A,PerCP-Cy5-5-A,1,0,0,1")
    assert failed(measured(tmp_path, tube, beads())) == {"compensation": "flag"}


def test_tubes_of_logarithmic_amplifiers_give_their_answer(tmp_path):
    files = blood().write_logarithmic(tmp_path / "p"), beads().write_logarithmic(tmp_path / "b")
    tubes = [read_fcs(path)[-1] for path in files]
    found = measure_hla_dr(*tubes, lot=LEAFLET, limit=5000, today=TODAY, handling=WELL_HANDLED)
    assert failed(found) == {}
    assert number(found) == pytest.approx(5000, rel=0.03)


@pytest.mark.parametrize("form", ["write", "write_logarithmic"])
def test_memory_stays_within_five_times_the_files(tmp_path, form):
    tubes = blood(monocytes=3000, granulocytes=54_000), beads(count=2500)
    paths = [getattr(tube, form)(tmp_path / f"{at}.fcs") for at, tube in enumerate(tubes)]
    size = sum(path.stat().st_size for path in paths)
    tracemalloc.start()
    try:
        files = [read_fcs(path)[-1] for path in paths]
        measure_hla_dr(*files, lot=LEAFLET, limit=5000, today=TODAY)
        assert tracemalloc.get_traced_memory()[1] < 5 * size
    finally:
        tracemalloc.stop()


def test_full_scale_of_a_logarithmic_channel():
    channel = Channel(
        name="FL2", stain="", bits=16, range=1024, gain=1, log_decades=4, log_zero=0.1, voltage=None
    )
    file = FcsFile(version="2.0", channels=(channel,), raw=np.zeros((1, 1)), keywords={})
    assert Tube(file=file).full_scale("FL2") == pytest.approx(1000)


def test_values_that_are_no_numbers_are_refused(tmp_path):
    tube = blood()
    tube.columns["PE-A"][:200] = np.nan
    assert failed(measured(tmp_path, tube, beads()))["events without a number"] == "refuse"


def test_bead_values_that_are_no_numbers_are_refused(tmp_path):
    tube = beads()
    tube.columns["SSC-A"][:200] = np.inf
    assert failed(measured(tmp_path, blood(), tube)) == {"beads without a number": "refuse"}


def test_a_detector_without_numbers_counts_where_its_light_is_taken_out(tmp_path):
    tube = blood()
    columns = tube.columns | {"APC-A": np.full(len(tube.columns["PE-A"]), np.nan)}
    tube = replace(tube, columns=columns).said(SPILLOVER="2,PE-A,APC-A,1,0.1,0.1,1")
    found = measured(tmp_path, tube, beads())
    assert failed(found)["events without a number"] == "refuse"


def test_monocytes_at_the_edge_of_the_range_are_refused(tmp_path):
    found = measured(tmp_path, blood(abc=90_000), beads())
    assert failed(found)["monocytes at the margin"] == "refuse"


def test_hla_dr_below_the_beads_is_bounded(tmp_path):
    found = measured(tmp_path, blood(abc=400), beads())
    assert found.result is not None
    assert found.result.antibodies_bound_per_cell is None
    assert (found.result.beyond, found.result.value) == ("below", LOT[0])
    assert found.as_json()["hla_dr_per_monocyte"] == LOT[0]


def test_hla_dr_above_the_beads_is_bounded(tmp_path):
    lot = replace(LEAFLET, pe_per_bead=(100, 1000, 3000, 9000))
    found = measured(
        tmp_path, blood(abc=15_000), beads(lot=(100.0, 1000.0, 3000.0, 9000.0)), lot=lot
    )
    assert found.result is not None
    assert (found.result.beyond, found.result.value) == ("above", 9000)


def test_several_dye_molecules_to_an_antibody_divide_the_answer(tmp_path):
    one = measured(tmp_path, blood(), beads())
    two = measured(tmp_path, blood(), beads(), lot=replace(LEAFLET, pe_per_antibody=2.0))
    assert number(two) == pytest.approx(number(one) / 2)


def test_an_expired_lot_is_refused(tmp_path):
    old = replace(LEAFLET, expires=date(2025, 12, 31))
    assert failed(measured(tmp_path, blood(), beads(), lot=old)) == {"bead lot": "refuse"}


def test_expiry_is_held_against_today_where_the_tube_tells_no_day(tmp_path):
    silent = [tube.said(DATE="") for tube in (blood(), beads())]
    found = measured(tmp_path, *silent, today=date(2028, 1, 1))
    assert failed(found) == {"bead lot": "refuse", "day": "flag"}


def test_handling_that_is_unknown_is_refused(tmp_path):
    found = measured(tmp_path, blood(), beads(), handling=Handling())
    assert failed(found) == {"hours to staining": "refuse", "lysis": "refuse", "tube": "flag"}


def test_handling_that_is_not_given_is_flagged_and_not_taken_for_fresh(tmp_path):
    found = measured(tmp_path, blood(), beads(), handling=None)
    assert failed(found) == {"sample handling": "flag"}
    assert found.result is not None
    assert found.result.uncertainty.assay == FIXED_CV


def test_a_lot_of_other_beads_is_refused(tmp_path):
    other = replace(LEAFLET, pe_per_bead=(1500, 4400, 14500, 43800))
    assert measured(tmp_path, blood(), beads(), lot=other).verdict is Verdict.REFUSE


def test_a_missing_level_is_refused(tmp_path):
    found = measured(tmp_path, blood(), beads(lot=(LOT[0], LOT[2], LOT[3])))
    assert failed(found)["beads in a level, fewest"] == "refuse"
    assert found.verdict is Verdict.REFUSE


@pytest.mark.parametrize(("slope", "outcome"), [(0.93, "flag"), (0.87, "refuse"), (1.15, "refuse")])
def test_a_detector_that_is_not_linear(tmp_path, slope, outcome):
    found = measured(tmp_path, blood(), beads(slope=slope))
    assert failed(found)["slope of the line"] == outcome


def test_an_empty_tube_gives_no_number(tmp_path):
    nobody = replace(
        beads(), columns={name: column[:0] for name, column in beads().columns.items()}
    )
    assert measured(tmp_path, blood(), nobody).verdict is Verdict.REFUSE
    assert measured(tmp_path, nobody, beads()).verdict is Verdict.REFUSE


def test_beads_run_on_other_channels_are_an_error(tmp_path):
    with pytest.raises(SourceError, match="no channel PE-A"):
        measured(tmp_path, blood(), beads().without("PE-A"))


def test_answer_as_plain_values(tmp_path):
    found = measured(tmp_path, blood(), beads()).as_json()
    assert list(found)[:8] == [
        "antibodies_bound_per_cell",
        "interval_95",
        "probability_below_5000",
        "grey",
        "verdict",
        "checks",
        "monocytes",
        "line",
    ]
    assert set(found["line"]) == {"slope", "intercept", "r_squared"}
    assert all(set(check) == {"name", "value", "limit", "outcome"} for check in found["checks"])
