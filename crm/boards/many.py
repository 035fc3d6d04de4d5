"""Acts on several cards chosen in a list: which were chosen, and what came of each (C-23)."""

from django.urls import reverse

from crm.web import go, nothing, page, toast

MOST = 200


def chosen(request):
    """Ids of the cards chosen, at most MOST of them, each once; what is no id is let fall."""
    given = request.POST if request.method == "POST" else request.GET
    ids = [int(one) for one in given.getlist("card")[:MOST] if one.isdecimal() and len(one) < 19]
    return list(dict.fromkeys(ids))


def answer(request, slug, title, told, report):
    """Say what was done: a toast when all went well, else row by row. ``report`` is pairs of (card or None, words)."""
    says = {"card-changed": {}, "bulk-done": {}}
    back = reverse("boards:list", args=[slug])
    if report and not any(words for _card, words in report):
        return nothing(**says, toast=toast(told)) if request.headers.get("HX-Request") else go(request, back)
    context = {
        "title": title, "page_title": told, "told": told, "report": report, "back": back,
        "part": "boards/_report.html",
    }  # fmt: skip
    return page(request, "dialog_page.html", context, context["part"], says=says)
