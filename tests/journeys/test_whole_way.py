"""The whole way in the browser: an inquiry becomes a deal, a project and a paid expense, and nobody else sees any of it."""

from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from chats.models import Room
from crm.activities.models import Task
from crm.cards.models import Card
from crm.notifications.models import Notice
from crm.office.calendar import add_working_days, company_today, company_zone
from crm.pipelines.moves import take
from deals.models import Deal
from expenses.models import Expense
from files.models import Folder
from leads.intake import receive
from leads.models import Lead
from leads.robots import save_ripe_leads

from .window import Window

pytestmark = pytest.mark.e2e

SOURCE = "Источник поступившей информации"
MAY_REFER = "Можно ли ссылаться на источник при разговоре с клиентом"
DISCUSS = "Обсудить лид с руководством"
STRATEGY = "Организовать встречу с руководителями: обсудить стратегию по сделке"
TO_DISCUSS = "Обсудить заявку и поставить задачу о встрече"
THIN, FIXED = "\u2009", "\u00a0"


@pytest.fixture
def window(enter, address):
    return lambda user: Window(enter(user), address)


def sum_of(text, space=THIN):
    """Roubles as the pages write them."""
    return text.replace(" ", space) + f"{FIXED}₽"


def new_lead(manager):
    """By the form, with three inputs."""
    manager.go("/boards/leads/")
    manager.page.keyboard.press("n")
    manager.dialog.get_by_text("Лид", exact=True).click()
    expect(manager.dialog.locator("h2")).to_have_text("Новый лид")
    manager.shot("01-new-lead")
    manager.fill(person="Марина Орлова", reach="8 921 555-14-08", raw_text="Мебель в лобби гостиницы")
    manager.page.keyboard.press("Control+Enter")
    expect(manager.title).to_have_text("Мебель в лобби гостиницы")
    return manager.number()


def discussed(manager, colleague, lead):
    """Refused without the two answers, moved with them, and the colleague sees it happen."""
    manager.go("/boards/leads/")
    manager.drag(lead, "discuss")
    assert manager.labels() == [SOURCE, MAY_REFER]
    manager.dialog.locator("[type=submit]").click()
    with_errors = manager.dialog.locator(".field:has(.err)")
    expect(with_errors).to_have_count(2)
    manager.shot("02-refused")
    manager.dialog.get_by_text("Вернуть карточку").click()
    expect(manager.card(lead, "new")).to_be_visible()
    expect(manager.column("discuss").locator("[data-count]")).to_have_text("0")
    assert Lead.objects.get().stage == "new"

    manager.drag(lead, "discuss")
    manager.submit(source="referral", may_refer="yes")
    expect(manager.card(lead, "discuss")).to_be_visible()
    expect(colleague.card(lead, "discuss")).to_be_visible()
    expect(colleague.page.locator("#total")).to_contain_text("1 лид")
    expect(colleague.page.locator(".moved-by")).to_have_text(f"Анна: перенос в «{TO_DISCUSS}»")
    colleague.shot("03-seen-live")


def taken_back(manager, lead):
    """A slip of the hand, taken back within ten seconds with the task it closed."""
    manager.move_by_menu(lead, "other")
    expect(manager.card(lead)).to_have_count(0)
    manager.toasts.get_by_text("Отменить").click()
    expect(manager.card(lead, "discuss")).to_be_visible()
    task = Task.objects.get(card=lead, rule="discuss-lead")
    assert (task.title, task.state) == (DISCUSS, "open")
    assert task.due_at == datetime.combine(add_working_days(company_today(), 2), time(18), company_zone())
    manager.card(lead).locator("h3 a").click()
    expect(manager.page.locator(".next__what")).to_have_text(DISCUSS)
    manager.shot("04-lead")


def converted(manager, lead, has_brief):
    """With the keyboard alone: walk to the card, ask where to, think again, move it on, answer, confirm."""
    keys = manager.page.keyboard
    manager.go("/boards/leads/")
    keys.press("j")
    keys.press("m")
    expect(manager.dialog.locator("[data-to=deal]")).to_be_enabled()
    keys.press("Escape")
    expect(manager.dialog).to_have_count(0)
    keys.press("ArrowRight")
    expect(manager.dialog.locator("h2")).to_have_text("Лид имеет ТЗ?")
    manager.shot("05-has-brief")
    if not has_brief:
        keys.press("ArrowDown")
    keys.press("Space")
    expect(manager.dialog.locator("input:checked")).to_have_value("yes" if has_brief else "no")
    keys.press("Control+Enter")
    expect(manager.card(lead, "deal")).to_be_visible()
    expect(manager.dialog).to_have_count(0)
    assert not Task.objects.filter(card=lead).exclude(state="auto").exists()
    return Deal.objects.get()


