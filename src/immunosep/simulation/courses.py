"""A whole virtual trial, followed to day 90, as the tables its records would be handed over as.

One participant is one place in arrays that all have the same order. What was published comes back
on average over seeds (`tests/validation/test_courses_published.py`); what was not is assumed, and
says so where its number is (`published`, `published_outcomes`). Deaths are even within days 2 to 9,
10 to 28 and 29 to 90; that they do not depend on the immune state is assumed, for it is not known.
"""

import numpy as np
import pyarrow as pa

from immunosep.protocol.trial import Trial
from immunosep.simulation import published
from immunosep.simulation.biomarker_courses import draw_biomarkers
from immunosep.simulation.course_cast import draw_cast
from immunosep.simulation.course_tables import tables_of
from immunosep.simulation.event_courses import draw_events
from immunosep.simulation.sofa_courses import draw_sofa
from immunosep.trials import TRIALS


def draw_trial(
    rng: np.random.Generator,
    *,
    participants: int = published.RANDOMISED,
    trial: Trial = TRIALS["immunosep"],
) -> dict[str, pa.Table]:
    """Every table of RECORDS, of a trial of ImmunoSep's design with so many randomised."""
    cast = draw_cast(rng, participants=participants, trial=trial)
    sofa = draw_sofa(cast.fates, rng)
    biomarkers = draw_biomarkers(cast, rng)
    events = draw_events(cast, rng)
    return tables_of(cast, sofa=sofa, biomarkers=biomarkers, events=events, trial=trial, rng=rng)
