"""Marking texts for translation on the floors that have no translator.

The Chinese text is the message id; the web floor translates it when it shows it. No translation happens here.
"""


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, don't translate"
    """Mark *message* (Chinese) for extraction into the translation catalogue and return it unchanged."""
    return message
