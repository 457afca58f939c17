"""Every error a user can meet. The command line prints them without a traceback and exits with 2.

::

    ImmunosepError
    ├── ProblemsError      several problems at once, one to a line
    │   ├── SourceError    records that cannot be read: not a table, wrong column, wrong value
    │   ├── FcsError       a flow-cytometry file that cannot be read, or lacks a channel
    │   ├── RefusedError   an action that the trial's rules do not allow now
    │   ├── TrialError     a trial that is not valid
    │   ├── AnalysisError  data or a design that cannot be analysed as asked
    │   └── SequenceError  a randomisation list that cannot be made, or cannot be taken as it is
    ├── CodeError          a sealed code, or a key, that cannot be used or was changed
    ├── UnitError          a unit that is unknown, or that measures something else
    ├── OperationError     a rule that uses an operation some engine gets wrong
    ├── SettingsError      a setting of the website that is missing or cannot be
    └── EngineError        an engine, or a pair of engine and Ibis versions, that answers wrongly

A message says what came, what was expected and what to do next. It names rows and columns, never a
patient's value.
"""

from collections.abc import Iterable


class ImmunosepError(Exception):
    """The root: catch this to catch every error meant for a user."""


class ProblemsError(ImmunosepError):
    """An error that lists every problem found, one to a line, not only the first.

    `problems` holds them all; a class may show no more than its `most_shown`.
    """

    most_shown: int | None = None

    def __init__(self, subject: str, problems: Iterable[str]) -> None:
        self.subject = subject
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f"{subject}: {count} problem{'s' if count != 1 else ''}"
        shown = [f"  - {problem}" for problem in self.problems[: self.most_shown]]
        more = [f"  and {count - len(shown)} more"] if count > len(shown) else []
        super().__init__("\n".join([head, *shown, *more]))

    def __reduce__(self) -> tuple[type["ProblemsError"], tuple[str, tuple[str, ...]]]:
        """So that it can cross from one process to another."""
        return type(self), (self.subject, self.problems)


class SourceError(ProblemsError):
    """Records that cannot be read as they stand."""

    most_shown = 20


class FcsError(ProblemsError):
    """A flow-cytometry file that is damaged, or that is read safely by nobody."""

    most_shown = 20


class RefusedError(ProblemsError):
    """An action that may not be done now, such as a randomisation; `problems` are the reasons."""


class UnitError(ImmunosepError):
    """A unit that is unknown, or that cannot be converted to the column's own."""


class TrialError(ProblemsError):
    """A trial value that contradicts itself or the data dictionary."""


class AnalysisError(ProblemsError):
    """Data or a design that cannot be analysed as asked."""


class SequenceError(ProblemsError):
    """A randomisation list that cannot be made, or that cannot be taken as it is."""

    most_shown = 20


class CodeError(ImmunosepError):
    """A sealed code, a sealed value or a key that cannot be used, or that was changed."""


class OperationError(ImmunosepError):
    """A rule that uses an operation outside the set every engine answers alike."""


class EngineError(ImmunosepError):
    """An engine that gives a wrong answer to a question whose answer is known."""


class SettingsError(ImmunosepError):
    """A setting of the website that is missing or that cannot be."""
