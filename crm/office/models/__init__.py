"""What the office settles for everyone: its rules, calendar, catalogues, ready tasks, own firms and accounts."""

from .account import Account
from .catalogue import Catalogue, Entry, TaskTemplate
from .day import CalendarDay
from .rules import Office, office

__all__ = ["Account", "CalendarDay", "Catalogue", "Entry", "Office", "TaskTemplate", "office"]
