"""What is said in a chat, found, read and taken back over HTTP; who does not see the card meets 404 (R-119, R-509)."""

import re
from base64 import b64decode
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from chats import stream, views
from chats.body import gist
from chats.models import Message, Reading, Room
from chats.verbs import delete, edit, mine, post, react, unread_chats
from crm.cards.verbs import change, unshare
from crm.clients.models import Company, Contact
from crm.clients.verbs import add_channels
from crm.notifications.models import Notice
from crm.office.calendar import company_today
from crm.people.models import User
from crm.pipelines.moves import open_card, take
from crm.pipelines.undo import undo
from deals.models import Project
from files.models import File
from leads.intake import receive
from leads.models import Lead

HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def address(name, thing):
    return reverse(f"chats:{name}", args=[thing.pk])


def say(browser, room, text, **more):
    return browser.post(address("messages", room), {"text": text, **more}, headers=HTMX)


def piece(browser, room, **asked):
    return browser.get(address("messages", room), asked, headers=HTMX).content.decode()


def test_pieces_are_asked_by_number(cast, deal, browser, monkeypatch):
    monkeypatch.setattr(stream, "MISSED", 100)
    for n in range(2, 252):
        post(deal.room, f"Строка {n}.", cast.anna)
    anna = browser(cast.anna)
    page = anna.get(address("room", deal.room)).content.decode()
    assert 'id="message-251"' in page and 'id="message-152"' in page and 'id="message-151"' not in page
    older = piece(anna, deal.room, before=152)
    assert 'id="message-151"' in older and 'id="message-52"' in older and 'id="message-51"' not in older
    newer = piece(anna, deal.room, after=100)
    assert 'id="message-101"' in newer and 'id="message-200"' in newer and 'id="message-201"' not in newer
    assert " data-more" in newer and " data-more" not in piece(anna, deal.room, after=200)
    assert 'id="message-30"' in anna.get(address("room", deal.room) + "?at=30").content.decode()
    assert 'id="message-2"' in anna.get(address("room", deal.room) + "?day=2020-01-01").content.decode()
    days = ("2020-01-01", company_today(), "2099-01-01")
    early, today, late = (anna.get(address("room", deal.room) + f"?day={day}").content.decode() for day in days)
    assert "показано ближайшее позже" in early and 'value="2020-01-01"' in early
    assert "показано" not in today and "последние" in late and 'id="message-251"' in late
    for nonsense in ("at=x", "at=99999999999", "day=2026-99-99", "day=x"):
        assert anna.get(address("room", deal.room) + f"?{nonsense}").status_code == 200
    for nonsense in ({"before": "x"}, {"after": -1}, {"after": 9, "since": "9" * 40, "changed": "я"}):
        assert anna.get(address("messages", deal.room), nonsense).status_code == 200


def test_opening_reads_nothing_and_the_page_says_what_was_seen(cast, shared, browser):
    message = post(shared.room, "Кто едет?", cast.anna)
    pavel = browser(cast.pavel)
    pavel.get(address("room", shared.room))
    assert not Reading.objects.filter(user=cast.pavel).exists()
    assert unread_chats(cast.pavel).get().unread == 1
    assert "1 новое" in pavel.get(shared.get_absolute_url()).content.decode()
    pavel.post(address("readings", shared.room), {"seq": message.seq + 50})
    assert Reading.objects.get(user=cast.pavel).seq == message.seq
    pavel.post(address("readings", shared.room), {"seq": 1})
    assert Reading.objects.get(user=cast.pavel).seq == message.seq
    assert not unread_chats(cast.pavel).exists()
    assert "Прочитали: Павел" in browser(cast.anna).get(address("room", shared.room)).content.decode()


def test_only_those_who_see_the_card_are_called(cast, deal, browser):
    anna = browser(cast.anna)
    offered = anna.get(address("people", deal.room)).content.decode()
    assert "Ирина Снегирёва" in offered and "Павел" not in offered and "Наталья" not in offered
    refused = say(anna, deal.room, "@Павел Жуков, глянь", mention=cast.pavel.pk)
    assert refused.status_code == 422 and not Message.objects.filter(author=cast.anna).exists()
    assert say(anna, deal.room, "@Павел Жуков и @Ирина Снегирёва", mention=cast.irina.pk).status_code == 204
    assert [notice.user for notice in Notice.objects.filter(kind="mention")] == [cast.irina]
    assert Notice.objects.get(kind="mention").data["url"].endswith(f"/chats/{deal.room.pk}/?at=2#message-2")
    told = browser(cast.irina).get(address("room", deal.room)).content.decode()
    assert '<span class="mention mention--me">@Ирина Снегирёва</span>' in told and 'mention">@Павел' not in told
    assert unread_chats(cast.irina).get().pk == deal.pk  # a chat one was called to is one's own


