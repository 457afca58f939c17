"""What was read: one data set of an FCS file."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from immunosep.cytometry.fcs.channels import Channel
from immunosep.cytometry.fcs.data import Table
from immunosep.cytometry.fcs.numbers import label
from immunosep.cytometry.fcs.scale import Values, linear_table, linear_values
from immunosep.cytometry.fcs.spillover import Spillover
from immunosep.errors import FcsError

NAMES_LISTED = 40


@dataclass(frozen=True, eq=False, repr=False)
class FcsFile:
    """One data set: a row of `raw` and of `events` is an event, a column a channel.

    `raw` is what the file stores: floats, or integers masked to their range. `keywords` hold names
    of people and are for reading one by one, never for showing. `spillover` is None both where the
    file carries no matrix and where it cannot be used; then `spillover_problem` says why, and
    values must not be taken for compensated.
    """

    version: str
    channels: tuple[Channel, ...]
    raw: Table
    keywords: Mapping[str, str]
    spillover: Spillover | None = None
    spillover_problem: str = ""
    warnings: tuple[str, ...] = ()

    @cached_property
    def events(self) -> Values:
        """All values on a linear scale, in float64: made when first asked for, then kept."""
        values = linear_table(self.raw, self.channels)
        values.flags.writeable = False
        return values

    def values(self, name: str) -> Values:
        """One channel's values on a linear scale, without making those of the others."""
        column = self.index(name)
        return linear_values(self.raw[:, column], self.channels[column])

    def index(self, name: str) -> int:
        """Where the channel with this `$PnN` or `$PnS` stands, letters' case aside if need be."""
        for spelt in (str, str.casefold):
            found = [
                column
                for column, channel in enumerate(self.channels)
                if spelt(name) in (spelt(channel.name), spelt(channel.stain))
            ]
            if len(found) == 1:
                return found[0]
            if found:
                raise FcsError(
                    f"channel {label(name)}",
                    [f"{len(found)} channels are called so; give the $PnN"],
                )
        raise FcsError(
            f"channel {label(name)}", [f"there is none; expected one of {self._listed()}"]
        )

    def _listed(self) -> str:
        names = [label(channel.name) for channel in self.channels]
        more = len(names) - NAMES_LISTED
        return ", ".join(names[:NAMES_LISTED]) + (f" and {more} more" if more > 0 else "")

    def __repr__(self) -> str:
        return (
            f"<FcsFile {self.version}: {len(self.raw):,} events x {len(self.channels)} channels, "
            f"{len(self.keywords)} keywords, {len(self.warnings)} warnings>"
        )
