"""HEADER: the 58 bytes a data set begins with: its version, and where TEXT and DATA lie.

Offsets count from the HEADER's first byte; `last` is the last byte that belongs to a segment, not
the one after it. Zero or blank means: see TEXT. The two offsets of ANALYSIS are not read.
"""

from dataclasses import dataclass

from immunosep.cytometry.fcs import limits
from immunosep.cytometry.fcs.notes import Notes
from immunosep.cytometry.fcs.numbers import whole

HEADER_BYTES = 58
VERSIONS = {b"FCS2.0": "2.0", b"FCS3.0": "3.0", b"FCS3.1": "3.1", b"FCS3.2": "3.2"}
FIELDS = (
    ("TEXT begins", 10),
    ("TEXT ends", 18),
    ("DATA begins", 26),
    ("DATA ends", 34),
)


@dataclass(frozen=True)
class Segment:
    """From one byte of a data set to another, both included."""

    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1

    def overlaps(self, other: "Segment") -> bool:
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class Header:
    """What the HEADER says; `data` may be zeros."""

    version: str
    text: Segment
    data: Segment


def parse_header(header: bytes, available: int, notes: Notes) -> Header | None:
    """What the first bytes say; `available` is how many bytes the data set has at most."""
    version = VERSIONS.get(header[:6])
    if version is None:
        notes.refuse("does not begin with FCS2.0, FCS3.0, FCS3.1 or FCS3.2: not an FCS file")
        return None
    if len(header) < HEADER_BYTES:
        notes.refuse(f"ends after {len(header)} bytes, within its HEADER: cut short; copy again")
        return None
    offsets = [_offset(header, name, at, notes) for name, at in FIELDS]
    if None in offsets:
        return None
    text_first, text_last, data_first, data_last = (offset or 0 for offset in offsets)
    text = Segment(text_first, text_last)
    _check_text(text, available, notes)
    return Header(version, text, Segment(data_first, data_last))


def _offset(header: bytes, name: str, at: int, notes: Notes) -> int | None:
    written = header[at : at + 8].decode("latin-1")
    number = whole(written) if written.strip(" ") else 0
    if number is None:
        notes.refuse(f"HEADER: where {name} is not a whole number; export the file again")
    return number


def _check_text(text: Segment, available: int, notes: Notes) -> None:
    if text.first < HEADER_BYTES or text.size < 2:
        notes.refuse(
            f"HEADER: TEXT lies from byte {text.first} to {text.last}, expected it after the "
            f"HEADER's {HEADER_BYTES}; export the file again"
        )
    elif text.last >= available:
        notes.refuse(
            f"TEXT ends at byte {text.last}, past the end of the file at {available - 1}: cut "
            "short; copy the file again"
        )
    elif text.size > limits.TEXT_BYTES:
        notes.refuse(f"TEXT has {text.size:,} bytes, expected {limits.TEXT_BYTES:,} at most")
