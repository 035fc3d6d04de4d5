"""Settings without code: seen by their keepers alone, saved with who, from and to, stale told, taken back."""

import re

import pytest
from django.urls import reverse

from crm.office import memory
from crm.office.calendar import add_working_days, company_today, day_start
from crm.office.changes import version_of
from crm.office.forms.limits import GROUPS, LimitsForm
from crm.office.models import Entry, FieldHint, Office, SettingsChange, StageSetting, TaskTemplate, office
from crm.pipelines.moves import open_card
from deals.models import Attraction, Project

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def keeper(client, cast):
    client.force_login(cast.irina, backend="django.contrib.auth.backends.ModelBackend")
    return client


def form_of(form):
    """What a browser would send of an untouched form."""
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: "on" if v is True else v for name, v in values.items() if v not in (None, False)}


def limits(**more):
    return {**form_of(LimitsForm(instance=Office.load())), **more}


def text_of(answer):
    return answer.content.decode()


def test_every_rule_of_the_company_stands_in_one_group():
    named = [name for _title, names in GROUPS for name in names]
    editable = [f.name for f in Office._meta.concrete_fields if f.editable and not f.primary_key]
    assert sorted(named) == sorted(editable)
    assert all(LimitsForm(instance=Office.load()).fields[name].help_text for name in named)


def test_limits_are_saved_and_remembered(keeper, cast):
    assert keeper.post(reverse("office:limits"), limits(stuck_days=8, asks_offer="on")).status_code == 303
    assert (office().stuck_days, office().asks_offer, office().soon_days) == (8, True, 3)
    change = SettingsChange.objects.get()
    assert change.by == cast.irina and change.values == {"stuck_days": [5, 8], "asks_offer": [False, True]}
    assert keeper.post(reverse("office:limits"), limits()).status_code == 303
    assert SettingsChange.objects.count() == 1, "an untouched form is no change"


def test_a_wrong_limit_is_told_beside_its_field_and_stays(keeper):
    answer = keeper.post(reverse("office:limits"), limits(stuck_days=0, short_day_end="19:00", name="Снаг"))
    assert answer.status_code == 422 and 'value="Снаг"' in text_of(answer)
    assert "Сокращённый день кончается" in text_of(answer) and 'id="id_stuck_days_error"' in text_of(answer)
    assert office().name == "" and not SettingsChange.objects.exists()


def test_who_was_second_is_told_and_loses_nothing(keeper, cast):
    mine = limits(stuck_days=9)
    keeper.post(reverse("office:limits"), limits(stuck_days=7))
    answer = keeper.post(reverse("office:limits"), mine)
    text = text_of(answer)
    assert answer.status_code == 422 and office().stuck_days == 7
    assert "Тем временем это изменили: Ирина Снегирёва" in text and "Сейчас сохранено: 7" in text
    assert re.search(r'name="stuck_days" value="9"', text)
    again = re.search(r'name="version" value="(\w+)"', text)[1]
    assert again == version_of(Office.load())
    assert keeper.post(reverse("office:limits"), {**mine, "version": again}).status_code == 303
    assert office().stuck_days == 9


@pytest.mark.parametrize(
    "name", ["limits", "stages", "catalogues", "tasks", "calendar", "accounts", "history", "exports"]
)
def test_pages_are_for_keepers_alone(client, cast, name):
    for person, status in ((cast.anna, 404), (cast.natalia, 404), (cast.admin, 200), (cast.irina, 200)):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        answer = client.get(reverse(f"office:{name}"))
        assert answer.status_code == status, person
        if status == 200:
            assert f'href="{reverse("office:limits")}"' in text_of(client.get("/profile/"))


def test_settings_are_read_without_a_query(keeper, django_assert_num_queries):
    from crm.office.hints import hint
    from crm.pipelines.declare import PIPELINES

    def read():
        return [(s.label, s.hint, s.norm) for p in PIPELINES.values() for s in p.stages.values()], hint("deal-site")

    read()
    with django_assert_num_queries(0):
        read()
    memory.forget()
    with django_assert_num_queries(3):  # the office, the stages, the hints
        read()


# — stages —


def stage(pipeline, name):
    return reverse("office:stage", args=[pipeline, name])


