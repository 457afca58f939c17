"""When PROVIDE's participants were seen, as far as is published. Day 1 is the first dose."""

from immunosep.protocol.schedule import Visit
from immunosep.trials.provide.references import REGISTRY, REPORT, SUCCESSOR

SCHEDULE = (
    Visit(
        id="first_sample",
        day=-1,
        label="Screening, first sample",
        assessments=("eligibility", "ferritin", "HLA-DR on monocytes"),
        source=f"{REGISTRY.short}; {SUCCESSOR.short}",
    ),
    Visit(
        id="second_sample",
        day=0,
        label="Screening, second sample, 24 hours later",
        assessments=("eligibility", "informed consent", "ferritin", "HLA-DR on monocytes"),
        source=f"{REGISTRY.short}; {SUCCESSOR.short}",
    ),
    Visit(
        id="day_1",
        day=1,
        label="First dose",
        assessments=("SOFA",),
        source=REGISTRY.short,
    ),
    Visit(
        id="day_7",
        day=7,
        label="End of infusions",
        assessments=("SOFA", "vital status"),
        source=REPORT.short,
    ),
    Visit(
        id="day_15",
        day=15,
        label="End of injections",
        assessments=("adverse events",),
        source=REGISTRY.short,
    ),
    Visit(
        id="day_28",
        day=28,
        label="Follow-up",
        assessments=("vital status",),
        source=REPORT.short,
    ),
)
