"""Files that hold a key, a list or a nonce: only their owner can read them, none is replaced."""

import os
from pathlib import Path

import typer

from immunosep.cli.output import unwritable
from immunosep.errors import CodeError

OWNER_ONLY = 0o600


def refuse_existing(*paths: Path) -> None:
    """Refuse to go on if one of the files to write is already there."""
    there = [str(path) for path in paths if path.exists()]
    if there:
        raise CodeError(
            f"{' and '.join(there)} {'are' if len(there) > 1 else 'is'} already there, and what is "
            "sealed or secret is never replaced. Name another file, or move the old one away"
        )


def write_new(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write a new file, whole, or leave none."""
    refuse_existing(path)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        raise unwritable(path, error.strerror) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise unwritable(path, error.strerror) from None


def read_file(path: Path) -> bytes:
    """The bytes of a file."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CodeError(f"cannot read {path}: {error.strerror}") from None


def read_passphrase(path: Path) -> bytes:
    """The first line of a passphrase file."""
    lines = read_file(path).splitlines()
    if not lines or not lines[0].strip():
        raise CodeError(f"{path}: its first line is empty, expected a passphrase")
    return lines[0]


def ask_passphrase(prompt: str, *, twice: bool = False) -> bytes:
    """What the user types, unseen."""
    typed: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=twice, err=True)
    return typed.encode()