def test_who_is_called_by_an_edit_has_the_chat_too(cast, deal):
    message = post(deal.room, "Смотрите", cast.anna)
    edit(message, f"@{cast.irina.name}, смотрите", cast.anna)
    assert Notice.objects.get(kind="mention").user == cast.irina
    assert mine(cast.irina).get() == deal.card_ptr and not mine(cast.oleg).exists()


def test_a_reply_quotes_and_tells(cast, shared, browser):
    first = post(shared.room, "Столешница светлая?", cast.pavel)
    say(browser(cast.anna), shared.room, "Да", reply=first.seq)
    assert Message.objects.get(text="Да").reply == first
    assert Notice.objects.get(kind="reply").user == cast.pavel
    assert 'class="quote"' in browser(cast.pavel).get(address("room", shared.room)).content.decode()


def test_words_are_mended_and_taken_back_with_a_trace(cast, shared, browser):
    message = post(shared.room, "Бюджет сто", cast.anna)
    anna = browser(cast.anna)
    anna.post(address("edits", message), {"text": "Бюджет двести"})
    assert "изменено" in anna.get(address("room", shared.room)).content.decode()
    anna.post(address("deletions", message))
    page = anna.get(address("room", shared.room)).content.decode()
    assert "Сообщение удалено" in page and "двести" not in page and "Бюджет сто" not in page
    assert anna.get(address("wordings", message)).status_code == 404
    past = browser(cast.irina).get(address("wordings", message)).content.decode()
    assert "Бюджет сто" in past and "Бюджет двести" in past
    browser(cast.anna).post(address("restorations", message))
    message.refresh_from_db()
    assert message.text == "Бюджет двести" and message.deleted_at is None


def test_a_line_drawn_once_is_still_what_each_may_see(cast, shared, browser):
    message = post(shared.room, "@Павел Жуков, бюджет сто", cast.anna, mention=[cast.pavel.pk])

    def seen(user):
        return piece(browser(user), shared.room, after=1)

    for _time in range(2):
        assert "message--own" in seen(cast.anna) and "data-text" in seen(cast.anna)
        for other in (cast.pavel, cast.irina):
            assert "message--own" not in seen(other) and "data-text" not in seen(other)
        assert "mention--me" in seen(cast.pavel) and "mention--me" not in seen(cast.irina)
    edit(message, "Бюджет двести", cast.anna)
    User.objects.filter(pk=cast.anna.pk).update(name="Анна Новая")
    for reader in (cast.anna, cast.pavel, cast.irina):
        assert "двести" in seen(reader) and "Анна Новая" in seen(reader) and "сто" not in seen(reader)
    assert "изменено" in seen(cast.irina)
    User.objects.filter(pk=cast.irina.pk).update(language="en")
    assert "edited" in seen(cast.irina) and "изменено" not in seen(cast.irina)
    deal = open_card(Project, by=cast.irina, owner=cast.irina, title="Тайна")
    post(shared.room, f"Как в {deal.get_absolute_url()}", cast.irina)
    assert "Тайна" in seen(cast.irina) and "Тайна" not in seen(cast.pavel)


def test_a_link_to_the_chats_own_card_follows_its_title(cast, shared, browser):
    post(shared.room, f"Смотри {shared.get_absolute_url()}", cast.anna)
    pavel = browser(cast.pavel)
    assert ">Лобби</a>" in piece(pavel, shared.room, after=1)
    change(shared, {"title": "Веранда"}, cast.anna)
    assert ">Веранда</a>" in piece(pavel, shared.room, after=1)


def test_others_words_are_not_ones_own(cast, shared, browser):
    message = post(shared.room, "Моё", cast.anna)
    for name in ("edits", "deletions", "restorations"):
        assert browser(cast.pavel).post(address(name, message), {"text": "Не моё"}).status_code == 403
    for act in (lambda: edit(message, "x", cast.pavel), lambda: delete(message, cast.pavel)):
        with pytest.raises(PermissionDenied):
            act()
    message.refresh_from_db()
    assert message.text == "Моё"


