"""What is drawn once is kept within bounds of memory, whatever its size."""

from crm import drawn


def test_what_is_kept_is_bound_by_its_length(monkeypatch):
    monkeypatch.setattr(drawn, "_kept", type(drawn._kept)(100, getsizeof=drawn.size))
    looks = [(n,) for n in range(5)]
    for look in looks:
        drawn.keep(look, ("x" * 30, "now", "today") if look[0] % 2 else "x" * 30)
    assert [kept is not None for kept in drawn.recall(looks)] == [False, False, True, True, True]


def test_what_is_very_long_is_not_kept():
    drawn.keep(("long",), "x" * (drawn.LONGEST + 1))
    drawn.keep(("longest",), "x" * drawn.LONGEST)
    assert [kept is not None for kept in drawn.recall([("long",), ("longest",)])] == [False, True]
