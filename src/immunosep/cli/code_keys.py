"""`immunosep code keys`: a pair of keys in two files."""

import os
from pathlib import Path

import typer

from immunosep.cli.output import unwritable
from immunosep.cli.secret_files import (
    OWNER_ONLY,
    ask_passphrase,
    read_passphrase,
    refuse_existing,
    write_new,
)
from immunosep.randomisation.code import make_keys

PUBLIC, PRIVATE = "code.public.pem", "code.private.pem"
SHORTEST_PASSPHRASE = 12


def run(out: Path, *, no_passphrase: bool, passphrase_file: Path | None) -> None:
    """Write the pair, and say who may have which."""
    if no_passphrase and passphrase_file:
        raise typer.BadParameter("--no-passphrase and --passphrase-file exclude each other")
    public, private = out / PUBLIC, out / PRIVATE
    refuse_existing(public, private)
    pair = make_keys(None if no_passphrase else _passphrase(passphrase_file))
    _make_folder(out)
    write_new(private, pair.private_pem, mode=OWNER_ONLY)
    write_new(public, pair.public_pem)
    typer.echo(f"{public}: for whoever makes the list, and for the website")
    typer.echo(f"{private}: for those who may open the list, and for no one who is blinded")
    typer.echo("Keep a copy of the private key elsewhere: without it nobody can unblind.")


def _passphrase(file: Path | None) -> bytes:
    if file:
        passphrase = read_passphrase(file)
    else:
        passphrase = ask_passphrase("Passphrase for the private key", twice=True)
    if len(passphrase.decode(errors="replace")) < SHORTEST_PASSPHRASE:
        raise typer.BadParameter(
            f"expected a passphrase of {SHORTEST_PASSPHRASE} characters or more"
        )
    return passphrase


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(out, error.strerror or os.strerror(0)) from None
