"""Real files read as FlowIO 1.4.0 and FlowCal 1.3.1 read them, and by name where those are wrong.

`stored` is what the file holds; `means` is that on a linear scale, compared for all but the clock,
to which each library does something else.
"""

from pathlib import Path

import numpy as np
import pytest

from immunosep.cytometry.fcs import FcsFile, read_fcs
from immunosep.errors import FcsError
from tests.validation.other_readers import Table, by_flowcal, by_flowio, failure, flowio_file

ATTUNE = "real/flowio_G11_attune_fcs31.fcs"
ACCURI = "real/flowio_B01_accuri_c6plus_fcs31_int.fcs"
ARIA = "real/flowio_100715_facsaria_fcs20_cd14.fcs"
CALIBUR = "real/flowio_data1_facscalibur_fcs20_log_int.fcs"
CANTO_LOG = "real/flowcal_Data002_cantoii_fcs20.fcs"
CANTO_BLOOD = "real/immunoclust_wb_leukocytes_cd14_cantoii.fcs"
CYTEK_24_BITS = "real/flowcal_sample001_beads_24bit_int.fcs"
DAKO_BEADS = "real/flowbeads_beads1_lsr2_20080121.fcs"
FACSCAN = "real/flowcal_Data001_facscan_fcs20.fcs"
FC500 = [f"real/flowfp_fs1_tube00{n}_fc500.fcs" for n in (1, 5, 6)]
FC500_TWICE = "real/flowio_coulter_fc500_two_datasets.lmd"
LSR2_OFF_BY_ONE = "real/flowkit_test_comp_lsr2_fcs30.fcs"
S1400 = "real/flowio_variable_int_s1400.fcs"
OFFSETS_DIFFER = [f"real/flowio_{end}_offset_discrepancy.fcs" for end in ("start", "stop")]

BOTH = [DAKO_BEADS, FACSCAN, CANTO_LOG, *FC500, ACCURI, ATTUNE, LSR2_OFF_BY_ONE, CANTO_BLOOD]


@pytest.fixture(scope="session")
def folder(shared: Path) -> Path:
    """Where the files are."""
    return shared / "data" / "fcs"


def read_one(path: Path) -> FcsFile:
    (read,) = read_fcs(path)
    return read


def same(read: FcsFile, stored: Table, means: Table | None = None) -> bool:
    """Whether every number is the same, to the last digits of a float64."""
    detectors = [not channel.is_time for channel in read.channels]
    pairs = [(read.raw, stored)]
    if means is not None:
        pairs.append((read.events[:, detectors], means[:, detectors]))
    return all(np.allclose(mine, theirs, rtol=1e-12, atol=0) for mine, theirs in pairs)


@pytest.mark.parametrize("name", [*BOTH, ARIA, CALIBUR])
def test_a_real_file_is_read_as_flowio_reads_it(folder, name):
    assert same(read_one(folder / name), *by_flowio(folder / name))


@pytest.mark.parametrize("name", [*BOTH, CYTEK_24_BITS])
def test_a_real_file_is_read_as_flowcal_reads_it(folder, name):
    assert same(read_one(folder / name), *by_flowcal(folder / name))


@pytest.mark.parametrize("number", [0, 1])
def test_each_data_set_of_a_real_lmd_is_read_as_flowio_reads_it(folder, number):
    read = read_fcs(folder / FC500_TWICE)
    assert [found.version for found in read] == ["2.0", "3.0"]
    assert same(read[number], *by_flowio(folder / FC500_TWICE, number=number))


def test_flowcal_answers_only_the_first_data_set_of_an_lmd(folder):
    stored, _ = by_flowcal(folder / FC500_TWICE)
    first, second = read_fcs(folder / FC500_TWICE)
    assert same(first, stored)
    assert not same(second, stored)


def test_flowio_answers_nothing_for_24_bit_integers(folder):
    assert flowio_file(folder / CYTEK_24_BITS).events is None
    assert len(read_one(folder / CYTEK_24_BITS).raw) == 33_024


