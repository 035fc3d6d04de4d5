"""What the office settles for everyone: rules, calendar, stages, catalogues, ready tasks, own firms and accounts."""

from .account import Account
from .catalogue import Catalogue, Entry, TaskTemplate
from .change import Area, SettingsChange
from .day import CalendarDay
from .export import Export
from .rules import Office, office
from .stage import FieldHint, StageSetting

__all__ = [
    "Account", "Area", "CalendarDay", "Catalogue", "Entry", "Export", "FieldHint", "Office", "SettingsChange",
    "StageSetting", "TaskTemplate", "office",
]  # fmt: skip
