"""What the records leave open, as named choices: `docs/reference/mimic-iv.md`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from immunosep.concepts import prednisone, sepsis3_hourly, suspected_infection
from immunosep.concepts.sepsis3_hourly import OnsetRule
from immunosep.concepts.suspected_infection import SuspicionRule


@dataclass(frozen=True)
class Choices:
    """How a snapshot is drawn from a hospital's records."""

    suspicion: SuspicionRule = suspected_infection.TRIAL
    onset: OnsetRule = sepsis3_hourly.TRIAL

    emergency_within_hours: int = 24
    """An infection suspected within so many hours of registration at the emergency department came
    with the patient; later, or without that department, the patient was already in hospital."""
    admission_score_within_hours: int = 24
    """The first day of the stay gives the SOFA on admission only if the stay began within so many
    hours of the admission to hospital; otherwise the SOFA on admission is unknown."""
    hospital_acquired_after_hours: int = 48
    """A pneumonia suspected later than this after admission is hospital-acquired (Kalil AC et al.
    Clin Infect Dis 2016;63:e61)."""
    ventilator_associated_after_hours: int = 48
    """... and ventilator-associated after so long on a ventilator (Kalil 2016)."""
    blood_culture_within_hours: int = 48
    """A blood culture taken so long before or after the suspicion belongs to it."""

    no_code_means_absent: bool = True
    """A disease that hospitals always code at discharge is absent when an admission has codes and
    none is of that disease; otherwise it is unknown."""
    no_order_means_not_given: bool = True
    """Corticosteroids and drugs against tuberculosis taken at home are ordered on admission too, so
    that none is taken if an admission has orders and none is of them; otherwise it is unknown."""

    ferritin_before_hours: int = 24
    ferritin_after_hours: int = 72  # the trial's window from sepsis to the first dose (NCT04990232)
    """The first ferritin at or after the onset counts, else the last one before, in these hours."""
    neutrophils_within_hours: int = 24
    """The last neutrophil count at or before the assessment counts, else the first one after."""

    corticosteroid_days: int = 15  # NCT04990232, exclusion by corticosteroids
    equal_to_5_mg_prednisone: Mapping[str, float] = field(
        default_factory=lambda: prednisone.EQUAL_TO_5_MG_PREDNISONE
    )
    """Milligrams of each corticosteroid; other tables are in `concepts.prednisone`."""
    anti_cytokine_days: int = 30  # NCT04990232: "the last one month"
    index_hydrocortisone_counts: bool = False
    """Whether hydrocortisone begun for the index episode, no earlier than a day before infection
    was suspected, counts as exposure. Trial patients received it for septic shock."""


DEFAULT = Choices()
