"""FlowIO and FlowCal, to compare with: what each answers for a file, and how it fails.

Both warn of their own libraries and leave files open when they fail; neither is what is tested.
"""

import gc
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

Table = npt.NDArray[Any]


@contextmanager
def quiet() -> Iterator[None]:
    """Let nothing that another reader warns of fail a test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
        gc.collect(1)  # what was just opened; all would take a second in a long run


def flowio_file(path: Path) -> Any:
    """The file as FlowIO has it."""
    with quiet():
        import flowio

        return flowio.FlowData(str(path))


def by_flowio(path: Path, *, number: int = 0) -> tuple[Table, Table]:
    """What is stored, and what it means. FlowIO multiplies the clock by `$TIMESTEP`."""
    with quiet():
        import flowio

        sets = flowio.read_multiple_data_sets(str(path), ignore_offset_error=True)
        found = sets[number]
        return found.as_array(preprocess=False), found.as_array()


def by_flowcal(path: Path) -> tuple[Table, Table]:
    """What is stored, and what it means. FlowCal divides the clock by its gain."""
    with quiet():
        import FlowCal

        found = FlowCal.io.FCSData(str(path))
        return np.asarray(found), np.asarray(FlowCal.transform.to_rfi(found))


def failure(read: Callable[[Path], Any], path: Path) -> str:
    """The name of the error that a reader raises, which is often not one of its own."""
    with quiet():
        with pytest.raises(Exception) as raised:  # noqa: PT011 -- which one it is, is what is asked
            read(path)
        name = raised.type.__name__
        del raised
        return name
