"""A strict reader of list-mode FCS files, versions 2.0, 3.0, 3.1 and 3.2, on NumPy alone.

It answers every event of every data set, or one `FcsError` with all it found wrong, nothing
between. It is our own because existing readers answer wrong numbers for clinical files without an
error: docs/decisions/0007-own-fcs-reader.md names the files.

Source: Data File Standard for Flow Cytometry, FCS 3.1 (Spidlen, Cytometry A 2010;77:97) and
FCS 3.2 (Spidlen, Cytometry A 2021;99:100).
"""

from immunosep.cytometry.fcs.channels import Channel
from immunosep.cytometry.fcs.file import FcsFile
from immunosep.cytometry.fcs.reading import read_fcs
from immunosep.cytometry.fcs.spillover import Spillover

__all__ = ["Channel", "FcsFile", "Spillover", "read_fcs"]