def test_marks_come_and_go(cast, shared, browser):
    message = post(shared.room, "Еду", cast.anna)
    pavel, at = browser(cast.pavel), address("reactions", message)
    for _time in range(2):
        pavel.post(at, {"mark": "done"})
    assert message.reactions.count() == 1
    assert 'data-mark="done" aria-pressed="true"' in piece(pavel, shared.room, after=0)
    pavel.post(at, {"mark": "done", "on": "0"})
    assert message.reactions.count() == 0
    assert pavel.post(at, {"mark": "<script>"}).status_code == 422


def test_what_changed_is_asked_by_the_last_change_known(cast, shared, browser):
    first, last = post(shared.room, "Раз", cast.anna), post(shared.room, "Два", cast.anna)
    shared.room.refresh_from_db()
    known = shared.room.last_change
    edit(first, "Раз и ещё", cast.anna)
    told = piece(browser(cast.anna), shared.room, after=last.seq, changed=known)
    assert "Раз и ещё" in told and "Два" not in told


def mark(page):
    """The last change that a piece says it knows of."""
    return int(re.search(r'data-changed="(\d+)"', page)[1])


def test_a_piece_asked_for_by_number_says_nothing_of_changes(cast, shared, browser):
    """Who reads on in the middle of a chat still hears what was taken back in view (R-509)."""
    said = [post(shared.room, f"Строка {n}.", cast.anna) for n in range(2, 202)]
    reader = browser(cast.pavel)
    page = reader.get(f"{address('room', shared.room)}?at=30").content.decode()
    known, last = mark(page), max(map(int, re.findall(r'data-seq="(\d+)"', page)))
    assert 'id="message-40"' in page and "data-more" in page
    delete(said[38], cast.anna)
    still = piece(reader, shared.room, after=last, changed=known, still="")
    assert 'id="message-40"' in still and "data-more" not in still and f'id="message-{last + 1}"' not in still
    below = piece(reader, shared.room, after=last)
    known = max(known, mark(below))
    assert "data-more" not in below
    assert 'id="message-40"' in piece(reader, shared.room, after=201, changed=known)


def test_what_was_taken_back_comes_with_a_message_that_was_known_of(cast, shared, browser):
    first = post(shared.room, "Раз", cast.anna)
    reader = browser(cast.pavel)
    post(shared.room, "Два", cast.anna)
    known = mark(piece(reader, shared.room, before=first.seq))
    known = max(known, Room.objects.get(pk=shared.room.pk).last_change)
    delete(first, cast.anna)
    rest = piece(reader, shared.room, after=first.seq, changed=known)
    assert "Два" in rest and 'id="message-2"' in rest


def test_a_file_that_went_away_and_came_back_is_shown_to_all(cast, browser):
    """A conversion takes a lead's files along, its undo brings them back: meanwhile nothing is drawn for good (R-263)."""
    lead = open_card(Lead, by=cast.irina, owner=cast.irina, title="Лобби", phone="+79215550000")
    reader = browser(cast.irina)
    attach(reader, lead.room, "Схема.txt")
    post(lead.room, "Вот план", cast.irina, files=[File.objects.get().pk])
    assert "Схема.txt" in piece(reader, lead.room, after=1)
    answers = {"source": "referral", "may_refer": "yes", "has_brief": "yes"}
    event = take(lead, "convert_directly", cast.irina, answers)
    assert "Схема.txt" not in piece(reader, lead.room, after=1)
    undo(event, cast.irina)
    assert "Схема.txt" in piece(reader, lead.room, after=1)


