"""The pack as files: `pack.json` for machines, `pack.html` for people, with room to sign."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.template import loader

from immunosep import __version__
from immunosep.errors import RefusedError
from immunosep.web.audit.models import Head
from immunosep.web.trial import site_trial
from immunosep.web.validation.evidence import Evidence, Outcome
from immunosep.web.validation.requirements import Requirement, requirements

NOT_RUN = "not run here"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the trace matrix: a requirement, its tests and its evidence."""

    requirement: Requirement
    tests: tuple[tuple[str, str], ...]
    evidence: tuple[Evidence, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst of what shows it; a test that was not run here decides nothing."""
        outcomes = {each.outcome for each in self.evidence}
        if Outcome.FAILS in outcomes or any(result == "failed" for _, result in self.tests):
            return Outcome.FAILS
        return Outcome.NOT_SHOWN if Outcome.NOT_SHOWN in outcomes else Outcome.HOLDS


def matrix(evidence: Mapping[str, Evidence], results: Mapping[str, str]) -> tuple[Line, ...]:
    """One line for each requirement."""
    return tuple(
        Line(
            requirement=each,
            tests=tuple((test, results.get(test, NOT_RUN)) for test in each.tests),
            evidence=tuple(evidence[name] for name in each.checks),
        )
        for each in requirements()
    )


def refuse_existing(out: Path) -> None:
    """Nothing is written over."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RefusedError(
            "the pack cannot be written",
            [f"{out} is not empty; expected a new folder, so that nothing is overwritten."],
        )


def write_pack(
    out: Path, evidence: Mapping[str, Evidence], results: Mapping[str, str], *, now: datetime
) -> tuple[Line, ...]:
    """Write both into a new folder; the lines of the matrix."""
    out.mkdir(parents=True, exist_ok=True)
    lines = matrix(evidence, results)
    text = json.dumps(_as_json(lines, evidence, now=now), indent=1, ensure_ascii=False) + "\n"
    (out / "pack.json").write_text(text, encoding="utf-8")
    shown = _about(now=now) | {
        "lines": lines,
        "evidence": list(evidence.values()),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "tests_run": bool(results),
    }
    page = loader.get_template("validation/pack.html").render(shown)
    (out / "pack.html").write_text(page, encoding="utf-8")
    return lines


def _about(*, now: datetime) -> dict[str, Any]:
    trial, head = site_trial(), Head.objects.get()
    return {
        "software": f"immunosep {__version__}",
        "made_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "engine": connection.vendor,
        "trial": {"id": trial.id, "version": trial.version, "digest": trial.digest},
        "trail": {"events": head.sequence, "digest": head.digest},
    }


def _as_json(
    lines: tuple[Line, ...], evidence: Mapping[str, Evidence], *, now: datetime
) -> dict[str, Any]:
    return _about(now=now) | {
        "requirements": [
            asdict(line.requirement) | {"tests": dict(line.tests), "outcome": line.outcome.value}
            for line in lines
        ],
        "evidence": [asdict(each) for each in evidence.values()],
    }
