"""What another policy would have done: past incidents scored again, and who changes class.

Scores stored snapshots in bulk under two policies and compares. Knows no store and changes
nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from priority.batch import Batch, assess_batch
from priority.facts import Facts
from priority.policy import Policy, Priority

CLASSES = tuple(Priority)


@dataclass(frozen=True, slots=True)
class Move:
    """One incident whose class changes.

    Attributes:
        index: Position in the batch.
        before: Class under the policy in force.
        after: Class under the draft.
        score_before: 0–100.
        score_after: 0–100.
    """

    index: int
    before: Priority
    after: Priority
    score_before: int
    score_after: int


@dataclass(frozen=True, slots=True)
class Replay:
    """What a draft policy changes.

    Attributes:
        incidents: How many were scored.
        classes: Pairs of class before and after, with how many; those that stay included.
        overtaken: How many more incidents the draft puts in a higher class than before, by the
            class of those that would have waited behind them.
        moves: The changes, largest change of score first, at most as many as asked for.
    """

    incidents: int
    classes: dict[tuple[Priority, Priority], int]
    overtaken: dict[Priority, int]
    moves: tuple[Move, ...]

    @property
    def changed(self) -> int:
        """Return how many change class."""
        return sum(n for (before, after), n in self.classes.items() if before != after)

    @property
    def would_wait(self) -> int:
        """Return how many fall to a lower class, and so would have waited longer."""
        return sum(n for (before, after), n in self.classes.items() if after > before)


def replay(facts: Sequence[Facts], in_force: Policy, draft: Policy, limit: int = 100) -> Replay:
    """Return what a draft policy would have changed.

    Args:
        facts: Stored snapshots of past incidents.
        in_force: The policy to compare with.
        draft: The policy tried.
        limit: Most moves listed.
    """
    return replay_batch(Batch.of(facts), in_force, draft, limit)


def replay_batch(batch: Batch, in_force: Policy, draft: Policy, limit: int = 100) -> Replay:
    """Return what ``replay`` does, for snapshots already made ready."""
    old, new = assess_batch(batch, in_force), assess_batch(batch, draft)
    pairs = Counter(zip(old.classes.tolist(), new.classes.tolist(), strict=True))
    classes = {(CLASSES[a], CLASSES[b]): n for (a, b), n in sorted(pairs.items())}
    changed = [i for i in range(batch.size) if old.classes[i] != new.classes[i]]
    changed.sort(key=lambda i: -abs(int(new.scores[i]) - int(old.scores[i])))
    moves = tuple(
        Move(
            i,
            CLASSES[int(old.classes[i])],
            CLASSES[int(new.classes[i])],
            int(old.scores[i]),
            int(new.scores[i]),
        )
        for i in changed[:limit]
    )
    return Replay(batch.size, classes, _overtaken(classes), moves)


def _overtaken(classes: dict[tuple[Priority, Priority], int]) -> dict[Priority, int]:
    """Return, for each class that stays, how many newcomers come to stand before it."""
    return {
        kept: sum(n for (a, b), n in classes.items() if a >= kept and b < kept) for kept in CLASSES
    }
