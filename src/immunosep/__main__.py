"""`python -m immunosep` is the command `immunosep`."""

from immunosep.cli import main

if __name__ == "__main__":
    main()
