"""One channel of a data set: what its keywords `$PnN`, `$PnB`, `$PnR`, ... say, checked."""

from dataclasses import dataclass

from immunosep.cytometry.fcs import limits
from immunosep.cytometry.fcs.notes import Notes
from immunosep.cytometry.fcs.numbers import decimal, label, shown, whole
from immunosep.cytometry.fcs.text import Keywords

TIME = "time"
LINEAR = (0.0, 0.0)
BITS = {"I": range(8, 65, 8), "F": (32,), "D": (64,)}
BITS_EXPECTED = {"I": "8, 16, 24, ... or 64", "F": "32", "D": "64"}


@dataclass(frozen=True)
class Channel:
    """One detector, or the clock.

    `log_decades` is 0 for a linear channel and for all floating-point data, whatever `$PnE` says;
    otherwise a stored x means `log_zero * 10 ** (log_decades * x / range)`. `gain` is as written.
    """

    name: str
    stain: str
    bits: int
    range: float
    gain: float
    log_decades: float
    log_zero: float
    voltage: float | None

    @property
    def is_time(self) -> bool:
        """Whether this is the clock, which no gain amplifies."""
        return self.name.casefold() == TIME

    @property
    def divisor(self) -> float:
        """What a stored value is divided by: the gain of a linear detector."""
        return 1.0 if self.is_time or self.log_decades else self.gain

    @property
    def top(self) -> float:
        """The value of `events` at the end of the range, where a detector is saturated."""
        if self.log_decades:
            return float(self.log_zero * 10.0**self.log_decades)
        return self.range / self.divisor


def parse_channels(keywords: Keywords, data_type: str, notes: Notes) -> tuple[Channel, ...]:
    """As many as `$PAR` says, in order; fewer when there is a problem."""
    count = whole(keywords.get("$PAR", ""))
    if count is None or not 1 <= count <= limits.CHANNELS:
        found = shown(keywords["$PAR"]) if "$PAR" in keywords else "missing"
        notes.refuse(f"$PAR is {found}, expected the number of channels, 1 to {limits.CHANNELS}")
        return ()
    parsed = [_parse_channel(keywords, n, data_type, notes) for n in range(1, count + 1)]
    channels = tuple(channel for channel in parsed if channel)
    _check_names(channels, notes)
    return channels


def _check_names(channels: tuple[Channel, ...], notes: Notes) -> None:
    counts: dict[str, int] = {}
    for channel in channels:
        counts[channel.name] = counts.get(channel.name, 0) + 1
    for name, count in counts.items():
        if count > 1:
            notes.refuse(f"{count} channels are named {label(name)}, expected a name for each")


def _parse_channel(keywords: Keywords, n: int, data_type: str, notes: Notes) -> Channel | None:
    name = keywords.get(f"$P{n}N", "").strip()
    if not name:
        notes.refuse(f"$P{n}N is missing or blank, expected the channel's name")
    _check_data_type(keywords, n, data_type, notes)
    bits = _bits(keywords, n, data_type, notes)
    top = _range(keywords, n, data_type, notes)
    log = _exponent(keywords, n, data_type, notes)
    gain = _gain(keywords, n, notes)
    if not name or bits is None or top is None or log is None or gain is None:
        return None
    stain = keywords.get(f"$P{n}S", "").strip()
    voltage = decimal(keywords.get(f"$P{n}V", ""))  # "NA" and the like are common: no voltage
    return Channel(name, stain, bits, top, gain, *log, voltage)


def _check_data_type(keywords: Keywords, n: int, data_type: str, notes: Notes) -> None:
    """FCS 3.2 lets a channel differ from `$DATATYPE`; no cytometer in use was found to."""
    written = keywords.get(f"$P{n}DATATYPE", data_type).strip(" ").upper()
    if written != data_type:
        notes.refuse(
            f"$P{n}DATATYPE is {shown(written)}, expected {data_type!r} as $DATATYPE: channels of "
            "different types in one data set are not read; export the file as FCS 3.1"
        )


def _bits(keywords: Keywords, n: int, data_type: str, notes: Notes) -> int | None:
    bits = whole(keywords.get(f"$P{n}B", ""))
    if bits is not None and bits in BITS[data_type]:
        return bits
    _refuse(keywords, f"$P{n}B", f"{BITS_EXPECTED[data_type]} bits", notes)
    return None


def _range(keywords: Keywords, n: int, data_type: str, notes: Notes) -> float | None:
    written = keywords.get(f"$P{n}R", "")
    if data_type == "I":
        levels = whole(written, digits=20)
        if levels is not None and 2 <= levels <= 2**64:
            return float(levels)
        _refuse(keywords, f"$P{n}R", "a whole number of 2 or more", notes)
        return None
    top = decimal(written)
    if top is not None and 0 < top <= limits.LARGEST_RANGE:
        return top
    _refuse(keywords, f"$P{n}R", "a number above 0", notes)
    return None


def _exponent(
    keywords: Keywords, n: int, data_type: str, notes: Notes
) -> tuple[float, float] | None:
    """Decades and the first value. Without them nothing tells whether integers are logarithms."""
    name = f"$P{n}E"
    if name not in keywords and data_type != "I":
        return LINEAR
    parts = [decimal(part) for part in keywords.get(name, "").split(",", 2)]
    match parts:
        case [0.0, float()]:
            return LINEAR
        case [float(decades), float(zero)] if _is_log(decades, zero):
            if data_type == "I":
                return decades, zero or 1.0  # "4,0" is common and means 4,1: FCS 3.1, $PnE
            notes.warn(f"{name} is ignored: the data are floating-point, and so linear")
            return LINEAR
    _refuse(keywords, name, "two numbers, as in 0,0 or 4,1", notes)
    return None


def _is_log(decades: float, zero: float) -> bool:
    return 0 < decades <= limits.DECADES and (
        zero == 0 or limits.SMALLEST_SCALE <= zero <= limits.LARGEST_SCALE
    )


def _gain(keywords: Keywords, n: int, notes: Notes) -> float | None:
    name = f"$P{n}G"
    if name not in keywords:
        return 1.0
    gain = decimal(keywords[name])
    if gain is not None and limits.SMALLEST_SCALE <= gain <= limits.LARGEST_SCALE:
        return gain
    least, most = limits.SMALLEST_SCALE, limits.LARGEST_SCALE
    _refuse(keywords, name, f"a gain from {least:g} to {most:g}", notes)
    return None


def _refuse(keywords: Keywords, name: str, expected: str, notes: Notes) -> None:
    found = shown(keywords[name]) if name in keywords else "missing"
    notes.refuse(f"{name} is {found}, expected {expected}; export the file again")
