"""Where a data set's DATA lie and how they are stored: TEXT and HEADER checked against each other.

Two tellings of an offset may differ by one byte, which several cytometers write; then the one that
makes DATA as long as `$TOT` rows counts. Whatever differs more is refused: in some real files both
tellings fit into the file, and only one is right.
"""

from dataclasses import dataclass

from immunosep.cytometry.fcs import limits
from immunosep.cytometry.fcs.channels import Channel
from immunosep.cytometry.fcs.header import HEADER_BYTES, Header, Segment
from immunosep.cytometry.fcs.notes import Notes
from immunosep.cytometry.fcs.numbers import shown, whole
from immunosep.cytometry.fcs.text import Keywords

DATA_TYPES = ("I", "F", "D")
LITTLE, BIG = "<", ">"


@dataclass(frozen=True)
class Layout:
    """How to read DATA; `begins` counts from the first byte of the file."""

    begins: int
    events: int
    channels: tuple[Channel, ...]
    data_type: str
    order: str

    @property
    def row_bytes(self) -> int:
        return sum(channel.bits for channel in self.channels) // 8


def parse_data_type(keywords: Keywords, notes: Notes) -> str | None:
    """I, F or D."""
    written = keywords.get("$DATATYPE", "").strip(" ").upper()
    if written in DATA_TYPES:
        return written
    found = shown(keywords["$DATATYPE"]) if "$DATATYPE" in keywords else "missing"
    notes.refuse(f"$DATATYPE is {found}, expected I (integers), F or D (floating-point)")
    return None


def check_mode(keywords: Keywords, version: str, notes: Notes) -> None:
    """One row an event. FCS 3.2 has no other mode, and no longer asks for the keyword."""
    written = keywords.get("$MODE", "L" if version == "3.2" else "").strip(" ").upper()
    if written != "L":
        found = shown(written) if "$MODE" in keywords else "missing"
        notes.refuse(f"$MODE is {found}, expected L (list mode); export the events, no histogram")


def parse_order(keywords: Keywords, notes: Notes) -> str | None:
    """Of the bytes of a number: 1,2,3,4 least first, 4,3,2,1 most first; 1,2 and the like too."""
    written = keywords.get("$BYTEORD", "")
    order = [whole(part) for part in written.split(",", 8)]
    rising = list(range(1, len(order) + 1))
    if len(order) in range(2, 9) and order in (rising, rising[::-1]):
        return LITTLE if order == rising else BIG
    found = shown(written) if "$BYTEORD" in keywords else "missing"
    notes.refuse(f"$BYTEORD is {found}, expected 1,2,3,4 or 4,3,2,1; export the file again")
    return None


def parse_events(keywords: Keywords, notes: Notes) -> int | None:
    """How many rows there are."""
    events = whole(keywords.get("$TOT", ""))
    if events is not None and events <= limits.EVENTS:
        return events
    found = shown(keywords["$TOT"]) if "$TOT" in keywords else "missing"
    notes.refuse(f"$TOT is {found}, expected the number of events, {limits.EVENTS:,} at most")
    return None


def locate_data(
    header: Header, keywords: Keywords, needed: int, available: int, notes: Notes
) -> int | None:
    """Where DATA begin in the data set, when `needed` bytes of them are there and nothing else."""
    told = _told_segments(header, keywords, notes)
    if told is None:
        return None
    first = _first(*told, needed, notes)
    if first is None:
        return None
    data = Segment(first, first + needed - 1)
    taken = header.text, supplement_of(keywords, notes)
    if data.last >= available:
        notes.refuse(
            f"DATA end at byte {data.last:,}, past the end of the data set at {available - 1:,}: "
            "cut short; copy the file again"
        )
    elif needed and (first < HEADER_BYTES or any(data.overlaps(part) for part in taken)):
        notes.refuse("DATA overlap HEADER or TEXT; export the file again")
    else:
        return first
    return None


def _told_segments(
    header: Header, keywords: Keywords, notes: Notes
) -> tuple[Segment, Segment] | None:
    """By HEADER and by TEXT; where one says nothing, the other counts for both."""
    text = Segment(*(offset(keywords, name, notes) for name in ("$BEGINDATA", "$ENDDATA")))
    by_header, by_text = (segment if segment.first else None for segment in (header.data, text))
    if by_header is None and by_text is None:
        notes.refuse("neither HEADER nor $BEGINDATA says where DATA begin; export the file again")
        return None
    one, other = by_header or by_text, by_text or by_header
    assert one is not None
    assert other is not None
    if abs(one.first - other.first) > 1 or abs(one.last - other.last) > 1:
        notes.refuse(
            f"HEADER says that DATA lie from byte {one.first:,} to {one.last:,}, TEXT says "
            f"{other.first:,} to {other.last:,}, and nothing tells which is right; export it again"
        )
        return None
    if one != other:
        notes.warn("HEADER and TEXT differ by one byte in where DATA lie")
    return one, other


def _first(one: Segment, other: Segment, needed: int, notes: Notes) -> int | None:
    """The one first byte that goes with a length of `needed`, or with one byte more."""
    pairs = [(first, last) for first in (one.first, other.first) for last in (one.last, other.last)]
    exact, longer = (
        {first for first, last in pairs if last - first + 1 == needed + excess} for excess in (0, 1)
    )
    if len(exact) == 1:
        return exact.pop()
    if not exact and len(longer) == 1:
        notes.warn("DATA are one byte longer than $TOT rows")
        return longer.pop()
    notes.refuse(
        f"DATA have {one.size:,} bytes, expected {needed:,}: $TOT rows of the channels' $PnB; "
        "cut short or damaged, export the file again"
    )
    return None


def supplement_of(keywords: Keywords, notes: Notes) -> Segment:
    """Where `$BEGINSTEXT` and `$ENDSTEXT` say that more keywords lie; zeros where nowhere."""
    return Segment(*(offset(keywords, name, notes) for name in ("$BEGINSTEXT", "$ENDSTEXT")))


def offset(keywords: Keywords, name: str, notes: Notes) -> int:
    """Where a segment begins or ends; 0 where the keyword is missing or 0."""
    number = whole(keywords.get(name, "0"))
    if number is None:
        notes.refuse(f"{name} is {shown(keywords[name])}, expected a byte's number")
    return number or 0
