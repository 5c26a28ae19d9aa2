"""The errors of the knowledge domain: a message for the person, a code for the program.

A message is a Chinese text that may hold ``%(name)s`` fields; the web floor translates the text and fills the fields.
"""

from typing import ClassVar

from kb.i18n import N_


class KbError(Exception):
    """Something the person can understand and act on.

    Args:
        message: Chinese text, with ``%(name)s`` fields where *params* fills in.
        params: values of the fields.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message)
        self.message = message
        self.params = params

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class NotFoundError(KbError):
    """There is no such thing, or this person may not know that there is."""

    code = "not_found"


class PermissionDeniedError(KbError):
    """This person may not do that."""

    code = "permission_denied"

    def __init__(self, message: str = N_("你没有权限这样做"), **params: object) -> None:
        super().__init__(message, **params)


class InvalidInputError(KbError):
    """What was given can't be taken; *field* names the part that is wrong."""

    code = "invalid_input"

    def __init__(self, message: str, *, field: str | None = None, **params: object) -> None:
        super().__init__(message, **params)
        self.field = field


class ConflictError(KbError):
    """Somebody else changed it first, or it exists already."""

    code = "conflict"


class TransitionError(KbError):
    """The state does not allow this step."""

    code = "invalid_transition"


class SetupError(KbError):
    """The installation is not ready: no database, no secret, wrong version."""

    code = "setup"
