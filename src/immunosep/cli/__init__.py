"""The command `immunosep`: one verb per file.

Standard output carries nothing but the answer; progress goes to standard error, and only to a
terminal. Whatever a user can cause ends with one message and exit code 2.
"""

import sys


def main() -> None:
    """Run the command, or say which extra it needs."""
    try:
        from immunosep.cli.app import app
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "rich"):
            raise
        sys.stderr.write(
            f"error: the command line needs {error.name}; install it with "
            "`pip install 'immunosep[cli]'`\n"
        )
        sys.exit(2)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")  # a terminal without ✓ shows ?, not a traceback
    app()
