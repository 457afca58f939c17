"""Reading a private key's file, its passphrase from a file or from the user."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from immunosep.cli.secret_files import ask_passphrase, read_file, read_passphrase
from immunosep.randomisation.opening import read_private_key

ENCRYPTED = b"BEGIN ENCRYPTED PRIVATE KEY"


def read_key(path: Path, *, passphrase_file: Path | None) -> X25519PrivateKey:
    """The private key of a file."""
    pem = read_file(path)
    passphrase = read_passphrase(passphrase_file) if passphrase_file else None
    if passphrase is None and ENCRYPTED in pem:
        passphrase = ask_passphrase(f"Passphrase of {path.name}")
    return read_private_key(pem, passphrase=passphrase)
