"""Pages of clients: the list, a company, a contact, their forms, and the warning of duplicates."""

from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.cards.access import may_work
from crm.cards.models import Card
from crm.cards.verbs import hold as hold_cards
from crm.web import go, page, visible

from . import verbs
from .forms import CompanyForm, ContactForm, doubts, phones_of, several
from .models import Company, Contact

ON_PAGE = 50
MOST_CARDS = 100
MOST_CHECKED = 5


@require_safe
def clients(request):
    """Companies or contacts the person sees, filtered by text, fifty on a page (R-503)."""
    people = request.GET.get("show") == "contacts"
    model, link = (Contact, "contact") if people else (Company, "company")
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    rows = model.objects.visible_to(request.user).matching(text).order_by("name", "pk")
    chunk = Paginator(rows.select_related("owner").prefetch_related("channels"), ON_PAGE).get_page(
        request.GET.get("page")
    )
    cards = Card.objects.visible_to(request.user).open().filter(**{f"{link}__in": [row.pk for row in chunk]})
    counts = dict(cards.values_list(link).annotate(Count("pk")))
    rows = [{"client": row, "phones": phones_of(row), "cards": counts.get(row.pk, 0)} for row in chunk]
    context = {"rows": rows, "chunk": chunk, "q": text, "people": people, "may_create": may_create(request.user)}
    return page(request, "clients/list.html", context)


def cards_of(user, **client):
    """The client's cards this person sees, newest first."""
    cards = Card.objects.visible_to(user).filter(**client).select_related("owner")
    return cards.order_by("-created_at", "-pk")[:MOST_CARDS]


@require_safe
@visible(Company)
def company(request, company):
    """A company with its requisites, people and cards."""
    people = (
        Contact.objects.visible_to(request.user).filter(company=company).prefetch_related("channels").order_by("name")
    )
    context = {
        "client": company,
        "phones": phones_of(company),
        "people": [(person, phones_of(person)) for person in people],
        "cards": cards_of(request.user, company=company),
        "doubts": doubts(company),
        "works": may_work(request.user, company),
    }
    return page(request, "clients/company.html", context)


@require_safe
@visible(Contact)
def contact(request, contact):
    """A contact with their company, if that is seen too, and cards."""
    context = {
        "client": contact,
        "phones": phones_of(contact),
        "company": Company.objects.visible_to(request.user).filter(pk=contact.company_id).first(),
        "cards": cards_of(request.user, contact=contact),
        "works": may_work(request.user, contact),
    }
    return page(request, "clients/contact.html", context)


def may_create(user):
    return user.works_with_clients or user.is_accountant


def hold(client):
    """The client, locked after the cards that name it: a move locks its card first and its clients then."""
    cards = dict(client.cards.values_list("pk", "pipeline"))
    hold_cards(cards, {*cards.values()})
    return type(client).objects.select_for_update(no_key=True).get(pk=client.pk)


def edit(request, kind, client, title):
    """Show the form, or save it and open the client; a wrong one comes back as it was typed."""
    with transaction.atomic():
        if request.method == "POST" and client is not None:
            client = hold(client)
        form = kind(request.POST or None, instance=client, user=request.user)
        if request.method == "POST" and form.is_valid():
            return go(request, form.save().get_absolute_url())
    known = reverse("clients:duplicates") + (f"?but={client.pk}" if client else "")
    context = {"form": form, "title": title, "part": "clients/_form.html", "page_title": title, "known_url": known}
    return page(request, "dialog_page.html", context, "clients/_form.html", 422 if form.errors else 200)


def new(request, kind, title):
    if not may_create(request.user):
        raise Http404
    return edit(request, kind, None, title)


@require_http_methods(["GET", "POST"])
def new_company(request):
    """Add a company (R-503)."""
    return new(request, CompanyForm, _("New company"))


@require_http_methods(["GET", "POST"])
def new_contact(request):
    """Add a contact (R-503)."""
    return new(request, ContactForm, _("New contact"))


@require_http_methods(["GET", "POST"])
@visible(Company, work=True)
def edit_company(request, company):
    """Change a company; what somebody else changed meanwhile is not overwritten."""
    return edit(request, CompanyForm, company, company.name)


@require_http_methods(["GET", "POST"])
@visible(Contact, work=True)
def edit_contact(request, contact):
    """Change a contact; what somebody else changed meanwhile is not overwritten."""
    return edit(request, ContactForm, contact, contact.name)


@require_safe
def duplicates(request):
    """Who already has this phone, mail, INN or name; of an unseen client no more than who answers for it (G9, R-503)."""
    asked = {name: request.GET.get(name, "").replace("\0", "")[:1000] for name in ("phone", "email", "inn", "name")}
    found = []
    if may_create(request.user) or request.user.may_distribute_leads:
        phones, emails = several(asked["phone"])[:MOST_CHECKED], several(asked["email"])[:MOST_CHECKED]
        found = verbs.duplicates(request.user, phones, emails, asked["inn"].strip(), asked["name"].strip())
    shown = [(client, owner) for client, owner in found if str(client and client.pk) != request.GET.get("but")]
    return page(request, "clients/_duplicates.html", {"found": shown})
