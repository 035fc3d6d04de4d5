"""One answer about where data lives and how engines are reached."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crm.launcher import services


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """No servers given, an empty folder for the data."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("CRM_VAR", str(tmp_path))
    return tmp_path


def test_sockets_live_with_the_data(bare):
    assert services.socket_dir() == bare / "run"


@pytest.mark.parametrize("name", ["Клиенты и сделки", "with space", "d" * 100])
def test_a_path_no_socket_can_have_gets_a_short_plain_one(bare, monkeypatch, name):
    monkeypatch.setenv("CRM_VAR", str(bare / name))
    folder = services.socket_dir()
    assert re.fullmatch(r"/tmp/crm-[0-9a-f]{16}", str(folder))
    monkeypatch.setenv("CRM_VAR", str(bare / (name + "2")))
    assert services.socket_dir() != folder


def test_a_socket_folder_of_another_user_is_refused(bare, monkeypatch):
    (bare / "run").mkdir()
    monkeypatch.setattr(services.os, "geteuid", lambda: 12345)
    with pytest.raises(PermissionError, match="belongs to another user"):
        services.database_url()


def test_own_servers_take_the_place_of_embedded_ones(bare, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@db:5433/n")
    monkeypatch.setenv("REDIS_URL", "rediss://:secret@cache:6380/7?ssl_cert_reqs=required")
    assert services.database_url() == "postgresql://u:p@db:5433/n"
    assert services.redis_url(2, celery=True) == "rediss://:secret@cache:6380/2?ssl_cert_reqs=required"


def test_celery_spells_a_socket_in_its_own_way(bare):
    assert services.redis_url(1) == f"unix://{bare}/run/valkey?db=1"
    assert services.redis_url(2, celery=True) == f"redis+socket://{bare}/run/valkey?virtual_host=2"


def test_the_secret_is_made_once_and_kept_from_others(bare):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: services.secret_key(), range(32)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 50
    assert Path(bare, "secret").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in bare.iterdir()] == ["secret"]
