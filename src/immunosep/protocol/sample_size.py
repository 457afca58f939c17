"""How many participants a trial asks for, with the numbers that lead there."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SampleSize:
    """The planned number, and its arithmetic where it was published.

    `responders_control` and `responders_intervention` are proportions; `per_arm` is the number
    whose data are analysed, `total` what is randomised so that `drop_out` leaves that many,
    `enrolled` what it came to.
    """

    total: int
    source: str
    enrolled: int | None = None
    per_arm: int | None = None
    responders_control: float | None = None
    responders_intervention: float | None = None
    alpha_two_sided: float | None = None
    power: float | None = None
    drop_out: float | None = None
    test: str = ""
    note: str = ""

    @property
    def analysed(self) -> int:
        """How many are left for the analysis when the expected share has dropped out."""
        return round(self.total * (1 - (self.drop_out or 0)))