def test_who_lost_the_card_meanwhile_neither_mends_nor_marks(cast, shared):
    said = post(shared.room, "Моё", cast.pavel)
    unshare(shared, cast.pavel, cast.anna)
    for act in (
        lambda: edit(said, "Иначе", cast.pavel),
        lambda: delete(said, cast.pavel),
        lambda: react(said, cast.pavel, "👍"),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_events_stand_between_messages_and_are_not_stored_again(cast, deal, browser):
    take(deal, "clarify", cast.anna)
    post(deal.room, "Переходим", cast.anna)
    page = browser(cast.anna).get(address("room", deal.room)).content.decode()
    assert page.index('id="event-') < page.index("Переходим") and "«Уточнение запроса»" in page
    assert page.count('id="event-') == 1 and deal.room.messages.count() == 2
    feed = browser(cast.anna).get(deal.get_absolute_url()).content.decode()
    event = deal.events.get(kind="moved")
    assert feed.count(f'id="event-{event.pk}"') == 1 == feed.count('id="message-2"')


def test_nothing_in_a_message_is_alive(cast, deal, browser):
    nasty = "<img src=x onerror=alert(1)><script>alert(1)</script> javascript:alert(1) {{ 7*7 }} @<b>Ирина"
    say(browser(cast.anna), deal.room, nasty)
    page = browser(cast.irina).get(address("room", deal.room)).content.decode()
    assert "<img src=x" not in page and "<script>alert" not in page and "&lt;script&gt;alert(1)" in page
    assert 'href="javascript:' not in page


def test_our_own_cards_are_named_to_those_who_see_them(cast, shared, browser):
    other = open_card(Project, by=cast.anna, owner=cast.anna, title="Тайный ресторан")
    post(shared.room, f"Как в {settings.SITE_URL}{other.get_absolute_url()} или /deals/{shared.pk}/", cast.anna)
    link = f'<a class="tocard" href="{other.get_absolute_url()}">'
    mine = piece(browser(cast.anna), shared.room, after=0)
    assert f"{link}Тайный ресторан</a>" in mine
    # A preview beneath, of the other card alone.
    preview = f'<a class="cardlink" href="{other.get_absolute_url()}"><b>Тайный ресторан</b><small>{other.number} · Поступило ТЗ'
    assert preview in mine and mine.count("cardlink") == 1
    told = piece(browser(cast.pavel), shared.room, after=0)
    assert f"{link}карточка</a>" in told and "Тайный" not in told and "cardlink" not in told and ">Лобби</a>" in told
    post(shared.room, f"https://evil.example{other.get_absolute_url()}", cast.anna)
    assert "Тайный" not in piece(browser(cast.anna), shared.room, after=2)


def test_too_long_too_often_too_strange(cast, deal, browser, monkeypatch):
    anna = browser(cast.anna)
    refused = say(anna, deal.room, "я" * 50_000)
    assert refused.status_code == 422 and "10" in refused.headers["HX-Trigger"]
    whole = anna.post(address("messages", deal.room), {"text": "я" * 50_000})
    assert whole.status_code == 422 and "я" * 50_000 in whole.content.decode()
    for odd in ({"reply": "x"}, {"reply": 2**40}, {"mention": "x"}, {"text": " "}):
        assert say(anna, deal.room, **({"text": "Да"} | odd)).status_code == 422
    for _n in range(views.MOST_IN_A_MINUTE):
        assert say(anna, deal.room, "Ещё").status_code == 204
    flood = say(anna, deal.room, "Ещё")
    assert flood.status_code == 429 and Message.objects.filter(author=cast.anna).count() == views.MOST_IN_A_MINUTE
    Message.objects.update(at=timezone.now() - timedelta(minutes=2))
    assert say(anna, deal.room, "Ещё").status_code == 204


def test_access_taken_away_takes_the_past(cast, shared, browser):
    message = post(shared.room, "Тайна", cast.pavel)
    pavel = browser(cast.pavel)
    assert pavel.get(address("room", shared.room)).status_code == 200
    unshare(shared, cast.pavel, cast.anna)
    for name in ("room", "messages", "people"):
        assert pavel.get(address(name, shared.room)).status_code == 404
    for name in ("messages", "readings", "typing"):
        assert pavel.post(address(name, shared.room), {"text": "Я", "seq": 1}).status_code == 404
    for name in ("edits", "deletions", "restorations", "reactions"):
        assert pavel.post(address(name, message), {"text": "Я", "mark": "done"}).status_code == 404
    assert "Тайна" not in pavel.get(reverse("chats:rooms"), {"q": "тайна"}).content.decode()
    assert "Лобби" not in pavel.get(reverse("chats:rooms")).content.decode()


def test_ones_chats_by_the_last_word(cast, shared, browser):
    second = open_card(Project, by=cast.pavel, owner=cast.pavel, title="Ресторан")
    post(second.room, "Начали", cast.pavel)
    post(shared.room, "Замер в четверг", cast.anna, key=uuid4())
    page = browser(cast.pavel).get(reverse("chats:rooms")).content.decode()
    assert page.index("Лобби") < page.index("Ресторан") and "Замер в четверг" in page
    assert "Поступило ТЗ" in page and 'rail__badge">1<' in page
    assert "Ресторан" not in browser(cast.anna).get(reverse("chats:rooms")).content.decode()


@pytest.mark.parametrize("words", ["столешницы", "столешнице светлая", "столешн", "СТОЛЕШНИЦУ", "тёмная мебель"])
def test_words_are_found_in_any_form(cast, deal, browser, words):
    post(deal.room, "Нужны светлые столешницы и темная мебель", cast.anna)
    at = reverse("chats:rooms")
    assert "?at=2#message-2" in browser(cast.anna).get(at, {"q": words}).content.decode()
    assert "?at=2#message-2" not in browser(cast.pavel).get(at, {"q": words}).content.decode()
    delete(Message.objects.get(seq=2), cast.anna)
    assert "?at=2" not in browser(cast.anna).get(at, {"q": words}).content.decode()


def attach(browser, room, name="План.txt", content=b"words", **more):
    return browser.post(address("attachments", room), {"file": SimpleUploadedFile(name, content), **more}, headers=HTMX)


def test_a_file_goes_into_the_folder_and_then_into_the_message(cast, shared, browser, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "files": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    }
    anna, key = browser(cast.anna), str(uuid4())
    for _twice in range(2):
        chip = attach(anna, shared.room, "План & Ко.txt", key=key)
        assert chip.status_code == 200 and "План &amp; Ко.txt" in chip.content.decode()
    file = File.objects.get()
    assert f'data-file="{file.pk}"' in chip.content.decode() and file.folder.name == "Чат"
    assert say(anna, shared.room, "", file=file.pk).status_code == 204
    message = Message.objects.get(author=cast.anna)
    assert message.data["files"] == [{"pk": file.pk, "name": file.name}] and gist(message) == file.name
    # Who only looks at the card reads the file and puts none.
    pavel = browser(cast.pavel)
    assert attach(pavel, shared.room).status_code == 403
    told = piece(pavel, shared.room, after=1)
    assert "filechip" in told and "План &amp; Ко.txt" in told

    # A file of another card, one that is not there, nonsense: refused; nothing said.
    other = open_card(Project, by=cast.pavel, owner=cast.pavel, title="Ресторан")
    attach(pavel, other.room, "Тайна.txt")
    foreign = File.objects.get(folder__card_id=other.pk)
    for who in (browser(cast.anna), browser(cast.pavel)):
        for odd in (foreign.pk, 10**9, "x", [file.pk, foreign.pk]):
            assert say(who, shared.room, "Вот", file=odd).status_code == 422
    with pytest.raises(ValidationError):
        post(shared.room, "Вот", cast.anna, files=[foreign.pk])
    assert Message.objects.filter(room=shared.room).count() == 2


def test_a_picture_is_shown_in_place(cast, deal, browser, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "files": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    }
    anna = browser(cast.anna)
    pixel = b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    attach(anna, deal.room, "Камень.png", pixel)
    attach(anna, deal.room, "page.svg", b"<svg onload='alert(1)'/>")
    pks = list(File.objects.order_by("pk").values_list("pk", flat=True))
    say(anna, deal.room, "Образец", file=pks)
    told = piece(anna, deal.room, after=1)
    assert told.count('class="picture"') == 1 and told.count('class="filechip"') == 1
    assert f'src="{reverse("files:thumb", args=[pks[0]])}"' in told


def test_the_first_message_says_whom_to_call_and_where_the_files_are(cast):
    """R-248."""
    company = Company.objects.create(name="Гавань", owner=cast.anna)
    person = Contact.objects.create(name="Вера Порт", owner=cast.anna, company=company)
    add_channels(person, ["8 921 555-14-08"])
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби", company=company, contact=person)
    first = Message.objects.get(room=deal.room, seq=1).text
    assert "Клиент: Гавань\nКонтакт: Вера Порт +7 921 555-14-08\n" in first
    assert first.endswith(f"/deals/{deal.pk}/\nФайлы: {settings.SITE_URL}/files/of/{deal.pk}/")
    lead = receive("phone", by=cast.anna, owner=cast.anna, title="Звонок", person="Пётр", phone="8 912 345-67-89")
    assert "Телефон: " in Message.objects.get(room=lead.room, seq=1).text
