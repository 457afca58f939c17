"""Where the published SOFA leaves a choice: the choices of the trial, and those of mimic-code.

Each field of a `Profile` is one choice. The score itself has no choices: `concepts.sofa`.
"""

from dataclasses import dataclass
from typing import Literal

from immunosep.concepts.blood_gas import Pairing

ADVANCED_SUPPORT = frozenset({"invasive", "non_invasive", "cpap", "high_flow"})
"""Ranzani OT et al. JAMA 2025 (SOFA-2), note to the respiratory component: high-flow nasal cannula,
CPAP, BiPAP, non-invasive or invasive ventilation. Singer JAMA 2016;315:801 says only "respiratory
support"."""


@dataclass(frozen=True)
class Profile:
    """One way of deriving hourly SOFA from a hospital's records; every field is a named choice."""

    name: str
    laboratory_of: Literal["patient", "admission"]
    charted_of: Literal["patient", "stay"]
    hour_includes: Literal["start", "end"]
    dose: Literal["kept_an_hour", "at_hour_end"]
    zero_rate_scores: bool
    pairing: Pairing
    gcs_intubated: Literal["before_tube", "unknown"]
    urine: Literal["collected", "as_source"]
    missing_as_normal: bool


TRIAL = Profile(
    name="trial",
    # A sample drawn in the emergency room may carry no admission yet; it is the same patient.
    laboratory_of="patient",
    # What was charted in another unit in the 24 hours before still describes this patient.
    charted_of="patient",
    # Hours count from the admission to the unit: hour 0 is [admission, admission + 1 h).
    hour_includes="start",
    # "Administered for at least 1 h" (Vincent, Intensive Care Med 1996;22:707; Singer, Table 1).
    dose="kept_an_hour",
    # A pump at rate 0 gives no drug.
    zero_rate_scores=False,
    # FiO2 and devices are charted every 4 h at least, and at every change; a device holds for a
    # nursing shift of 12 h. P/F below 200 counts 3 or 4 only with support (Singer, Table 1).
    pairing=Pairing(fio2_within_s=4 * 3600, support_within_s=12 * 3600, support=ADVANCED_SUPPORT),
    # The verbal part cannot be tested with a tube: the last full score before it stands (the
    # "assumed GCS" of Vincent 1996); without one the component is unknown, never 15.
    gcs_intubated="before_tube",
    # mL/day needs a day of collection: something charted in each third of the 24 hours.
    urine="collected",
    # Missing is unknown; bounds say what it may be.
    missing_as_normal=False,
)
"""The trial's own reading. ImmunoSep does not say which support counts, nor how sedation is scored;
these are our documented choices."""

MIMIC_CODE = Profile(
    name="mimic-code",
    laboratory_of="admission",
    charted_of="stay",
    # An event at the stroke of the hour belongs to the hour that ends there.
    hour_includes="end",
    dose="at_hour_end",
    zero_rate_scores=True,
    # Only intervals of invasive ventilation count, which the source writes; no charted device does.
    pairing=Pairing(fio2_within_s=4 * 3600, support_within_s=0, support=frozenset({"invasive"})),
    gcs_intubated="unknown",  # the source has scored it 15 already
    urine="as_source",
    missing_as_normal=True,
)
"""The reading of MIT-LCP/mimic-code (commit 8bcbd190), quirks included, to compare with it. What
is particular to MIMIC-IV is in `sources.mimic_iv.mimic_code`."""

PROFILES = {profile.name: profile for profile in (TRIAL, MIMIC_CODE)}
