"""Cards are found by parts and forms of their words, and each of these is asked of an index (R-507)."""

import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.core import checks
from django.db import connection

from crm.cards.models import Card
from crm.clients.models import Company
from crm.launcher.services import ROOT, database_url
from crm.pipelines.moves import open_card
from deals.models import Project


@pytest.fixture
def lobby(cast):
    return open_card(Project, by=cast.anna, owner=cast.anna, title="Лобби отеля «Янтарный берёзовый»")


@pytest.mark.parametrize(
    "texts", [["нтарн"], ["янтарная"], ["отели берёзовые"], ["лобб отел"], ["тщ такого", "березов"]]
)
def test_parts_and_forms(lobby, texts):
    assert list(Card.objects.matching(*texts)) == [Card(pk=lobby.pk)]


@pytest.mark.parametrize(
    "written, asked",
    [("Ресторан", "ресторанов"), ("Сеть ресторанов", "ресторан"), ("Галерея", "галереи"), ("Диван", "диванами")],
)
def test_words_whose_stems_differ(cast, written, asked):
    deal = open_card(Project, by=cast.anna, owner=cast.anna, title=written)
    assert Card.objects.matching(asked).get().pk == deal.pk
    assert not Card.objects.matching(f"{asked} и лобби").exists()


@pytest.mark.parametrize(
    "nasty", ["'", "a'b:*", "(", "!!", "\\", "& | !", "и", "<->", "50% _", "a@b.example", "—", "б'ь:*|ё"]
)
def test_nothing_typed_breaks_the_query(lobby, nasty):
    assert Card.objects.matching(nasty).count() <= 1


@pytest.mark.parametrize("texts", [["янтарь мебель"], ["лобби", "отель"], ["обли"]])
def test_every_word_of_one_reading_counts(lobby, texts):
    assert Card.objects.matching(*texts).exists() == (texts == ["лобби", "отель"])


def test_nothing_typed_narrows_nothing(lobby):
    assert Card.objects.matching("", "чего нет").count() == Card.objects.count() > 0


@pytest.mark.parametrize(
    "rows, indexes",
    [(Card.objects, {"card_words", "card_stems"}), (Company.objects, {"company_words", "company_stems"})],
)
def test_each_way_is_asked_of_an_index(db, rows, indexes):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    plan = rows.matching("янтарная").order_by("-pk")[:8].explain()
    assert all(f"Bitmap Index Scan on {index}" in plan for index in indexes) and "BitmapOr" not in plan, plan


def test_the_database_takes_cyrillic_for_letters(db):
    assert checks.run_checks(tags=["database"], databases=["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(show_trgm('янтарь'))")
        assert cursor.fetchone() == (7,)


def test_a_database_without_letters_is_warned_of():
    server, name = database_url(), f"letters_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as line:
        line.execute(f"CREATE DATABASE {name} TEMPLATE template0 LC_CTYPE 'C'")
        try:
            env = os.environ | {"DATABASE_URL": urlunsplit(urlsplit(server)._replace(path=f"/{name}"))}
            asked = [sys.executable, "manage.py", "check", "--database", "default"]
            done = subprocess.run(asked, cwd=ROOT, env=env, capture_output=True, text=True)
        finally:
            line.execute(f"DROP DATABASE {name} WITH (FORCE)")
    assert "cards.W001" in done.stderr
