"""One data set of a file: HEADER, TEXT, then DATA, each checked against what the others say."""

from immunosep.cytometry.fcs import limits
from immunosep.cytometry.fcs.channels import parse_channels
from immunosep.cytometry.fcs.collecting import collect
from immunosep.cytometry.fcs.data import Readable, check_widths, read_table
from immunosep.cytometry.fcs.file import FcsFile
from immunosep.cytometry.fcs.header import HEADER_BYTES, Header, Segment, parse_header
from immunosep.cytometry.fcs.layout import (
    Layout,
    check_mode,
    locate_data,
    offset,
    parse_data_type,
    parse_events,
    parse_order,
    supplement_of,
)
from immunosep.cytometry.fcs.notes import Notes
from immunosep.cytometry.fcs.spillover import parse_spillover
from immunosep.cytometry.fcs.text import Keywords, parse_text


def read_data_set(
    file: Readable, start: int, size: int, notes: Notes
) -> tuple[FcsFile | None, int]:
    """The data set that begins at byte `start`, and how far from there the next begins, or 0."""
    available = size - start
    header = parse_header(_bytes(file, start, Segment(0, HEADER_BYTES - 1)), available, notes)
    if header is None or notes.problems:
        return None, 0
    keywords = _read_keywords(file, start, header, available, notes)
    if keywords is None:
        return None, 0
    following = _next(keywords, header, available, notes)
    layout = _lay_out(keywords, header, start, following or available, notes)
    if layout is None or notes.problems:
        return None, following
    raw = read_table(file, layout, notes)
    if notes.problems:
        return None, following
    spillover, problem = parse_spillover(keywords, layout.channels)
    if problem:
        notes.warn(problem)
    warnings = tuple(notes.warnings)
    return FcsFile(
        header.version, layout.channels, raw, keywords, spillover, problem, warnings
    ), following


def _bytes(file: Readable, start: int, segment: Segment) -> bytes:
    file.seek(start + segment.first)
    return file.read(segment.size)


def _read_keywords(
    file: Readable, start: int, header: Header, available: int, notes: Notes
) -> Keywords | None:
    """Of TEXT and its supplement; None when TEXT cannot be taken apart."""
    pairs = parse_text(_bytes(file, start, header.text), notes)
    if notes.problems:
        return None
    supplement = _supplement(collect(pairs, Notes()), header, available, notes)
    if supplement:
        pairs += parse_text(_bytes(file, start, supplement), notes)
    return collect(pairs, notes)


def _supplement(keywords: Keywords, header: Header, available: int, notes: Notes) -> Segment | None:
    """Where more keywords stand. Some writers name the primary TEXT again, which adds nothing."""
    found = supplement_of(keywords, notes)
    if not found.first or found == header.text:
        return None
    if (
        found.first < HEADER_BYTES
        or found.last >= available
        or not 2 <= found.size <= limits.TEXT_BYTES
        or found.overlaps(header.text)
    ):
        notes.refuse(
            "$BEGINSTEXT and $ENDSTEXT do not lie in the file outside HEADER and TEXT; export it "
            "again"
        )
        return None
    return found


def _next(keywords: Keywords, header: Header, available: int, notes: Notes) -> int:
    following = offset(keywords, "$NEXTDATA", notes)
    if not following:
        return 0
    if following > header.text.last and following + HEADER_BYTES <= available:
        return following
    notes.refuse(
        f"$NEXTDATA is {following:,}, expected 0 or where another data set begins, after this TEXT "
        "and within the file"
    )
    return 0


def _lay_out(
    keywords: Keywords, header: Header, start: int, available: int, notes: Notes
) -> Layout | None:
    """Every keyword that decides how DATA are read, so that every problem is told at once."""
    check_mode(keywords, header.version, notes)
    order = parse_order(keywords, notes)
    events = parse_events(keywords, notes)
    data_type = parse_data_type(keywords, notes)
    channels = parse_channels(keywords, data_type, notes) if data_type else ()
    if notes.problems or order is None or events is None or data_type is None:
        return None
    row_bytes = sum(channel.bits for channel in channels) // 8
    first = locate_data(header, keywords, events * row_bytes, available, notes)
    layout = Layout(start + (first or 0), events, channels, data_type, order)
    check_widths(layout, notes)
    return layout
