"""PROVIDE (NCT03332225): the smaller trial before ImmunoSep, in septic shock, in Greece."""

from immunosep.protocol.provenance import Amendment
from immunosep.protocol.trial import Trial
from immunosep.trials.provide.allocation import ALLOCATION
from immunosep.trials.provide.arms import ARMS, INTERVENTIONS, REGIMENS
from immunosep.trials.provide.centres import CENTRES
from immunosep.trials.provide.choices import CHOICES
from immunosep.trials.provide.consent import CONSENT
from immunosep.trials.provide.eligibility import EXCLUSION, INCLUSION
from immunosep.trials.provide.endpoints import ENDPOINTS
from immunosep.trials.provide.immune_states import IMMUNE_STATES
from immunosep.trials.provide.references import REFERENCES, REGISTRY
from immunosep.trials.provide.sample_size import SAMPLE_SIZE
from immunosep.trials.provide.schedule import SCHEDULE
from immunosep.trials.provide.supply import SUPPLY

PROVIDE = Trial(
    id="provide",
    title="A personalised randomised trial of validation and restoration of immune dysfunction in "
    "severe infections and sepsis",
    acronym="PROVIDE",
    registry_ids=(REGISTRY.short, "EudraCT 2017-002171-26"),
    sponsor="Hellenic Institute for the Study of Sepsis",
    phase="2",
    version="registry entry of 29 July 2020",
    summary="Whether immunotherapy chosen by immune state lowers mortality in septic shock from "
    "an infection of the lower airways, acute cholangitis or primary bacteraemia.",
    inclusion=INCLUSION,
    exclusion=EXCLUSION,
    consent=CONSENT,
    immune_states=IMMUNE_STATES,
    interventions=INTERVENTIONS,
    arms=ARMS,
    regimens=REGIMENS,
    allocation=ALLOCATION,
    supply=SUPPLY,
    schedule=SCHEDULE,
    endpoints=ENDPOINTS,
    sample_size=SAMPLE_SIZE,
    centres=CENTRES,
    choices=CHOICES,
    amendments=(
        Amendment(
            version="registry entry of 29 July 2020",
            dated="2020-07-29",
            changed="the last update; the trial was completed on 31 December 2019",
            source=REGISTRY.short,
        ),
    ),
    references=REFERENCES,
)