def places(client, deal):
    """Every page and answer that names the stage where the deal stands."""
    slug, pk = deal.pipeline, deal.pk
    lead_to = client.post(f"/cards/{pk}/moves/", {"to": "offer"}, headers=HTMX)
    return {
        "board": client.get(f"/boards/{slug}/"),
        "list": client.get(f"/boards/{slug}/list/"),
        "card of the board": client.get(f"/boards/{slug}/cards/{pk}/"),
        "record": client.get(f"/deals/{pk}/"),
        "search": client.get("/search/?q=Лобби", headers=HTMX),
        "settings": client.get(f"/settings/stages/{slug}/"),
        "dialog of a move": lead_to,
    }


def test_a_renamed_stage_is_called_so_everywhere(keeper, cast):
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    keeper.post(f"/cards/{deal.pk}/moves/", {"to": "clarifying"}, headers=HTMX)
    old, new = "Уточнение запроса", "Разговор с клиентом"
    for name, answer in places(keeper, deal).items():
        if name != "dialog of a move":
            assert old in text_of(answer) and new not in text_of(answer), name
    assert keeper.post(stage("project", "clarifying"), {"name": new, "empties": "on"}, headers=HTMX).status_code == 204
    keeper.post(stage("project", "offer"), {"name": "Считаем КП", "empties": "on"}, headers=HTMX)
    shown = places(keeper, deal)
    dialog = text_of(shown.pop("dialog of a move"))
    assert "Считаем КП" in dialog and "Подготовка предложения" not in dialog
    settings = text_of(shown.pop("settings"))
    assert new in settings and f"исходно «{old}»" in settings
    for name, answer in shown.items():
        assert new in text_of(answer), name
        assert old not in text_of(answer), name
    keeper.post(stage("project", "decision"), {"name": "Решаем", "asks_offer": "on", "version": "00"}, headers=HTMX)
    asked = keeper.post(f"/cards/{deal.pk}/moves/", {"to": "decision"}, headers=HTMX)
    assert asked.status_code == 422 and "Решаем" in text_of(asked) and "Принятие решения" not in text_of(asked)
    answers = {"to": "decision", "answering": "1", "amount": "100", "cost_estimate": "60"}
    said = keeper.post(f"/cards/{deal.pk}/moves/", answers, headers=HTMX)
    back = keeper.post(f"/cards/{deal.pk}/moves/", {"to": "clarifying"}, headers=HTMX)
    assert said.status_code == back.status_code == 200
    assert new in back.headers["HX-Trigger"].encode().decode("unicode_escape")
    twice = keeper.post(f"/cards/{deal.pk}/moves/", {"to": "clarifying"}, headers=HTMX)
    assert twice.status_code == 409 and new in text_of(twice)


def test_a_stage_keeps_its_words_when_the_field_is_emptied_or_typed_as_it_was(keeper):
    at = stage("project", "new")
    keeper.post(at, {"name": "Новые ТЗ", "hint": "Звоните сразу", "days": "3", "tone": "7"}, headers=HTMX)
    row = StageSetting.objects.get()
    assert (row.name, row.hint, row.days, row.tone, row.empties) == ("Новые ТЗ", "Звоните сразу", 3, 7, False)
    keeper.post(at, {"name": "Поступило ТЗ", "empties": "on", "version": version_of(row)}, headers=HTMX)
    row.refresh_from_db()
    assert (row.name, row.hint, row.days, row.tone, row.empties) == ("", "", None, None, True)


def test_a_stage_nobody_said_anything_of_makes_no_row(keeper):
    assert keeper.post(stage("project", "new"), {"name": "", "empties": "on"}, headers=HTMX).status_code == 204
    assert not StageSetting.objects.exists() and not SettingsChange.objects.exists()


def test_two_stages_of_a_pipeline_are_not_called_the_same(keeper):
    answer = keeper.post(stage("project", "new"), {"name": "уточнение  запроса"}, headers=HTMX)
    assert answer.status_code == 422 and "Так называется другая стадия" in text_of(answer)


