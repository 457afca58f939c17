"""`immunosep code`: make, seal, publish, open and verify a randomisation list."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from immunosep.cli.options import TRIAL, complete_trial


class PurposeName(StrEnum):
    """What a list is for."""

    LIVE = "live"
    TEST = "test"


code_app = typer.Typer(
    no_args_is_help=True,
    help="Make a sealed randomisation list; open one, verify one.",
)

CODE = Annotated[Path, typer.Argument(metavar="CODE.json", help="A sealed code.")]
PUBLIC_KEY = Annotated[
    Path, typer.Option("--public-key", metavar="FILE", help="code.public.pem of `code keys`.")
]
KEY = Annotated[
    Path, typer.Option("--key", metavar="FILE", help="code.private.pem of `code keys`.")
]
PASSPHRASE_FILE = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help="Take the key's passphrase from the first line of a file instead of asking.",
    ),
]
PURPOSE = Annotated[
    PurposeName, typer.Option(help="What the list is for; a live site takes no test list.")
]
STRATA = Annotated[
    list[str] | None,
    typer.Option(
        "--stratum",
        metavar="NAME",
        help="Only this stratum; may be given again. By default all of the trial's centres.",
    ),
]
OUT_CODE = Annotated[Path, typer.Option("--out", metavar="CODE.json", help="The file to write.")]
OWN_TRIAL = Annotated[
    str | None,
    typer.Option(
        "--trial",
        metavar="ID|FILE.py",
        help="The trial, if it is your own file; else the one the code names.",
        autocompletion=complete_trial,
    ),
]
STRATUM = Annotated[str, typer.Option("--stratum", metavar="NAME", help="The stratum.")]


@code_app.command("keys")
def make_keys(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write into.")],
    no_passphrase: Annotated[
        bool, typer.Option("--no-passphrase", help="Leave the private key open in its file.")
    ] = False,
    passphrase_file: PASSPHRASE_FILE = None,
) -> None:
    """Make a pair of keys: one seals a list and may be seen, the other opens it.

    \b
    immunosep code keys --out keys
    """
    from immunosep.cli.code_keys import run

    run(out, no_passphrase=no_passphrase, passphrase_file=passphrase_file)


@code_app.command("generate")
def generate(
    public_key: PUBLIC_KEY,
    slots_per_stratum: Annotated[
        int, typer.Option(min=1, metavar="N", help="How long each stratum's sequence is.")
    ],
    out: OUT_CODE,
    trial: TRIAL = "immunosep",
    purpose: PURPOSE = PurposeName.LIVE,
    stratum: STRATA = None,
    seed_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Draw from the bytes of this file, 16 or more, to draw again."
        ),
    ] = None,
) -> None:
    """Draw a trial's list and write it sealed; it is shown to nobody.

    \b
    immunosep code generate --public-key keys/code.public.pem --slots-per-stratum 40 --out code.json
    """
    from immunosep.cli.code_sealing import run_generate

    run_generate(
        trial,
        public_key=public_key,
        slots_per_stratum=slots_per_stratum,
        out=out,
        purpose=purpose,
        strata=stratum,
        seed_file=seed_file,
    )


@code_app.command("import")
def import_list(
    path: Annotated[
        Path,
        typer.Argument(metavar="LIST.csv", help="trial,purpose,stratum,position,arm; a header."),
    ],
    public_key: PUBLIC_KEY,
    out: OUT_CODE,
    trial: TRIAL = "immunosep",
    purpose: PURPOSE = PurposeName.LIVE,
    stratum: STRATA = None,
) -> None:
    """Seal a list made elsewhere, as it stands, or say all that is wrong with it.

    \b
    immunosep code import list.csv --public-key keys/code.public.pem --out code.json
    """
    from immunosep.cli.code_sealing import run_import

    run_import(path, trial=trial, public_key=public_key, out=out, purpose=purpose, strata=stratum)


@code_app.command("commitment")
def commitment(path: CODE) -> None:
    """Print what to publish before the first participant.

    \b
    immunosep code commitment code.json
    """
    from immunosep.cli.code_sealing import run_commitment

    run_commitment(path)


@code_app.command("open")
def open_list(
    path: CODE,
    key: KEY,
    out: Annotated[
        Path, typer.Option("--out", metavar="LIST.csv", help="The list; its nonce goes beside it.")
    ],
    passphrase_file: PASSPHRASE_FILE = None,
) -> None:
    """Open the whole code: write its list, and the nonce of its commitment.

    \b
    immunosep code open code.json --key keys/code.private.pem --out list.csv
    """
    from immunosep.cli.code_opening import run_open

    run_open(path, key=key, out=out, passphrase_file=passphrase_file)


@code_app.command("verify")
def verify(
    path: CODE,
    allocations: Annotated[
        Path,
        typer.Option(metavar="FILE", help="The allocations a site exported: CSV or JSON lines."),
    ],
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The private key; or --list and --nonce.")
    ] = None,
    list_: Annotated[
        Path | None, typer.Option("--list", metavar="LIST.csv", help="The published list.")
    ] = None,
    nonce: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The published nonce: a file of 32 bytes.")
    ] = None,
    published: Annotated[
        str | None, typer.Option("--commitment", metavar="HEX", help="The published commitment.")
    ] = None,
    passphrase_file: PASSPHRASE_FILE = None,
) -> None:
    """Replay every allocation against the list that was committed to; exit with 1 if it differs.

    \b
    immunosep code verify code.json --key keys/code.private.pem --allocations made.csv
    immunosep code verify code.json --list list.csv --nonce list.nonce --allocations made.csv
    """
    from immunosep.cli.code_verify import run

    run(
        path,
        allocations=allocations,
        key=key,
        listed=list_,
        nonce=nonce,
        published=published,
        passphrase_file=passphrase_file,
    )


@code_app.command("reveal")
def reveal(
    path: CODE,
    key: KEY,
    stratum: STRATUM,
    position: Annotated[int, typer.Option(min=1, metavar="N", help="The position.")],
    state: Annotated[
        str | None, typer.Option(metavar="ID", help="The participant's immune state.")
    ] = None,
    trial: OWN_TRIAL = None,
    passphrase_file: PASSPHRASE_FILE = None,
) -> None:
    """Print one participant's arm and treatment: emergency unblinding without the website.

    \b
    immunosep code reveal code.json --key keys/code.private.pem --stratum 01_jena --position 7
    """
    from immunosep.cli.code_opening import run_reveal

    run_reveal(
        path,
        key=key,
        stratum=stratum,
        position=position,
        state=state,
        trial=trial,
        passphrase_file=passphrase_file,
    )


@code_app.command("envelopes")
def envelopes(
    path: CODE,
    key: KEY,
    stratum: STRATUM,
    out: Annotated[Path, typer.Option("--out", metavar="FILE.pdf", help="The file to write.")],
    trial: OWN_TRIAL = None,
    font: Annotated[
        Path | None,
        typer.Option(metavar="FILE.ttf", help="A font, for letters the built-in one lacks."),
    ] = None,
    passphrase_file: PASSPHRASE_FILE = None,
) -> None:
    """Write a sheet to fold for each slot of a stratum, for a safe without electricity.

    \b
    immunosep code envelopes code.json --key keys/code.private.pem --stratum 01_jena --out jena.pdf
    """
    from immunosep.cli.code_opening import run_envelopes

    run_envelopes(
        path,
        key=key,
        stratum=stratum,
        out=out,
        trial=trial,
        font=font,
        passphrase_file=passphrase_file,
    )


@code_app.command("records")
def records(
    folder: Annotated[
        Path, typer.Argument(metavar="RECORDS", help="What `immunosep site records` wrote.")
    ],
    path: CODE,
    key: KEY,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The new folder to write.")],
    passphrase_file: PASSPHRASE_FILE = None,
) -> None:
    """Write a trial's records again with the true arms, for the unblinded analysis.

    \b
    immunosep code records records code.json --key keys/code.private.pem --out unblinded
    """
    from immunosep.cli.code_records import run_records

    run_records(folder, path, key=key, out=out, passphrase_file=passphrase_file)