def stands_with_all_it_needs(manager, lead, deal):
    """Linked both ways, with a chat, and with a folder that «Комментарий» leads to."""
    manager.go(f"/leads/{lead}/")
    manager.open_linked(deal.title)
    expect(manager.page).to_have_url(f"{manager.address}/deals/{deal.pk}/")
    expect(manager.page.locator("#links a")).to_have_attribute("href", f"/leads/{lead}/")
    room, folder = Room.objects.get(card=deal), Folder.objects.get(card=deal, parent=None)
    manager.shot("06-deal")
    manager.page.locator(f".facts a[href$='{folder.get_absolute_url()}']").click()
    expect(manager.title).to_have_text(folder.name)
    manager.go(f"/chats/{room.pk}/")
    expect(manager.page.locator("#messages")).to_contain_text("можно ссылаться")


def attracted(manager, deal):
    """The decision maker is found, the first call makes the deal warm."""
    manager.go(f"/deals/{deal}/")
    manager.open_form("Изменить сделку")
    manager.submit(decision_maker="Ольга Рудакова", decision_maker_phone="+7 921 700-10-20")
    expect(manager.page.locator(".record__left")).to_contain_text("Ольга Рудакова")
    manager.press("found")
    manager.stands_at("ЛПР найден. Обсудить стратегию")
    expect(manager.page.locator(".next__what")).to_have_text(STRATEGY)
    manager.write("call", "Договорились о презентации")
    manager.stands_at("Презентация компании")
    expect(manager.page.locator(".next__what")).to_have_count(0)
    assert Task.objects.get(card=deal, rule="strategy-meeting").state == "auto"
    manager.shot("07-warm")


def entered_the_pool(manager, deal):
    """With a request: a project and a reminder, linked on the page, on the boards and in the list."""
    manager.close_as("pool")
    expect(manager.dialog.locator("h2")).to_have_text("Есть ли у клиента заявка?")
    expect(manager.dialog.locator("[name=has_request]").first).to_be_focused()
    manager.shot("08-pool")
    manager.submit(has_request="yes", request="Мебель для лобби и 24 номеров")
    manager.stands_at("Попадание в пул поставщиков")
    made = {card.pipeline: card.pk for card in Deal.objects.exclude(pk=deal)}
    assert set(made) == {"project", "reminder"} and Deal.objects.count() == 3
    for pk in made.values():
        expect(manager.page.locator(f"#links a[href='/deals/{pk}/']")).to_be_visible()
    for pipeline, pk in made.items():
        manager.go(f"/boards/{pipeline}/")
        expect(manager.card(pk).locator(f"a[href='/deals/{pk}/#links']")).to_contain_text("1")
    manager.shot("09-reminders-or-projects")
    manager.go("/boards/attraction/list/?closed=1")
    expect(manager.page.locator(f"tr a[href='/deals/{deal}/#links']")).to_contain_text("3")
    manager.shot("10-list")
    return made["project"]


def offered(manager, project):
    """Clarified with a checklist, offered by two processes, brought to the decision."""
    manager.go("/boards/project/")
    manager.drag(project, "clarifying")
    expect(manager.card(project, "clarifying").locator(".step")).to_contain_text("Уточнить запрос клиента")
    manager.card(project).locator("h3 a").click()
    task = manager.page.locator("details.task", has_text="Уточнить запрос клиента")
    expect(task.locator("[type=checkbox]")).to_have_count(10)
    task.locator("[type=checkbox]").first.check()
    expect(task).to_contain_text("1 из 10")
    manager.press("offer")
    expect(manager.dialog.locator("h2")).to_have_text("Какой процесс запустить?")
    manager.shot("11-processes")
    manager.submit(processes=["offer-selection", "offer-prices"])
    manager.stands_at("Подготовка предложения")
    expect(manager.page.locator("details.task")).to_have_count(3)
    for name in ("Подбор и спецификация", "Запрос цен поставщикам"):
        expect(manager.page.locator("details.task", has_text=name)).to_be_visible()
    manager.open_form("Изменить сметы")
    manager.submit(amount="2 480 000,50", cost_estimate="1 700 000")
    expect(manager.page.locator(".record-sum")).to_contain_text(sum_of("2 480 000,50"))
    manager.press("decision")
    manager.stands_at("Принятие решения")
    manager.shot("12-decision")


