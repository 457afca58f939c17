"""ImmunoSep's quality tolerance limits. None was published: choice `tolerance_limits`."""

from immunosep.protocol.tolerance import Measure, ToleranceLimit

WHY = "choice `tolerance_limits`"

TOLERANCE_LIMITS = (
    ToleranceLimit(
        id="in_error", label="Randomised in error", measure=Measure.RANDOMISED_IN_ERROR,
        limit=0.03, why=WHY,
    ),
    ToleranceLimit(
        id="no_first_dose", label="No first dose", measure=Measure.NO_FIRST_DOSE,
        limit=0.05, why=WHY,
    ),
    ToleranceLimit(
        id="withdrawn", label="All consent taken back", measure=Measure.ALL_CONSENT_WITHDRAWN,
        limit=0.05, why=WHY,
    ),
    ToleranceLimit(
        id="doses", label="Doses not given", measure=Measure.DOSES_NOT_GIVEN,
        limit=0.10, why=WHY,
    ),
    ToleranceLimit(
        id="pages", label="Pages overdue", measure=Measure.PAGES_OVERDUE,
        limit=0.10, why=WHY,
    ),
    ToleranceLimit(
        id="status", label="Vital status unknown", measure=Measure.STATUS_UNKNOWN,
        limit=0.05, why=WHY,
    ),
    ToleranceLimit(
        id="important", label="Important deviations", measure=Measure.IMPORTANT_DEVIATIONS,
        limit=0.10, why=WHY,
    ),
    ToleranceLimit(
        id="unblinded", label="Unblinded", measure=Measure.UNBLINDED,
        limit=0.02, why=WHY,
    ),
)  # fmt: skip
