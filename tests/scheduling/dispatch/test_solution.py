"""What changed between two plans."""

from scheduling.dispatch.solution import Slot, diff

BEFORE = {"kept": Slot("k", 100), "moved": Slot("k", 200), "gone": Slot("l", 0)}
AFTER = {"kept": Slot("k", 100), "moved": Slot("l", 2000), "new": Slot("k", 50)}


def test_the_diff_lists_every_visit_that_differs_and_no_other() -> None:
    assert [change.visit_id for change in diff(BEFORE, AFTER).changes] == ["gone", "moved", "new"]


def test_changes_are_sorted_by_kind() -> None:
    found = diff(BEFORE, AFTER)
    assert [c.visit_id for c in found.placed] == ["new"]
    assert [c.visit_id for c in found.dropped] == ["gone"]
    assert [c.visit_id for c in found.crew_changes] == ["moved"]
    assert [(c.visit_id, c.shift_s) for c in found.moved()] == [("moved", 1800)]


def test_a_small_shift_is_not_called_moved() -> None:
    assert diff({"a": Slot("k", 0)}, {"a": Slot("k", 900)}).moved() == ()