def spent(manager):
    """An expense from the deal's tab, sent for approval."""
    manager.tab("expenses")
    manager.open_form("Добавить расход")
    manager.shot("13-new-expense")
    manager.submit(
        payee="Каменный двор",
        amount="250 000,35",
        purpose="Столешницы из кварца, аванс",
        due_on=f"{company_today():%Y-%m-%d}",
    )
    manager.stands_at("Документы на оплату / доплату / уточнение")
    manager.shot("14-expense")
    expense = manager.number()
    assert not Notice.objects.filter(card=expense).exists()
    manager.press("approval")
    manager.stands_at("Руководителю на утверждение оплаты")
    return expense


def approved(manager, executive, expense):
    """Returned with a comment, which is required; sent again; approved by one click."""
    executive.go("/boards/expenses/")
    executive.card(expense).locator("h3 a").click()
    executive.page.get_by_role("button", name="Вернуть автору").click()
    executive.dialog.locator("[type=submit]").click()
    expect(executive.dialog.locator(".err")).to_be_visible()
    executive.shot("15-return")
    executive.submit(remark="Приложите счёт от поставщика")
    expect(manager.page.locator(".record__right")).to_contain_text("Приложите счёт от поставщика")
    manager.shot("16-returned")
    manager.press("approval")
    expect(executive.page.get_by_role("button", name="Утвердить")).to_be_visible()
    executive.shot("17-approve")
    executive.page.get_by_role("button", name="Утвердить").click()
    executive.stands_at("Бухгалтеру: подготовить п/п")


def paid_in_two_parts(accountant, author, expense):
    """Whoever has the expense open sees the first part at once."""
    accountant.go("/boards/expenses/")
    accountant.shot("18-to-pay")
    accountant.card(expense).locator("h3 a").click()
    for number, part in (("101", "100 000,10"), ("102", "150 000,25")):
        accountant.open_form("Внести платёж")
        accountant.shot(f"19-payment-{number}")
        accountant.submit(paid=part, order_number=number)
        accountant.tab("payments")
        expect(accountant.page.locator("[data-pane=payments] tr", has_text=number)).to_contain_text(sum_of(part))
        if number == "101":
            expect(author.page.locator('.facts--money dt:has-text("Оплачено") + dd')).to_contain_text(sum_of(part))
    accountant.stands_at("Счета оплачены")
    accountant.shot("20-paid")
    assert Expense.objects.get().paid_total == Decimal("250000.35")


def counted(manager, executive, project, expense):
    """2 480 000,50 − 250 000,35 = 2 230 000,15 ₽, which is 89,92 %; the executive's notice leads to both cards."""
    manager.go(f"/deals/{project}/")
    money = manager.page.locator(".record__left .panel").first
    expect(money).to_contain_text(sum_of("2 230 000,15"))
    expect(money).to_contain_text(f"89,92{FIXED}%")
    deal = Deal.objects.get(pk=project)
    assert (deal.money.fact, deal.money.fact_margin) == (Decimal("2230000.15"), Decimal("89.92"))
    manager.shot("21-profit")
    manager.go("/boards/project/")
    expect(manager.card(project)).to_contain_text(sum_of("2 230 000,15", "\u202f"))
    expect(manager.card(project)).to_contain_text(f"89,9{FIXED}%")
    manager.shot("22-board-profit")
    executive.go("/notices/")
    notice = executive.page.locator(".notice", has_text="Оплачен: Столешницы из кварца").first
    expect(notice.locator(f"a[href='/expenses/{expense}/']")).to_be_visible()
    expect(notice.locator(f"a[href='/deals/{project}/']")).to_be_visible()
    executive.shot("23-notices")


def won(manager, project):
    manager.go(f"/deals/{project}/")
    for stage, name in (
        ("sent", "КП отправлено клиенту"), ("contract", "Договор и оплата"), ("supply", "Комплектация и поставка"),
    ):  # fmt: skip
        manager.press(stage)
        manager.stands_at(name)
    manager.close_as("done")
    manager.shot("24-open-tasks")
    manager.submit(open_tasks="close")
    manager.stands_at("Проект завершён")
    manager.shot("25-won")
    assert Card.objects.get(pk=project).closed_at
    assert not Task.objects.filter(card=project).open().exists()


