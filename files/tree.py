"""The folders of one card as a tree, from one statement: what lies in what, and the way to it."""

from collections import defaultdict

MOST_FOLDERS = 2000
MOST_DEPTH = 20


class Tree:
    """All folders of a card; a card has tens of them, and never more than ``MOST_FOLDERS``."""

    def __init__(self, card_id):
        from .models import Folder

        self.folders = {folder.pk: folder for folder in Folder.objects.filter(card_id=card_id).order_by("pk")}
        self.inside = defaultdict(list)
        for folder in self.folders.values():
            self.inside[folder.parent_id].append(folder)

    @property
    def root(self):
        """The card's own folder, or None before it has one."""
        return next(iter(self.inside[None]), None)

    def way(self, folder):
        """The folder and those around it, the outermost first."""
        path, at = [], self.folders.get(folder.pk)
        while at is not None:
            path.insert(0, at)
            at = self.folders.get(at.parent_id)
        return path

    def under(self, folder, there=False):
        """The folder and all in it, outer before inner; ``there`` leaves out what is in the bin."""
        found = [self.folders[folder.pk]]
        for at in found:
            found += [child for child in self.inside[at.pk] if not (there and child.trashed_at)]
        return found

    def children(self, folder):
        """The folders in it that are not in the bin."""
        return [child for child in self.inside[folder.pk] if child.trashed_at is None]
