"""What was promised against what is stored: names what is lost, doubled or out of order."""

from collections.abc import Sequence


def broken_promises(answered: Sequence[str], stored: Sequence[str]) -> list[str]:
    """Return a sentence for each promise that the store breaks.

    Args:
        answered: Names in the order of their answers.
        stored: Names in the order of the log. It may hold names that were never answered.
    """
    held = set(stored)
    told = [f"lost: {name}" for name in answered if name not in held]
    told += [f"doubled: {name}" for name in sorted(held) if stored.count(name) > 1]
    known = [name for name in stored if name in set(answered)]
    if not told and known != list(answered):
        told.append("out of order")
    return told


def is_prefix(stored: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether what is stored is the beginning of the history, with no hole."""
    return list(stored) == list(whole[: len(stored)])
