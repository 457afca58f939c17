"""Where a trial's facts come from, what was decided where sources disagree, and what changed."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A publication or a registry entry; `short` is how a `source` cites it."""

    id: str
    short: str
    citation: str
    doi: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A question the sources leave open or answer differently, and the answer taken here."""

    id: str
    question: str
    taken: str
    alternatives: tuple[str, ...]
    because: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """A version of the protocol and what it changed; `dated` is ISO 8601, empty if unpublished."""

    version: str
    dated: str
    changed: str
    source: str
