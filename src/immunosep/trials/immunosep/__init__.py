"""ImmunoSep (NCT04990232): immunotherapy chosen by immune state, against placebo, in sepsis."""

from immunosep.protocol.trial import Trial
from immunosep.trials.immunosep.allocation import ALLOCATION
from immunosep.trials.immunosep.amendments import AMENDMENTS
from immunosep.trials.immunosep.analysis_plan import PLAN
from immunosep.trials.immunosep.arms import ARMS, INTERVENTIONS, REGIMENS
from immunosep.trials.immunosep.casebook import CASEBOOK
from immunosep.trials.immunosep.centres import CENTRES
from immunosep.trials.immunosep.choices import CHOICES
from immunosep.trials.immunosep.consent import CONSENT
from immunosep.trials.immunosep.eligibility import EXCLUSION, INCLUSION, WINDOW_HOURS
from immunosep.trials.immunosep.endpoints import ENDPOINTS
from immunosep.trials.immunosep.forms import FORMS
from immunosep.trials.immunosep.immune_states import IMMUNE_STATES
from immunosep.trials.immunosep.references import REFERENCES
from immunosep.trials.immunosep.sample_size import SAMPLE_SIZE
from immunosep.trials.immunosep.schedule import BLOCKS, SCHEDULE
from immunosep.trials.immunosep.supply import SUPPLY
from immunosep.trials.immunosep.tolerance import TOLERANCE_LIMITS

IMMUNOSEP = Trial(
    id="immunosep",
    title="Personalised immunotherapy in sepsis",
    acronym="ImmunoSep",
    registry_ids=("NCT04990232", "EudraCT 2020-005768-74"),
    sponsor="Hellenic Institute for the Study of Sepsis",
    phase="2",
    version="registry entry of 17 March 2025",
    summary="Whether immunotherapy chosen by immune state (anakinra for hyper-inflammation, "
    "interferon gamma for immunoparalysis) lets organs recover sooner than placebo, in sepsis from "
    "pneumonia or primary bacteraemia.",
    inclusion=INCLUSION,
    exclusion=EXCLUSION,
    consent=CONSENT,
    immune_states=IMMUNE_STATES,
    window_hours=WINDOW_HOURS,
    forms=FORMS,
    interventions=INTERVENTIONS,
    arms=ARMS,
    regimens=REGIMENS,
    allocation=ALLOCATION,
    supply=SUPPLY,
    schedule=SCHEDULE,
    casebook=CASEBOOK,
    blocks=BLOCKS,
    tolerance_limits=TOLERANCE_LIMITS,
    endpoints=ENDPOINTS,
    plan=PLAN,
    sample_size=SAMPLE_SIZE,
    centres=CENTRES,
    choices=CHOICES,
    amendments=AMENDMENTS,
    references=REFERENCES,
)
