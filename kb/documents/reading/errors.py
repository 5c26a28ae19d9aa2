"""What is said about files that can't be taken."""

from kb.errors import InvalidInputError


class UnreadableError(InvalidInputError):
    """A file can't be taken, and this is what to do about it."""

    code = "unreadable"

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message, field="file", **params)
