"""Full-width and half-width forms made one, character by character, so that places in a text stay the same.

Everything in this room that compares printed words uses it; what is quoted is always the original.
"""

from __future__ import annotations

NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}


def narrow(text: str) -> str:
    """Full-width letters, digits, punctuation and blanks to ASCII; the length never changes."""
    return text.translate(NARROW)


def fold(text: str) -> str:
    """`narrow`, and capitals to small letters unless that would change the length (İ)."""
    return small(narrow(text))


def small(text: str) -> str:
    """Capitals to small letters, unless that would change the length (İ)."""
    lower = text.lower()
    return lower if len(lower) == len(text) else text
