"""Trying an action for a page: what was refused comes back as sentences to show beside the form."""

from collections.abc import Callable

from immunosep.errors import CodeError, RefusedError
from immunosep.languages import say


def attempt(act: Callable[[], object]) -> tuple[str, ...]:
    """Every reason why it was not done; none if it was."""
    try:
        act()
    except RefusedError as refused:
        return refused.problems
    except CodeError as error:
        return (say("{sentence}.", sentence=error.args[0]),)
    return ()
