"""Channels told by their stain, or by a mapping; never by their place."""

from types import SimpleNamespace
from typing import Any

import pytest

from immunosep.cytometry.channels import Roles, find_roles
from immunosep.errors import SourceError

Channels = list[tuple[str, str]]
SCATTER: Channels = [("FSC-A", ""), ("FSC-H", ""), ("SSC-A", ""), ("Time", "")]
USUAL = [*SCATTER, ("FITC-A", "CD45"), ("PE-A", "HLA-DR"), ("PerCP-Cy5-5-A", "CD14")]


def roles(channels: Channels, mapping: dict[str, str] | None = None) -> Roles:
    file: Any = SimpleNamespace(channels=[SimpleNamespace(name=n, stain=s) for n, s in channels])
    file.index = [name for name, _ in channels].index
    return find_roles(file, mapping)


def without(*stains: str) -> Channels:
    return [(name, stain) for name, stain in USUAL if stain not in stains]


def test_usual_file():
    found = roles(USUAL)
    assert (found.hla_dr, found.cd14, found.cd45) == ("PE-A", "PerCP-Cy5-5-A", "FITC-A")
    assert (found.fsc, found.fsc_height, found.ssc, found.time) == (
        "FSC-A", "FSC-H", "SSC-A", "Time",
    )  # fmt: skip


def test_order_of_channels_does_not_matter():
    assert roles(USUAL[::-1]) == roles(USUAL)


@pytest.mark.parametrize("stain", ["HLADR", "HLA-DR PE", "Anti-HLA-DR PE", "hla dr", "mHLA-DR"])
def test_hla_dr_by_how_it_is_written(stain):
    assert roles([*without("HLA-DR"), ("PE-A", stain)]).hla_dr == "PE-A"


@pytest.mark.parametrize("stain", ["CD14 PerCP-Cy5.5", "anti-Monocyte", "CD14-PerCP", "cd14"])
def test_cd14_by_how_it_is_written(stain):
    assert roles([*without("CD14"), ("PerCP-Cy5-5-A", stain)]).cd14 == "PerCP-Cy5-5-A"


@pytest.mark.parametrize("stain", ["CD140", "CD141", "CD14/CD19", "CD19/CD14", "", "dump"])
def test_what_is_not_cd14(stain):
    with pytest.raises(SourceError, match="no channel for cd14"):
        roles([*without("CD14"), ("PerCP-Cy5-5-A", stain)])


@pytest.mark.parametrize("stain", ["CD45RA", "CD45RO", "CD450"])
def test_what_is_not_cd45(stain):
    assert roles([*without("CD45"), ("FITC-A", stain)]).cd45 is None


def test_two_candidates_are_refused():
    with pytest.raises(SourceError, match="found 2 channels: PE-A, APC-A"):
        roles([*USUAL, ("APC-A", "HLA-DR")])


def test_area_is_taken_of_one_detector_with_height_and_width():
    assert roles([*USUAL, ("PE-H", "HLA-DR"), ("PE-W", "HLA-DR")]).hla_dr == "PE-A"


def test_every_absent_channel_is_listed():
    with pytest.raises(SourceError) as error:
        roles([("FL1", ""), ("FL2", "")])
    assert len(error.value.problems) == 4


def test_old_scatter_names():
    found = roles([("FS Lin", ""), ("SS Log", ""), ("FL1", "CD14"), ("FL2", "HLA-DR-PE")])
    assert (found.fsc, found.ssc, found.time) == ("FS Lin", "SS Log", None)


def test_height_where_no_area_was_stored():
    found = roles([("FSC-H", ""), ("SSC-H", ""), ("FL3-H", "CD14"), ("FL2-H", "HLA-DR")])
    assert (found.fsc, found.ssc, found.fsc_area) == ("FSC-H", "SSC-H", None)


def test_a_mapping_comes_before_the_stains():
    channels = [*USUAL, ("APC-A", "HLA-DR"), ("T2", "")]
    mapping = {"hla_dr": "PE-A", "ssc": "FSC-A", "fsc_area": "FSC-A", "time": "T2"}
    found = roles(channels, mapping)
    assert (found.hla_dr, found.ssc, found.time) == ("PE-A", "FSC-A", "T2")


def test_a_mapping_may_name_the_stain():
    assert roles(USUAL, {"cd14": "CD14"}).cd14 == "PerCP-Cy5-5-A"


@pytest.mark.parametrize("role", ["hla_dr", "ssc", "fsc_area", "time"])
def test_a_mapping_to_no_channel_is_refused(role):
    with pytest.raises(SourceError, match=f"{role}: expected the channel 'X-A'"):
        roles(USUAL, {role: "X-A"})


@pytest.mark.parametrize("name", ["FITC-A", "PE-Cy7-A", "APC-A", "BV421-A"])
def test_hla_dr_in_another_dye_is_refused(name):
    channels = [*SCATTER, ("PerCP-A", "CD14"), (name, "HLA-DR")]
    with pytest.raises(SourceError, match="does not look like PE"):
        roles(channels)


def test_a_stain_that_names_another_dye_is_refused():
    with pytest.raises(SourceError, match="does not look like PE"):
        roles([*SCATTER, ("FL3", "CD14"), ("FL1", "HLA-DR-FITC")])


def test_names_are_shown_cut_and_without_control_marks():
    long = "P\u202e" + "E" * 80
    with pytest.raises(SourceError) as error:
        roles([*USUAL, (long, "HLA-DR")])
    assert "\u202e" not in str(error.value)
    assert "E" * 50 not in str(error.value)


def test_each_channel_is_used_once():
    assert roles(USUAL).used.count("FSC-A") == 1
