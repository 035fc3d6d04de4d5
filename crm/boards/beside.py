"""What an app adds to the boards and lists of its pipeline: pages beside them, and what is done to several chosen cards."""

_pages, _acts = {}, {}


def pages_beside(slug):
    """Register ``func(user) -> [{label, icon, url}]``: pages that stand beside this pipeline's board."""
    return lambda func: _pages.setdefault(slug, func)


def acts_on_many(slug):
    """Register ``func(user) -> [{label, icon, url}]``: each asks its dialog for the cards chosen in the list (C-23)."""
    return lambda func: _acts.setdefault(slug, func)


def beside(slug, user):
    """Both, as a board's head and a list draw them."""
    return {name: known[slug](user) if slug in known else [] for name, known in (("pages", _pages), ("acts", _acts))}