def test_what_is_only_proposed_is_switched_on_at_its_stage(keeper):
    at = stage("project", "decision")
    assert "asks_offer" in text_of(keeper.get(at, headers=HTMX))
    keeper.post(at, {"asks_offer": "on", "version": "00"}, headers=HTMX)
    assert office().asks_offer
    assert keeper.post(at, {"version": "00"}, headers=HTMX).status_code == 422, "somebody has switched it meanwhile"
    assert "asks_offer" not in text_of(keeper.get(stage("project", "new"), headers=HTMX))


def test_required_fields_are_chosen_at_the_stage_and_named_in_the_history(keeper):
    at = stage("project", "offer")
    assert "cost_estimate" in text_of(keeper.get(at, headers=HTMX))
    assert keeper.post(at, {"needs": ["cost_estimate", "title"], "version": ""}, headers=HTMX).status_code == 422
    assert keeper.post(at, {"needs": ["cost_estimate"], "version": ""}, headers=HTMX).status_code == 204
    assert StageSetting.objects.get().needs == ["cost_estimate"]
    assert "Смета расхода" in text_of(keeper.get("/settings/stages/project/"))
    assert "Смета расхода" in text_of(keeper.get("/settings/history/?area=stages"))
    assert "needs" not in text_of(keeper.get(stage("reminder", "late"), headers=HTMX)), "nobody is asked there"


def test_what_moves_ask_anyhow_stands_beside_the_stage(keeper):
    """R-106, R-111: declared by the process, whatever the company has chosen."""
    text = text_of(keeper.get("/settings/stages/leads/"))
    row = lambda stage: text[text.index(f'id="stage-{stage}"') :].partition("</tr>")[0]  # noqa: E731
    assert "Можно ли ссылаться на источник при разговоре с клиентом" in row("discuss")
    assert "Лид имеет ТЗ?" in row("deal") and "Лид имеет ТЗ?" not in row("discuss")
    assert "<td>—</td>" in row("spam")
    assert "Какой процесс запустить?" in text_of(keeper.get("/settings/stages/project/"))


def test_a_norm_of_its_own_and_the_end_of_the_day(keeper):
    from crm.pipelines.declare import of

    project = of("project")
    assert (project.stages["new"].norm, project.first_stage_empties) == (5, True)
    keeper.post(stage("project", "new"), {"days": "2"}, headers=HTMX)
    assert (project.stages["new"].norm, project.stages["offer"].norm, project.first_stage_empties) == (2, 5, False)
    assert not of("expenses").first_stage_empties
    assert [s.tone for s in project.stages.values()] == [1, 2, 3, 4, 5, 6, 7, 0, 0]
    assert "empties" not in text_of(keeper.get(stage("expenses", "documents"), headers=HTMX))


def test_where_nothing_is_ever_stuck_no_norm_is_offered(keeper):
    offered = {
        name: 'name="days"' in text_of(keeper.get(stage("reminder", name), headers=HTMX)) for name in ("new", "late")
    }
    assert offered == {"new": True, "late": False}
    row = text_of(keeper.get("/settings/stages/leads/")).partition('id="stage-deal"')[2].partition("</tr>")[0]
    assert '<td class="r">—</td>' in row


@pytest.mark.parametrize("days", [-1, 0, 251, 99999])
def test_a_norm_beyond_its_bounds_is_told_in_plain_words(keeper, days):
    answer = keeper.post(stage("project", "new"), {"days": days}, headers=HTMX)
    assert answer.status_code == 422 and text_of(answer).count("Введите число от 1 до 250.") == 1
    assert "Убедитесь" not in text_of(answer)


def test_the_board_keeps_to_what_is_set(keeper, cast):
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби")
    type(deal).objects.filter(pk=deal.pk).update(stage_since=day_start(add_working_days(company_today(), -3)))
    board = text_of(keeper.get("/boards/project/"))
    assert "разобрать до" in board and 'class="days"' in board
    assert 'data-stage="new" data-name="Поступило ТЗ" data-tone="1"' in board
    keeper.post(stage("project", "new"), {"days": "2", "tone": "6"}, headers=HTMX)
    board = text_of(keeper.get("/boards/project/"))
    assert "разобрать до" not in board and "days--long" in board
    assert 'data-stage="new" data-name="Поступило ТЗ" data-tone="6"' in board
    assert 'data-tone="6"' in text_of(keeper.get("/boards/project/list/"))


