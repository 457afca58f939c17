"""From stored numbers to values on a linear scale.

A linear detector's number is divided by its gain; a logarithmic one's x means
`log_zero * 10 ** (log_decades * x / range)` (FCS 3.1, `$PnE`). Floating-point data are linear.
"""

import numpy as np
from numpy.typing import NDArray

from immunosep.cytometry.fcs.channels import Channel
from immunosep.cytometry.fcs.data import Table

Values = NDArray[np.float64]
LEVELS_LISTED = 2**16  # powers of ten are slow: where a range has few levels, each is raised once
_AS_STORED = np.errstate(all="ignore")  # what is no number in the file is none in the answer


@_AS_STORED
def linear_values(stored: Table, channel: Channel) -> Values:
    """The values of one channel, one an event."""
    if not channel.log_decades:
        values: Values = stored.astype(np.float64)
        values /= channel.divisor
        return values
    if stored.dtype.kind == "u" and channel.range <= min(LEVELS_LISTED, len(stored)):
        levels = np.arange(1 << (int(channel.range) - 1).bit_length())
        return _raised(levels, channel)[stored]
    return _raised(stored, channel)


@_AS_STORED
def linear_table(stored: Table, channels: tuple[Channel, ...]) -> Values:
    """The values of all channels, one row an event."""
    values = stored.astype(np.float64)
    for column, channel in enumerate(channels):
        if channel.log_decades or channel.divisor != 1:
            values[:, column] = linear_values(stored[:, column], channel)
    return values


def _raised(stored: Table, channel: Channel) -> Values:
    values: Values = stored.astype(np.float64)
    values /= channel.range
    values *= channel.log_decades
    np.power(10.0, values, out=values)
    values *= channel.log_zero
    return values