def test_a_time_step_of_text_stops_both_other_readers(folder):
    assert failure(by_flowio, folder / S1400) == "ValueError"
    assert failure(by_flowcal, folder / S1400) == "ValueError"
    assert read_one(folder / S1400).raw.shape == (2, 26)


def test_empty_values_stop_flowcal(folder):
    assert failure(by_flowcal, folder / CALIBUR) == "ValueError"
    assert read_one(folder / CALIBUR).keywords["&8ACQUISITION DOC."] == "LYMPH SUBSET ACQ"


def test_data_one_byte_longer_stop_flowio(folder):
    assert failure(flowio_file, folder / LSR2_OFF_BY_ONE) == "FCSParsingError"
    assert len(read_one(folder / LSR2_OFF_BY_ONE).raw) == 10_703


def test_a_missing_exponent_of_floats_stops_flowcal_from_scaling(folder):
    assert failure(by_flowcal, folder / ARIA) == "TypeError"
    assert read_one(folder / ARIA).channels[0].log_decades == 0


@pytest.mark.parametrize("name", OFFSETS_DIFFER)
def test_real_files_whose_header_and_text_differ_are_refused(folder, name):
    with pytest.raises(FcsError, match="nothing tells which is right"):
        read_fcs(folder / name)


def test_both_other_readers_raise_floats_to_powers_of_ten(folder):
    path = folder / "malformed" / "pne_float_log.fcs"
    assert by_flowio(path)[1][:, 3].max() == pytest.approx(1.3698, abs=1e-4)
    assert by_flowcal(path)[1][:, 3].max() == pytest.approx(1.3698, abs=1e-4)
    assert read_one(path).values("PE-A").max() == pytest.approx(8955.67, abs=0.01)


@pytest.mark.parametrize(("name", "said"), [("tot_huge", 10**12), ("tot_neg", -5), ("kw_dup", 1)])
def test_flowio_counts_the_events_that_the_file_claims(folder, name, said):
    path = folder / "malformed" / f"{name}.fcs"
    assert flowio_file(path).event_count == said
    with pytest.raises(FcsError, match=r"\$TOT"):
        read_fcs(path)


def test_flowio_cuts_rows_anew_when_channels_are_too_few(folder):
    path = folder / "malformed" / "par_less.fcs"
    assert by_flowio(path)[0].shape == (600, 3)
    with pytest.raises(FcsError, match="expected 3,600"):
        read_fcs(path)


def test_flowio_names_every_later_channel_wrong_when_one_name_is_missing(folder):
    path = folder / "malformed" / "no_pnn.fcs"
    assert flowio_file(path).pnn_labels[3] == "PerCP-Cy5-5-A"  # where PE is stored
    with pytest.raises(FcsError, match=r"\$P4N is missing"):
        read_fcs(path)


@pytest.mark.parametrize("name", ["mode_C", "byteord_junk", "dup_names", "pnr_neg", "png_tiny"])
def test_flowio_answers_files_that_must_be_refused(folder, name):
    path = folder / "malformed" / f"{name}.fcs"
    assert by_flowio(path)[0].shape == (300, 6)
    with pytest.raises(FcsError):
        read_fcs(path)


@pytest.mark.parametrize(
    ("name", "error"),
    [("caret", "KeyError"), ("dot", "KeyError"), ("paren", "error"), ("qmark", "error")],
)
def test_flowio_fails_on_delimiters_that_a_pattern_reads(folder, name, error):
    path = folder / "malformed" / f"delim_{name}.fcs"
    assert failure(flowio_file, path) == error
    assert len(read_one(path).raw) == 300


def test_flowio_keeps_a_doubled_delimiter_doubled(folder):
    path = folder / "malformed" / "kw_escaped_delim.fcs"
    assert flowio_file(path).text["com"] == "a||b||||c"
    assert read_one(path).keywords["$COM"] == "a|b||c"