# — catalogues, tasks, hints —


def names(catalogue="source", **more):
    return list(Entry.objects.filter(catalogue=catalogue, **more).values_list("name", flat=True))


def act(client, kind, row, what, **values):
    return client.post(reverse(f"office:{what}", args=[kind, row.pk]), values, headers=HTMX)


def test_an_entry_is_added_at_the_end_renamed_and_placed(keeper):
    keeper.post(reverse("office:new_entry", args=["source"]), {"name": " Рассылка  осенью "}, headers=HTMX)
    assert names()[-1] == "Рассылка осенью"
    row = Entry.objects.get(name="Рассылка осенью")
    keeper.post(reverse("office:entry", args=[row.pk]), {"name": "Рассылка", "version": version_of(row)}, headers=HTMX)
    act(keeper, "entries", row, "places", to=1)
    assert names()[:3] == ["Почта info@", "Рассылка", "Сайт"]
    act(keeper, "entries", row, "places", to=99)
    assert names()[-1] == "Рассылка"
    twice = keeper.post(reverse("office:new_entry", args=["source"]), {"name": "рассылка"}, headers=HTMX)
    assert twice.status_code == 422 and "рассылка" in text_of(twice)


def test_a_retired_entry_stays_on_the_card_that_holds_it(keeper, cast):
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби", source="site")
    site = Entry.objects.get(catalogue="source", code="site")
    act(keeper, "entries", site, "offers", active="0")
    assert "Сайт" in text_of(keeper.get(f"/deals/{deal.pk}/"))
    form = text_of(keeper.get(f"/deals/{deal.pk}/edit/", headers=HTMX))
    assert '<option value="site" selected>' in form
    sent = {"title": "Лобби 2", "source": "site", "version": deal.version}
    assert keeper.post(f"/deals/{deal.pk}/edit/", sent, headers=HTMX).status_code == 204
    deal.refresh_from_db()
    assert (deal.title, deal.source) == ("Лобби 2", "site")
    other = open_card(Project, by=cast.anna, owner=cast.anna, title="Кафе")
    assert 'value="site"' not in text_of(keeper.get(f"/deals/{other.pk}/edit/", headers=HTMX))
    act(keeper, "entries", site, "offers", active="1")
    assert "Сайт" in names(active=True)


def test_the_last_one_offered_cannot_be_retired(keeper):
    rows = list(Entry.objects.filter(catalogue="service"))
    for row in rows[1:]:
        act(keeper, "entries", row, "offers", active="0")
    answer = act(keeper, "entries", rows[0], "offers", active="0")
    assert answer.status_code == 409 and names("service", active=True) == [rows[0].name]


def test_a_process_is_added_with_its_checklist(keeper):
    sent = {"title": "Замер", "days": "1", "checklist": "Рулетка\n\n  План  этажа \n"}
    keeper.post(reverse("office:new_task"), sent, headers=HTMX)
    made = TaskTemplate.objects.get(title="Замер")
    assert (made.group, made.checklist, made.days) == ("offer", ["Рулетка", "План этажа"], 1)
    assert list(TaskTemplate.objects.filter(group="offer"))[-1] == made
    sent |= {"checklist": "x" * 201, "version": version_of(made)}
    assert keeper.post(reverse("office:task", args=[made.pk]), sent, headers=HTMX).status_code == 422
    act(keeper, "tasks", made, "offers", active="0")
    assert not TaskTemplate.objects.get(pk=made.pk).active


def test_a_task_that_a_stage_plans_is_reworded_but_not_retired(keeper, cast):
    row = TaskTemplate.objects.get(code="strategy-meeting")
    sent = {"title": "Встреча по стратегии", "days": "1", "checklist": "Бюджет", "version": version_of(row)}
    keeper.post(reverse("office:task", args=[row.pk]), sent, headers=HTMX)
    brief = TaskTemplate.objects.get(code="clarify-request")
    assert act(keeper, "tasks", brief, "offers", active="0").status_code == 409
    deal = open_card(Attraction, by=cast.anna, owner=cast.anna, title="Сеть")
    keeper.post(f"/cards/{deal.pk}/moves/", {"to": "found"}, headers=HTMX)
    task = deal.tasks.get()
    assert task.title == "Встреча по стратегии" and [c.text for c in task.checks.all()] == ["Бюджет"]


