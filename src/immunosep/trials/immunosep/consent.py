"""Who may consent to ImmunoSep.

The registry knows consent in writing by the patient, or by one close relative for a patient who
cannot. Five participants took back consent and data (Giamarellos-Bourboulis JAMA 2026;335:775).
"""

from immunosep.protocol.consent import ConsentBy, ConsentPlan
from immunosep.trials.immunosep.references import E6, REGISTRY

CONSENT = ConsentPlan(
    given_by=(ConsentBy.PATIENT, ConsentBy.RELATIVE),
    relatives="one first-degree relative or the spouse, if the patient is unable to consent",
    language_note="The information approved for the centre, in a language that whoever consents "
    "understands.",
    source=f"{REGISTRY.short}; nobody else: choice `deferred_consent`; language: {E6.short}, 2.8",
)
