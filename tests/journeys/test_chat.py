"""Two people talk in a deal's chat: what one says the other sees at once, and nothing is lost with the line."""

import re

import pytest
from playwright.sync_api import expect

from chats.models import Message
from chats.verbs import edit, post
from crm.cards.verbs import share, unshare
from crm.pipelines.moves import open_card
from deals.models import Project

from .window import Window

pytestmark = pytest.mark.e2e


class Talk(Window):
    """A window with the chat open."""

    def __init__(self, page, address):
        super().__init__(page, address)
        self.form = page.locator("form[data-chat]")
        self.field = self.form.locator("textarea")
        self.lines = page.locator("[data-seq]")

    def open(self, room):
        self.go(f"/chats/{room.pk}/")
        return self

    def say(self, text):
        self.field.fill(text)
        self.form.locator("[type=submit]").click()
        expect(self.field).to_have_value("")

    def line(self, text):
        return self.page.locator("[data-seq]", has_text=text)

    def do(self, text, what):
        self.line(text).hover()
        self.line(text).locator("[data-message-menu]").click()
        self.page.locator(f"#message-menu {what}").click()

    def numbers(self):
        return self.lines.evaluate_all("lines => lines.map((line) => Number(line.dataset.seq))")


@pytest.fixture
def deal(lasting_cast):
    return open_card(Project, by=lasting_cast.anna, owner=lasting_cast.anna, title="Лобби и переговорные")


def test_a_talk_of_two(lasting_cast, deal, enter, address):
    cast, room = lasting_cast, deal.room
    anna, irina = Talk(enter(cast.anna), address).open(room), Talk(enter(cast.irina), address).open(room)

    # Writing is seen, and so is what was written.
    anna.field.press_sequentially("Ирина, ")
    expect(irina.page.locator("[data-typing]")).to_contain_text("Анна пишет")
    anna.say("Столешницы светлые, смета завтра")
    expect(irina.line("смета завтра")).to_have_count(1)
    expect(anna.line("смета завтра").locator(".message__seen")).to_be_hidden()

    # Read marks: the other window comes to the front.
    irina.page.bring_to_front()
    expect(anna.line("смета завтра").locator(".message__seen")).to_be_visible()
    expect(anna.page.locator("[data-readers]")).to_contain_text("Ирина")

    # An answer quotes, a mark counts, other words are seen.
    irina.do("смета завтра", "[data-do=reply]")
    irina.say("Хорошо, жду")
    expect(anna.line("Хорошо, жду").locator(".quote")).to_contain_text("Столешницы светлые")
    anna.do("Хорошо, жду", "[data-put=thanks]")
    expect(irina.line("Хорошо, жду").locator("[data-mark=thanks]")).to_contain_text("1")
    irina.do("Хорошо, жду", "[data-do=edit]")
    irina.say("Хорошо, жду до обеда")
    expect(anna.line("жду до обеда")).to_contain_text("изменено")
    irina.do("жду до обеда", "[data-do=delete]")
    expect(anna.page.locator(".message--gone")).to_contain_text("Сообщение удалено")
    irina.toasts.locator("[data-undo]").click()
    expect(anna.line("жду до обеда")).to_have_count(1)
    assert Message.objects.get(seq=3).wordings.count() == 1
    irina.shot("chat")
    anna.shot("chat-own")


