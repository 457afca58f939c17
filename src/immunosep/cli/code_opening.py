"""`immunosep code open`, `reveal` and `envelopes`: the commands whose work is to show arms."""

from importlib.util import find_spec
from pathlib import Path

import typer

from immunosep.cli.key_files import read_key
from immunosep.cli.output import replaced_whole, warn
from immunosep.cli.secret_files import OWNER_ONLY, refuse_existing, write_new
from immunosep.errors import CodeError, ImmunosepError
from immunosep.protocol.trial import Trial
from immunosep.randomisation.code import SealedCode, list_bytes
from immunosep.randomisation.code_files import read_code
from immunosep.randomisation.disclosure import Disclosure, disclose
from immunosep.randomisation.opening import OpenedCode, open_code
from immunosep.trials import find_trial

NONCE_SUFFIX = ".nonce"


def run_open(path: Path, *, key: Path, out: Path, passphrase_file: Path | None) -> None:
    """Write the list and its nonce, once the list is seen to be the one committed to."""
    nonce = out.with_suffix(NONCE_SUFFIX)
    refuse_existing(out, nonce)
    code, opened = opened_code(path, key, passphrase_file)
    listed = list_bytes(opened.slots, trial=code.trial, purpose=code.purpose)
    write_new(out, listed, mode=OWNER_ONLY)
    write_new(nonce, opened.nonce, mode=OWNER_ONLY)
    typer.echo(f"{out}: {len(opened.slots)} slots; {nonce}: the nonce")
    typer.echo(f"SHA-256 of the one followed by the other is the commitment: {code.commitment}")


def run_reveal(
    path: Path,
    *,
    key: Path,
    stratum: str,
    position: int,
    state: str | None,
    trial: str | None,
    passphrase_file: Path | None,
) -> None:
    """Print what one slot means, and nothing of another."""
    code, opened = opened_code(path, key, passphrase_file)
    if code.slot(stratum, position) is None:
        raise CodeError(f"the code has no position {position} of stratum {stratum!r}")
    shown = _disclosures(code, opened, _trial(code, trial), stratum, state)[position - 1]
    typer.echo(f"stratum {stratum}, position {position}: {shown.arm}")
    for treatment in shown.treatments:
        typer.echo(f"{treatment.state}:" if treatment.state else "treatment:")
        for component in treatment.components:
            typer.echo(f"  {component}")


def run_envelopes(
    path: Path,
    *,
    key: Path,
    stratum: str,
    out: Path,
    trial: str | None,
    font: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Write the sheets of one stratum."""
    refuse_existing(out)
    if find_spec("reportlab") is None:
        raise ImmunosepError(
            "the envelopes need reportlab; install with `pip install 'immunosep[web]'`"
        )
    from immunosep.randomisation.envelopes import write_envelopes

    code, opened = opened_code(path, key, passphrase_file)
    if stratum not in code.specification.strata:
        raise CodeError(f"the code has no stratum {stratum!r}")
    chosen = _trial(code, trial)
    sheets = _disclosures(code, opened, chosen, stratum, None)
    with replaced_whole(out) as part:
        part.chmod(OWNER_ONLY)
        write_envelopes(part, sheets, trial=chosen, commitment=code.commitment, font=font)
    typer.echo(f"{out}: {len(sheets)} sheets. Print, fold, seal; then delete the file")


def opened_code(
    path: Path, key: Path, passphrase_file: Path | None
) -> tuple[SealedCode, OpenedCode]:
    """A sealed code as it stands in a file, and what it says."""
    code = read_code(path)
    return code, open_code(code, read_key(key, passphrase_file=passphrase_file))


def _trial(code: SealedCode, own: str | None) -> Trial:
    trial = find_trial(own or code.trial)
    if trial.id != code.trial:
        raise CodeError(f"the code is for trial {code.trial!r}, and {trial.id!r} was named")
    if trial.digest != code.trial_digest:
        warn("the protocol is not the one the code was made under; its treatments are shown")
    return trial


def _disclosures(
    code: SealedCode, opened: OpenedCode, trial: Trial, stratum: str, state: str | None
) -> list[Disclosure]:
    return [
        disclose(trial, stratum=stratum, position=slot.position, arm=slot.arm, state=state)
        for slot in opened.slots
        if slot.stratum == stratum
    ]
