"""Counting in working days over one calendar, without a database and without "now"."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from .production_calendar import DayKind, usual_kind


class WorkingDays:
    """The usual production calendar with some dates changed; a year is worked out once, when first asked for."""

    def __init__(self, changed: Mapping[date, str] | None = None):
        self._changed = changed or {}
        self._years: dict[int, list[int]] = {}

    def kind(self, day: date) -> DayKind:
        """Whether the date is a day off, a shortened or a full working day."""
        return DayKind(self._changed.get(day) or usual_kind(day))

    def add(self, day: date, days: int) -> date:
        """The ``days``-th working day after the date, before it when negative; 0 gives the first one not earlier.

        Raises OverflowError past the years that ``date`` can hold.
        """
        year = day.year
        working = self._year(year)
        at = bisect_right(working, day.toordinal()) - 1 if days > 0 else bisect_left(working, day.toordinal())
        at += days
        while at >= len(working):
            at -= len(working)
            year += 1
            working = self._year(year)
        while at < 0:
            year -= 1
            working = self._year(year)
            at += len(working)
        return date.fromordinal(working[at])

    def between(self, start: date, end: date) -> int:
        """How many working days the end is after the start: the start is not counted, the end is.

        Negative when the end is earlier, so that ``between(day, add(day, n)) == n`` for every n but 0.
        """
        if start <= end:
            return self._count(start, end, bisect_right)
        return -self._count(end, start, bisect_left)

    def _count(self, first: date, last: date, cut: Callable[[list[int], int], int]) -> int:
        whole_years = sum(len(self._year(year)) for year in range(first.year, last.year))
        return (
            whole_years + cut(self._year(last.year), last.toordinal()) - cut(self._year(first.year), first.toordinal())
        )

    def _year(self, year: int) -> list[int]:
        if year not in self._years:
            if not date.min.year <= year <= date.max.year:
                raise OverflowError(f"no calendar for the year {year}")
            first = date(year, 1, 1)
            dates = (first + timedelta(days=day) for day in range((date(year, 12, 31) - first).days + 1))
            self._years[year] = [day.toordinal() for day in dates if self.kind(day) != DayKind.OFF]
        return self._years[year]
