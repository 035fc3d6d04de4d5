"""How far cards of the big company go: steps of the declared processes, and what each stage plans by itself."""

# The whole road of a card that is won; where a card stands is how many of these steps it took.
ROADS = {
    "leads": ("discuss", "convert", "save_contact"),
    "attraction": ("search", "find", "present", "enter_pool"),
    "reminder": ("schedule", "come_near", "fall_behind"),
    "project": ("clarify", "prepare_offer", "decide", "approve_offer", "sign", "supply", "finish"),
    "expenses": ("send", "approve", "order", "settle"),
}
# Which other endings there are, each possible after so many steps of the road.
ENDINGS = {
    "leads": {"put_aside": 0, "exclude": 0, "save_contact": 1},
    "attraction": {"refuse": 2},
    "reminder": {"silence": 1},
    "project": {"refuse": 3},
    "expenses": {"cancel": 0},
}
# Steps that no person takes: the calendar does.
BY_ITSELF = {"come_near", "fall_behind"}
# Of a hundred cards so many have left the board; the others stand evenly over its open stages.
CLOSED = {"leads": 60, "attraction": 35, "reminder": 20, "project": 30, "expenses": 70}
# Of a hundred deals.
SHARES = {"project": 70, "attraction": 15, "reminder": 15}

# (pipeline, stage entered) -> (rule, closes when the stage is left, who gets it)
PLANNED = {
    ("leads", "discuss"): [("discuss-lead", True, "owner")],
    ("attraction", "found"): [("strategy-meeting", True, "owner")],
    ("project", "clarifying"): [("clarify-request", False, "owner")],
    ("project", "decision"): [("decision-meeting", True, "owner")],
    ("expenses", "approval"): [("approve-expense", True, "executives")],
    ("expenses", "order"): [("payment-order", True, "accountant")],
}
FOLLOWED = {"discuss-lead", "strategy-meeting", "decision-meeting"}
PROCESSES = ("offer-selection", "offer-prices", "offer-estimate", "offer-samples", "offer-logistics")
LOSSES = ("price", "competitor", "own-supplier")


def road_of(slug, random):
    """Steps of one card, drawn so that the open stages hold about the same number of cards."""
    road = ROADS[slug]
    if random.random() * 100 >= CLOSED[slug]:
        return road[: random.randrange(len(road) + (slug == "reminder"))]
    endings = ENDINGS[slug]
    ending = random.choice(tuple(endings)) if slug in ("leads", "reminder") or random.random() < 0.3 else None
    if ending is None:
        return road
    least = endings[ending]
    taken = random.randint(least, max(least, len(road) - 1)) if slug != "leads" else least
    return (*road[:taken], ending)
