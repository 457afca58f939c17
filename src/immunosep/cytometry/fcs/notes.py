"""What is noticed while a data set is read: what refuses it, and what its reader should know."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Notes:
    """Sentences in the order they were found, each once."""

    problems: dict[str, None] = field(default_factory=dict)
    warnings: dict[str, None] = field(default_factory=dict)

    def refuse(self, sentence: str) -> None:
        """Nothing of the file is answered; reading goes on to find what else is wrong."""
        self.problems[sentence] = None

    def warn(self, sentence: str) -> None:
        """The file is read, and says so."""
        self.warnings[sentence] = None