def test_called_by_name_and_led_to_the_message(lasting_cast, deal, enter, address):
    cast, room = lasting_cast, deal.room
    for n in range(150):
        post(room, f"Строка {n}.", cast.oleg)
    anna, irina = Talk(enter(cast.anna), address).open(room), Talk(enter(cast.irina), address)
    anna.field.press_sequentially("@ири")
    offered = anna.page.locator("#people-menu [data-person]")
    expect(offered).to_have_count(1)
    offered.click()
    expect(anna.field).to_have_value("@Ирина Снегирёва ")
    anna.field.press_sequentially("посмотрите смету")
    anna.page.keyboard.press("Control+Enter")
    expect(anna.line("посмотрите смету").locator(".mention")).to_have_text("@Ирина Снегирёва")
    for n in range(150):
        post(room, f"Дальше {n}.", cast.oleg)
    irina.go("/notices/")
    irina.page.get_by_text("Анна Лебедева зовёт вас в чат").first.click()
    expect(irina.line("посмотрите смету")).to_be_in_viewport()
    expect(irina.line("посмотрите смету")).to_have_class(re.compile("is-goal"))

    # What is said in other words changes in the middle, too, and brings no end of the chat along.
    edit(
        Message.objects.get(text__contains="посмотрите смету"), "@Ирина Снегирёва посмотрите смету и договор", cast.anna
    )
    expect(irina.line("смету и договор")).to_have_count(1)
    expect(irina.page.locator("[data-more]")).to_have_count(1)
    expect(irina.line("Дальше 149.")).to_have_count(0)

    # History loads above and below without holes, and what is being read stays where it is.
    mine = irina.line("посмотрите смету")
    box = irina.page.locator("[data-scroll]")
    box.evaluate("box => box.scrollTop = 300")
    expect(irina.line("Строка 1.")).to_have_count(1)
    assert box.evaluate("box => box.scrollTop") > 1000
    box.evaluate("box => box.scrollTop = 0")
    expect(irina.line("Строка 0.")).to_have_count(1)
    while irina.page.locator("[data-more]").count():
        box.evaluate("box => box.scrollTop = box.scrollHeight")
        irina.page.wait_for_timeout(200)
    expect(irina.line("Дальше 149.")).to_have_count(1)
    assert irina.numbers() == list(range(1, 303))
    assert mine.count() == 1


def test_the_line_goes_and_comes(lasting_cast, deal, enter, address):
    cast, room = lasting_cast, deal.room
    anna, irina = Talk(enter(cast.anna), address).open(room), Talk(enter(cast.irina), address).open(room)
    anna.page.context.set_offline(True)
    expect(anna.page.locator("#offline")).to_be_visible()
    create = anna.page.locator(".bar a.btn--main")
    expect(create).to_have_js_property("inert", True)
    for text in ("Первое без связи", "Второе без связи"):
        anna.say(text)
    expect(anna.page.locator("[data-pending]")).to_have_count(2)
    irina.say("Пока Анны нет")
    irina.say("И ещё")
    expect(irina.line("И ещё")).to_have_count(1)
    anna.page.context.set_offline(False)
    expect(anna.page.locator("[data-pending]")).to_have_count(0)
    for window in (anna, irina):
        expect(window.line("Второе без связи")).to_have_count(1)
        expect(window.line("И ещё")).to_have_count(1)
        assert window.numbers() == [1, 2, 3, 4, 5]
    expect(anna.page.locator("#offline")).to_be_hidden()
    expect(create).to_have_js_property("inert", False)

    # A draft outlives a reload.
    anna.field.fill("Недописанное")
    anna.page.reload()
    expect(anna.field).to_have_value("Недописанное")

    # What is too long is told at once, and stays to be shortened.
    long = "Ж" * 100_000
    anna.field.fill(long)
    anna.field.press("Control+Enter")
    expect(anna.toasts).to_contain_text("слишком длинное")
    assert anna.page.evaluate("document.querySelector('form[data-chat] textarea').value.length") == len(long)

    # Chats are searched while their words are typed.
    anna.go("/chats/")
    anna.page.locator("#main input[name=q]").press_sequentially("первое без")
    expect(anna.page.locator("#found .roomrow__gist")).to_have_text(["Анна: Первое без связи"])


