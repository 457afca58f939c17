"""docs/reference/concepts.md: the head of each concept's file, with what it is and its source."""

import importlib
import inspect
import pkgutil

from docs._generate import markdown
from immunosep import concepts


def page() -> str:
    """A section for each module of `immunosep.concepts`, by name."""
    return markdown.page(*(section for name in modules() for section in _sections(name)))


def modules() -> list[str]:
    """The name of each public module of the package."""
    found = pkgutil.iter_modules(concepts.__path__)
    return [module.name for module in found if not module.name.startswith("_")]


def _sections(name: str) -> list[str]:
    module = importlib.import_module(f"{concepts.__name__}.{name}")
    return [f"## `{name}`", markdown.code(inspect.getdoc(module) or "")]
