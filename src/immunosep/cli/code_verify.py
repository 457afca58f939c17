"""`immunosep code verify`: whether the list committed to is the one that was followed."""

from pathlib import Path

import typer

from immunosep.cli.key_files import read_key
from immunosep.cli.output import warn
from immunosep.cli.secret_files import read_file
from immunosep.randomisation.code_files import read_code
from immunosep.randomisation.exported import read_allocations
from immunosep.randomisation.verify import Verification, verify_with_key, verify_with_list

FOUND = 1  # the exit code of a verification that found something; 2 is for what cannot be read


def run(
    path: Path,
    *,
    allocations: Path,
    key: Path | None,
    listed: Path | None,
    nonce: Path | None,
    published: str | None,
    passphrase_file: Path | None,
) -> None:
    """Print a line for each finding; exit with 1 if there is any."""
    by_list = listed is not None and nonce is not None
    if (key is None) is not by_list or (listed is None) is not (nonce is None):
        raise typer.BadParameter("expected --key, or both --list and --nonce")
    code, made = read_code(path), read_allocations(allocations)
    if key:
        opened = read_key(key, passphrase_file=passphrase_file)
        verification = verify_with_key(code, opened, allocations=made, published=published)
    else:
        assert listed
        assert nonce
        verification = verify_with_list(
            code,
            listed=read_file(listed),
            nonce=read_file(nonce),
            allocations=made,
            published=published,
        )
    _say(verification)
    if not verification.holds:
        raise typer.Exit(FOUND)


def _say(verification: Verification) -> None:
    for text in verification.notes:
        warn(text)
    for finding in verification.findings:
        typer.echo(str(finding))
    count = len(verification.findings)
    checked = f"{verification.allocations} allocations against {verification.slots} slots"
    typer.echo(f"{checked}: {f'{count} wrong' if count else 'nothing wrong'}")
