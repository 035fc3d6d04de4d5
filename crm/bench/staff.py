"""Who works in the big company, who buys from it and from whom it buys."""

from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password
from django.db.models import prefetch_related_objects

from crm.cards.words import fold
from crm.clients.models import Channel, Company, Contact
from crm.demo import PASSWORD, words
from crm.office.models import Account, Office
from crm.people.models import Role, User


@dataclass
class Client:
    """A company with its contact and the manager who answers for both."""

    company: Company
    contact: Contact
    owner: User
    phone: str
    mail: str


@dataclass
class Staff:
    """Everybody and everything the cards of the big company name."""

    executives: list[User]
    dispatcher: User
    accountant: User
    managers: list[User]
    account: Account
    clients: dict[int, list[Client]] = field(default_factory=dict)
    suppliers: list[tuple[Company, str, str]] = field(default_factory=list)


def hire(managers):
    """Two executives, one who distributes leads, an accountant, an administrator and so many managers."""
    secret = make_password(PASSWORD)

    def person(email, name, role, **more):
        return User(email=f"{email}@bench.example", name=name, roles=[str(role)], password=secret, **more)

    surnames = [f"{surname}" for surname in words.SURNAMES]
    names = [words.FIRST_NAMES[n % len(words.FIRST_NAMES)][0] for n in range(managers)]
    people = User.objects.bulk_create([
        person("executive1", "Дмитрий Соколов", Role.EXECUTIVE),
        person("executive2", "Алексей Воронцов", Role.EXECUTIVE),
        person("dispatcher", "Юлия Тихонова", Role.MANAGER, distributes_leads=True),
        person("accountant", "Наталья Медведева", Role.ACCOUNTANT),
        person("administrator", "Роман Сафонов", Role.ADMINISTRATOR),
        *(person(f"manager{n + 1}", f"{name} {surnames[n % len(surnames)]}", Role.MANAGER) for n, name in enumerate(names)),
    ])  # fmt: skip
    office = Office.load()
    office.name = "Большая компания"
    office.save()
    account = Account.objects.create(
        firm="ООО «Большая компания»", inn="7800000008", kpp="780101001", bank="ПАО Сбербанк", bank_city="Москва",
        bik="044525225", correspondent="30101810400000000225", number="40702810900000000001",
    )  # fmt: skip
    return Staff(people[:2], people[2], people[3], people[5:], account)


def gather_clients(staff, tables, number, born, random):
    """So many clients spread over the managers, each with a company, a contact, a phone and a mail address."""
    for place in range(number):
        owner = staff.managers[place % len(staff.managers)]
        first, second = random.choice(words.FIRM_FIRST), random.choice(words.FIRM_SECOND)
        surname, (man, woman) = random.choice(words.SURNAMES), random.choice(words.FIRST_NAMES)
        person = random.choice((f"{man} {surname}", f"{woman} {surname}а"))
        phone, mail = f"+7999{place % 10**7:07}", f"office@client{place + 1}.example"
        company = Company(id=tables.id(Company), name=f"{first} {second} {place + 1}", owner=owner, created_at=born)
        contact = Contact(
            id=tables.id(Contact), name=person, owner=owner, company=company, created_at=born,
            position=random.choice(words.JOBS),
        )  # fmt: skip
        for client, side in ((company, "company"), (contact, "contact")):
            client.words = fold(" ".join(filter(None, [*client.own_words(), phone, mail])))
            tables.add(client)
            tables.add(Channel(kind=Channel.Kind.PHONE, value=phone, raw=phone, **{side: client}))
            tables.add(Channel(kind=Channel.Kind.MAIL, value=mail, raw=mail, **{side: client}))
        staff.clients.setdefault(owner.pk, []).append(Client(company, contact, owner, phone, mail))
    tables.write(Channel)
    prefetch_related_objects([client.contact for own in staff.clients.values() for client in own], "channels")
    for name, article, purpose in [*words.SUPPLIERS, *words.OVERHEADS]:
        supplier = Company(name=name, legal_name=f"ООО {name[name.index('«') :]}", kind="supplier", created_at=born)
        supplier.words = fold(" ".join(filter(None, supplier.own_words())))
        tables.add(supplier)
        staff.suppliers.append((supplier, article, purpose))