def test_the_feed_of_a_card_is_the_same_chat(lasting_cast, deal, enter, address):
    cast = lasting_cast
    share(deal, cast.pavel, cast.anna, work=True)
    anna, pavel = Talk(enter(cast.anna), address), Talk(enter(cast.pavel), address)
    anna.go(f"/deals/{deal.pk}/")
    pavel.go(f"/deals/{deal.pk}/")
    anna.write("chat", "Из карточки")
    expect(pavel.page.locator("#chat .feed-item", has_text="Из карточки")).to_have_count(1)
    anna.press("clarifying")
    expect(pavel.page.locator("#chat .feed-item", has_text="«Уточнение запроса»")).to_have_count(1)
    pavel.write("chat", "Вижу")
    expect(anna.page.locator("#chat .feed-item", has_text="Вижу")).to_have_count(1)
    anna.shot("chat-feed")
    unshare(deal, cast.pavel, cast.anna)
    expect(pavel.page.get_by_text("Из карточки")).to_have_count(0)
    expect(pavel.page.locator("[data-gone]")).to_be_visible()
    anna.go("/chats/")
    expect(anna.page.locator(".roomrow", has_text="Лобби")).to_contain_text("Вижу")
    anna.shot("chats")


PASTE = """async (field) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 30 });
  canvas.getContext("2d").fillRect(5, 5, 30, 20);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const data = new DataTransfer();
  data.items.add(new File([blob], "Камень.png", { type: "image/png" }));
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""
DROP = """async (field) => {
  const data = new DataTransfer();
  data.items.add(new File(["План помещения"], "План.txt", { type: "text/plain" }));
  for (const type of ["dragover", "drop"]) {
    field.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
  }
}"""


def test_files_by_paste_and_drag(lasting_cast, deal, enter, address):
    cast, room = lasting_cast, deal.room
    anna, irina = Talk(enter(cast.anna), address).open(room), Talk(enter(cast.irina), address)
    irina.go(f"/deals/{deal.pk}/")
    anna.field.evaluate(PASTE)
    chips = anna.form.locator("[data-file]")
    expect(chips).to_have_count(1)
    anna.field.evaluate(DROP)
    expect(chips).to_have_count(2)
    # What is attached waits beside the draft, and outlives a reload with it.
    anna.page.reload()
    expect(chips).to_have_count(2)
    anna.shot("chat-attached")
    anna.say("Образец и план")
    expect(chips).to_have_count(0)
    for window in (anna, irina):
        line = window.line("Образец и план")
        expect(line.locator(".picture img")).to_have_count(1)
        expect(line.locator(".filechip")).to_contain_text("План.txt")
    anna.shot("chat-files")
    assert set(deal.folders.get(name="Чат").files.values_list("name", flat=True)) == {"Камень.png", "План.txt"}


def test_the_feed_shows_one_kind(lasting_cast, deal, enter, address):
    cast = lasting_cast
    post(deal.room, "Столешницы светлые", cast.irina)
    anna = Talk(enter(cast.anna), address)
    anna.go(f"/deals/{deal.pk}/")
    anna.write("call", "Бюджет до 400 тысяч")
    anna.press("clarifying")
    feed, told = anna.page.locator("#chat"), anna.page.locator("[data-told]")
    expect(feed).to_contain_text("«Уточнение запроса»")
    expect(anna.page.locator("[data-show=calls]")).to_have_text("Звонки 1")
    expect(anna.page.locator("[data-show=notes]")).to_have_text("Заметки")
    chat = anna.page.locator("[data-show=messages]")
    expect(chat).to_have_text("Чат 2")
    post(deal.room, "И мойка", cast.irina)
    expect(chat).to_have_text("Чат 3")
    anna.page.locator("[data-show=calls]").click()
    expect(told).to_contain_text("Бюджет до 400 тысяч")
    expect(told).not_to_contain_text("Уточнение")
    expect(feed).to_be_hidden()
    anna.shot("feed-calls")
    anna.page.locator("[data-show=moves]").click()
    expect(told).to_contain_text("«Уточнение запроса»")
    anna.page.locator("[data-show=messages]").click()
    expect(feed.locator(".message", has_text="Столешницы светлые")).to_be_visible()
    expect(feed.locator(".feed-item--event:visible")).to_have_count(0)
    # What is said from another view is seen where it was said.
    anna.page.locator("[data-show=tasks]").click()
    anna.write("chat", "Вижу")
    expect(feed.locator(".message", has_text="Вижу")).to_be_visible()