def test_a_hint_is_reworded_where_the_field_is(keeper, cast):
    deal = open_card(Attraction, by=cast.anna, owner=cast.anna, title="Сеть")
    shown = [f"/deals/{deal.pk}/", f"/deals/{deal.pk}/edit/"]
    assert all("Прямой или мобильный" in text_of(keeper.get(at)) for at in shown)
    at = reverse("office:hint", args=["deal-decision_maker_phone"])
    keeper.post(at, {"text": "Только мобильный"}, headers=HTMX)
    assert all("Только мобильный" in text_of(keeper.get(at)) for at in shown)
    keeper.post(at, {"text": "", "version": version_of(FieldHint.objects.get())}, headers=HTMX)
    assert all("Прямой или мобильный" in text_of(keeper.get(at)) for at in shown)


# — history —


def undo(client, change):
    return client.post(reverse("office:undo", args=[change.pk]), headers=HTMX)


def test_the_history_says_who_from_and_to(keeper):
    keeper.post(reverse("office:limits"), limits(day_end="17:30", short_day_end="16:30", asks_offer="on"))
    page = text_of(keeper.get(reverse("office:history")))
    for words in ("Ирина Снегирёва", "Рабочий день кончается в", "<s>18:00</s>", "17:30", "<s>нет</s>"):
        assert words in page


def test_history_has_pages_and_a_flat_number_of_queries(keeper, cast, django_assert_max_num_queries):
    def change(n):
        return SettingsChange(
            area="limits", act="changed", model="office", row=1, values={"stuck_days": [n, n + 1]}, by=cast.irina
        )

    SettingsChange.objects.bulk_create(change(n) for n in range(60))
    keeper.get(reverse("office:history"))
    with django_assert_max_num_queries(9):
        page = text_of(keeper.get(reverse("office:history")))
    assert "1 / 2" in page and page.count('id="change-') == 50
    assert text_of(keeper.get(reverse("office:history") + "?page=2")).count('id="change-') == 10
    assert "Изменений ещё не было" in text_of(keeper.get(reverse("office:history") + "?area=stages"))


def test_a_change_is_taken_back_once_and_only_while_nothing_followed(keeper):
    keeper.post(reverse("office:limits"), limits(stuck_days=8))
    first = SettingsChange.objects.get()
    keeper.post(reverse("office:limits"), limits(stuck_days=9))
    second = SettingsChange.objects.first()
    assert undo(keeper, first).status_code == 409 and office().stuck_days == 9
    assert undo(keeper, second).status_code == 204 and office().stuck_days == 8
    assert undo(keeper, second).status_code == 409
    assert SettingsChange.objects.first().undoes == second
    assert undo(keeper, first).status_code == 204 and office().stuck_days == 5


def test_every_kind_of_change_has_its_way_back(keeper):
    before = names(), names(active=True)
    keeper.post(reverse("office:new_entry", args=["source"]), {"name": "Рассылка"}, headers=HTMX)
    undo(keeper, SettingsChange.objects.first())
    assert names(active=True) == before[1] and "Рассылка" in names(active=False)
    row = Entry.objects.get(catalogue="source", code="call")
    act(keeper, "entries", row, "places", to=0)
    assert names(active=True)[0] == "Звонок"
    undo(keeper, SettingsChange.objects.first())
    assert names(active=True) == before[1]
    keeper.post(stage("project", "new"), {"name": "Новые ТЗ"}, headers=HTMX)
    undo(keeper, SettingsChange.objects.first())
    assert not StageSetting.objects.exists()
    undo(keeper, SettingsChange.objects.first())
    assert StageSetting.objects.get().name == "Новые ТЗ"
    page = text_of(keeper.get(reverse("office:history")))
    assert "Новые ТЗ" in page and "переставлено" in page and "<s>4</s>" not in page and "<s>3</s>" in page
    assert page.count("отменено") >= 4
