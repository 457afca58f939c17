"""A casebook that the records could not be written from is refused when the trial is built."""

from dataclasses import replace

import pytest

from immunosep.errors import TrialError
from immunosep.protocol.casebook import CaseForm
from immunosep.trials.immunosep import IMMUNOSEP


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        (CaseForm(id="calls", label="Calls", repeats=True, columns=("vital_status",)),
         "casebook form 'calls': 'vital_status' is kept by day. Take it off the log"),
        (CaseForm(id="harms", label="Harms", assessment="SOFA", columns=("event_term",)),
         "casebook form 'harms': 'event_term' is kept by number. Make the form a log"),
        (CaseForm(id="drugs", label="Drugs", repeats=True, columns=("medication",)),
         "casebook: 'medication' is asked by 'medication' and 'drugs'. Leave it on one of them"),
    ],
)  # fmt: skip
def test_a_form_without_a_place_in_the_records_is_refused(form: CaseForm, problem: str) -> None:
    with pytest.raises(TrialError) as refused:
        replace(IMMUNOSEP, casebook=(*IMMUNOSEP.casebook, form))
    assert problem in refused.value.problems
