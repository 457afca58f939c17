"""A user's own trial: a Python file that defines `TRIAL`.

The file is run, so it can do whatever the person who starts this can: open none from a stranger.
"""

import runpy
import traceback
from pathlib import Path

from immunosep.concepts.snapshot import collecting_unknown_columns
from immunosep.errors import ImmunosepError, ProblemsError, TrialError
from immunosep.protocol.python_faults import explain
from immunosep.protocol.trial import Trial

NAME = "TRIAL"


def load_trial(path: Path | str) -> Trial:
    """The trial a Python file defines; TrialError lists everything that is wrong with it."""
    file = Path(path)
    _check_file(file)
    with collecting_unknown_columns() as unknown_columns:
        trial, problems = _run(file)
    problems = [*dict.fromkeys(unknown_columns), *problems]
    if problems or trial is None:
        raise TrialError(f"{file.name} is not a valid trial", problems)
    return trial


def _check_file(file: Path) -> None:
    if file.suffix != ".py":
        _refuse(file, "its name does not end in .py. Write the trial as a Python file")
    if file.is_dir():
        _refuse(file, "it is a folder. Give the path of a Python file")
    if not file.exists():
        _refuse(file, "there is no such file. Check the path")


def _refuse(file: Path, problem: str) -> None:
    raise TrialError(f"{file.name} cannot be read as a trial", [problem])


def _run(file: Path) -> tuple[Trial | None, list[str]]:
    try:
        defined = runpy.run_path(str(file))
    except ProblemsError as error:
        return None, list(error.problems)
    except ImmunosepError as error:
        return None, [f"{_line(error, file)}{error}"]
    except SyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno else ""
        return None, [f"{where}this is not Python: {error.msg}"]
    except (Exception, SystemExit) as error:  # noqa: BLE001 a fault of the file, whatever it is
        return None, [f"{_line(error, file)}{explain(error)}"]
    return _trial_in(defined)


def _trial_in(defined: dict[str, object]) -> tuple[Trial | None, list[str]]:
    trial = defined.get(NAME)
    if isinstance(trial, Trial):
        return trial, []
    if NAME not in defined:
        return None, [f"it defines no {NAME}. End it with `{NAME} = Trial(...)`"]
    return None, [f"its {NAME} is {type(trial).__name__}, expected Trial. Write Trial(...)"]


def _line(error: BaseException, file: Path) -> str:
    """Where in the file it happened: the innermost line that is the file's own."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(file)
    ]
    return f"line {lines[-1]}: " if lines else ""
