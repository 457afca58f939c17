"""`immunosep code generate`, `import` and `commitment`: making a sealed code; nothing is opened."""

import secrets
from pathlib import Path

import typer

from immunosep.cli.secret_files import read_file, refuse_existing, write_new
from immunosep.protocol.trial import Trial
from immunosep.randomisation.code import NONCE_BYTES, Purpose, SealedCode, seal_sequence
from immunosep.randomisation.code_files import code_text, read_code
from immunosep.randomisation.lists import Expected, read_list
from immunosep.randomisation.random_stream import streams_of
from immunosep.randomisation.sequence import Slot, Specification, draw_sequence, specify
from immunosep.randomisation.strata import plan_of, strata_of
from immunosep.trials import find_trial

SEED_BYTES = 32


def run_generate(
    name: str,
    *,
    public_key: Path,
    slots_per_stratum: int,
    out: Path,
    purpose: str,
    strata: list[str] | None,
    seed_file: Path | None,
) -> None:
    """Draw a list and seal it; the seed is forgotten unless it came from a file."""
    refuse_existing(out)
    trial = find_trial(name)
    seed = read_file(seed_file) if seed_file else secrets.token_bytes(SEED_BYTES)
    specification = specify(
        plan_of(trial), strata=_strata(trial, strata), slots_per_stratum=slots_per_stratum
    )
    slots = draw_sequence(specification, draw_for=streams_of(seed))
    _seal(trial, slots, specification, public_key=public_key, out=out, purpose=purpose)


def run_import(
    path: Path,
    *,
    trial: str,
    public_key: Path,
    out: Path,
    purpose: str,
    strata: list[str] | None,
) -> None:
    """Seal a list made elsewhere."""
    refuse_existing(out)
    chosen = find_trial(trial)
    plan = plan_of(chosen)
    expected = Expected(
        trial=chosen.id, purpose=Purpose(purpose), plan=plan, strata=_strata(chosen, strata)
    )
    slots = read_list(path, expected=expected)
    specification = Specification(
        ratio=dict(plan.ratio),
        block_sizes=plan.block_sizes,
        slots={slot.stratum: slot.position for slot in slots},  # the last position is the length
        stratified_by=plan.strata,
    )
    _seal(chosen, slots, specification, public_key=public_key, out=out, purpose=purpose)


def run_commitment(path: Path) -> None:
    """Print what has to be published."""
    code = read_code(path)
    for name, value in (
        ("trial", code.trial),
        ("version", code.trial_version),
        ("digest of the protocol", code.trial_digest),
        ("purpose", code.purpose.value),
        ("slots", f"{len(code.slots)} in {len(code.specification.strata)} strata"),
        ("commitment", code.commitment),
        ("SHA-256 of the sealed code", code.digest),
    ):
        typer.echo(f"{name}: {value}")


def _strata(trial: Trial, chosen: list[str] | None) -> tuple[str, ...]:
    known = strata_of(trial)
    unknown = [name for name in chosen or () if name not in known]
    if unknown:
        raise typer.BadParameter(
            f"--stratum {', '.join(unknown)}: expected {', '.join(known[:3])}, ..., a stratum of "
            f"{trial.id}"
        )
    return tuple(chosen) if chosen else known


def _seal(
    trial: Trial,
    slots: tuple[Slot, ...],
    specification: Specification,
    *,
    public_key: Path,
    out: Path,
    purpose: str,
) -> None:
    code = seal_sequence(
        slots,
        specification=specification,
        public_pem=read_file(public_key),
        nonce=secrets.token_bytes(NONCE_BYTES),
        trial=trial.id,
        trial_version=trial.version,
        trial_digest=trial.digest,
        purpose=Purpose(purpose),
    )
    write_new(out, code_text(code).encode())
    _say(out, code)


def _say(out: Path, code: SealedCode) -> None:
    strata = len(code.specification.strata)
    typer.echo(
        f"{out}: a {code.purpose.value} list for {code.trial}, {len(code.slots)} slots in {strata} "
        f"{'strata' if strata > 1 else 'stratum'}, sealed"
    )
    typer.echo("Publish before the first participant:")
    typer.echo(f"commitment: {code.commitment}")
