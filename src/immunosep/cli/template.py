"""`immunosep variables --template`: an empty sheet with the columns a trial asks for."""

from immunosep.cli.output import print_csv
from immunosep.concepts.snapshot import INPUTS_OF
from immunosep.protocol.trial import Trial
from immunosep.tables.dictionary import BEDSIDE
from immunosep.trials import find_trial


def run(trial: str) -> None:
    """Print the header line of a patient file: the columns the trial is decided on."""
    print_csv([], columns_read(find_trial(trial)))


def columns_read(trial: Trial) -> tuple[str, ...]:
    """The columns of a patient file that the trial's rules read, in the data dictionary's order."""
    read = {name for criterion in trial.criteria for name in criterion.reads}
    read |= {name for state in trial.immune_states for name in state.reads}
    asked = {"patient_id"}.union(*(INPUTS_OF.get(name, (name,)) for name in read))
    return tuple(column.name for column in BEDSIDE if column.name in asked)
