"""`immunosep site validate`: the validation pack of an installation."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import typer

from immunosep.web.folder import SiteFolder, use


def run_validate(path: Path, out: Path, *, results: Path | None) -> None:
    """Run every check, write the pack; exit code 1 if a requirement does not hold."""
    folder = SiteFolder(path)
    use(folder.settings())
    from immunosep.web.validation.evidence import Outcome
    from immunosep.web.validation.pack import refuse_existing, write_pack
    from immunosep.web.validation.results import read_results
    from immunosep.web.validation.running import Ground, run_checks

    refuse_existing(out)
    now = datetime.now(UTC)
    tested = read_results(results) if results else {}
    evidence = run_checks(Ground(folder=folder, now=now))
    lines = write_pack(out, evidence, tested, now=now)
    for line in lines:
        mark = {Outcome.HOLDS: "ok   ", Outcome.FAILS: "FAULT"}.get(line.outcome, "  ?  ")
        typer.echo(f"{mark} {line.requirement.id:<6} {line.requirement.text}")
    counted = Counter(line.outcome for line in lines)
    said = ", ".join(f"{counted[o]} {o.value}" for o in Outcome if counted[o])
    typer.echo(f"{len(lines)} requirements: {said}. {out / 'pack.html'} says what was seen.")
    if counted[Outcome.FAILS]:
        raise typer.Exit(1)