def nobody_else(stranger):
    """The other manager finds nothing: on boards, by search, by typing any address."""
    for board in ("leads", "attraction", "reminder", "project", "expenses"):
        for view in ("", "list/"):
            stranger.go(f"/boards/{board}/{view}")
            expect(stranger.page.locator("h1")).to_be_visible()
            text = stranger.page.content()
            assert "лобби" not in text and "Столешницы" not in text and "Северный" not in text
            assert f"2{THIN}480" not in text and f"250{THIN}000" not in text
    stranger.shot("26-stranger")
    stranger.page.keyboard.press("Control+k")
    for words in ("лобби", "5551408", "Столешницы"):
        with stranger.page.expect_response("**/search/**"):
            stranger.page.locator("#search input").fill(words)
        expect(stranger.page.locator("#hits")).to_contain_text("ничего не найдено")
    paths = [card.as_kind().get_absolute_url() for card in Card.objects.all()]
    paths += [f"/chats/{room.pk}/" for room in Room.objects.all()]
    paths += [folder.get_absolute_url() for folder in Folder.objects.all()]
    paths += [f"/deals/{pk}/edit/" for pk in Deal.objects.values_list("pk", flat=True)]
    assert len(paths) > 30
    for path in paths:
        assert stranger.page.request.get(f"{stranger.address}{path}").status == 404, path
    assert stranger.go(paths[0]).status == 404


def test_a_lead_becomes_a_won_project(lasting_cast, window):
    cast = lasting_cast
    irina = window(cast.irina)
    irina.go("/boards/leads/")
    irina.page.evaluate("window.notReloaded = true")
    anna = window(cast.anna)
    lead = new_lead(anna)
    expect(irina.card(lead, "new")).to_be_visible()
    discussed(anna, irina, lead)
    assert irina.page.evaluate("window.notReloaded")
    taken_back(anna, lead)
    deal = converted(anna, lead, has_brief=False)
    assert (deal.pipeline, deal.stage) == ("attraction", "new")
    stands_with_all_it_needs(anna, lead, deal)
    attracted(anna, deal.pk)
    project = entered_the_pool(anna, deal.pk)
    offered(anna, project)
    expense = spent(anna)
    approved(anna, irina, expense)
    paid_in_two_parts(window(cast.natalia), anna, expense)
    counted(anna, irina, project, expense)
    won(anna, project)
    nobody_else(window(cast.pavel))


@pytest.fixture
def brief_lead(lasting_cast):
    """A lead that is known well enough to be discussed at once."""
    return receive(
        "phone", by=lasting_cast.anna, owner=lasting_cast.anna, title="Свет в ресторане", person="Игорь Власов",
        phone="8 911 200-40-02", source="site", may_refer=False,
    ).pk  # fmt: skip


def test_a_lead_with_a_brief_becomes_a_project(lasting_cast, window, brief_lead):
    anna = window(lasting_cast.anna)
    anna.go("/boards/leads/")
    anna.drag(brief_lead, "discuss")
    expect(anna.card(brief_lead, "discuss").locator(".step")).to_contain_text(DISCUSS)
    deal = converted(anna, brief_lead, has_brief=True)
    assert (deal.pipeline, deal.stage, deal.may_refer) == ("project", "new", False)
    anna.go("/boards/project/")
    anna.card(deal.pk, "new").locator("h3 a").click()
    expect(anna.page.locator(".record__left")).to_contain_text("Ссылаться на источник нельзя")
    expect(anna.page.locator("#links a")).to_have_attribute("href", f"/leads/{brief_lead}/")


def test_after_seven_days_the_lead_saves_its_contact(lasting_cast, window, brief_lead):
    """Not a moment earlier, before the eyes of whoever has the board open, and by itself."""
    lead = Lead.objects.get(pk=brief_lead)
    take(lead, "discuss", lasting_cast.anna)
    take(lead, "convert", lasting_cast.anna, {"has_brief": "yes"})
    since = Lead.objects.get(pk=brief_lead).stage_since
    anna = window(lasting_cast.anna)
    anna.go("/boards/leads/")
    expect(anna.card(brief_lead, "deal")).to_be_visible()
    assert save_ripe_leads(now=since + timedelta(days=7, seconds=-1)) == 0
    assert save_ripe_leads(now=since + timedelta(days=7)) == 1
    expect(anna.card(brief_lead)).to_have_count(0)
    expect(anna.column("deal").locator("[data-count]")).to_have_text("0")
    expect(anna.column("saved").locator("[data-count]")).to_have_text("1")
    expect(anna.page.locator("#total")).to_contain_text("0 лидов")
    anna.shot("30-saved")
    anna.go("/boards/leads/list/?closed=1")
    expect(anna.page.locator("tr", has_text="Свет в ресторане")).to_contain_text("Сохранить контакт / компанию")
    anna.shot("31-saved-list")
    anna.go(f"/leads/{brief_lead}/")
    anna.stands_at("Сохранить контакт / компанию")
    expect(anna.page.locator("#chat")).to_contain_text("Система: перевод в «Сохранить контакт / компанию»")
