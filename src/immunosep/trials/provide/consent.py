"""Who could consent to PROVIDE: the patient, or one close relative for a patient who could not."""

from immunosep.protocol.consent import ConsentBy, ConsentPlan
from immunosep.trials.provide.references import REGISTRY

CONSENT = ConsentPlan(
    given_by=(ConsentBy.PATIENT, ConsentBy.RELATIVE),
    relatives="one first-degree relative or the spouse, if the patient is unable to consent",
    source=REGISTRY.short,
)
