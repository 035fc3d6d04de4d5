"""The demo company's people, accounts and suppliers, and whom of its clients it knows by which name."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from crm.clients.models import Company
from crm.clients.requisites import validate_account, validate_inn
from crm.clients.verbs import add_channels
from crm.office.models import Account, Office
from crm.people.models import User

from . import PASSWORD, PEOPLE, words

BIK, CORRESPONDENT, BANK = "044525225", "30101810400000000225", "ПАО Сбербанк"


def fits(check, *before):
    """Whether the check lets these values pass."""
    try:
        check(*before)
    except ValidationError:
        return False
    return True


def inn(random):
    """A number that passes as the ИНН of an organisation."""
    digits = f"78{random.randrange(10**7):07}"
    return next(f"{digits}{key}" for key in range(10) if fits(validate_inn, f"{digits}{key}"))


def account(random):
    """A number that passes as an account in the bank."""
    tail = f"{random.randrange(10**11):011}"
    return next(n for n in (f"40702810{key}{tail}" for key in range(10)) if fits(validate_account, BIK, n))


class Firm:
    """The demo company: who works there, whom it buys from, whom it may hear from."""

    def __init__(self, random):
        self.random = random
        secret = make_password(PASSWORD)
        people = User.objects.bulk_create(
            User(name=name, position=position, roles=roles, distributes_leads=distributes, email=email, password=secret)
            for name, position, roles, distributes, email in PEOPLE
        )
        self.executives = [u for u in people if "executive" in u.roles]
        self.managers = [u for u in people if "manager" in u.roles and not u.distributes_leads]
        self.dispatcher = next(u for u in people if "manager" in u.roles and u.distributes_leads)
        self.accountant = next(u for u in people if "accountant" in u.roles)
        office = Office.load()
        office.name = "Интерьер-Комплект"
        office.save()
        self.account = Account.objects.create(
            firm="ООО «Интерьер-Комплект»", inn=inn(random), kpp="780101001", bank=BANK, bank_city="Москва",
            bik=BIK, correspondent=CORRESPONDENT, number=account(random),
        )  # fmt: skip
        self.suppliers = [self._supplier(*row) for row in words.SUPPLIERS]
        self.overheads = [self._supplier(*row) for row in words.OVERHEADS]
        self.clients = self._clients()

    def _supplier(self, name, article, purpose):
        company = Company.objects.create(
            name=name, legal_name=f"ООО {name[name.index('«'):]}", inn=inn(self.random), kpp="780101001",
            bank_name=BANK, bik=BIK, account=account(self.random), correspondent_account=CORRESPONDENT,
            kind="supplier", created_at=timezone.now() - timedelta(days=400),
        )  # fmt: skip
        add_channels(company, [self.phone()], [])
        return company, article, purpose

    def phone(self):
        return (
            f"+7 999 {self.random.randrange(100, 1000)}-{self.random.randrange(100):02}-{self.random.randrange(100):02}"
        )

    def _clients(self):
        """What leads say of themselves; everybody's inquiries go to one manager."""
        names = [f"{first} {second}" for first in words.FIRM_FIRST for second in words.FIRM_SECOND]
        self.random.shuffle(names)
        clients = []
        for place, name in enumerate(names):
            surname, (man, woman) = self.random.choice(words.SURNAMES), self.random.choice(words.FIRST_NAMES)
            person = self.random.choice([f"{man} {surname}", f"{woman} {surname}а"])
            clients.append(
                {
                    "firm": name, "person": person, "phone": self.phone(), "email": f"office@client{place + 1}.example",
                    "owner": self.managers[place % len(self.managers)],
                }
            )  # fmt: skip
        return clients
