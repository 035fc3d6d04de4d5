"""The engines' data is whole or absent, and one process at a time runs it."""

import os
import subprocess
import sys

import pytest

from crm.launcher import engines, postgres
from crm.launcher.services import ROOT


def test_data_of_another_major_version_is_left_alone(tmp_path):
    data = tmp_path / "pg"
    data.mkdir()
    (data / "PG_VERSION").write_text("17\n")
    with pytest.raises(postgres.WrongVersion, match=r"PostgreSQL 17, this is 18"):
        postgres.prepare(data)
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_a_first_start_cut_short_begins_anew(tmp_path):
    (tmp_path / "pg.init").mkdir()
    (tmp_path / "pg.init" / "half").write_text("")
    postgres.prepare(tmp_path / "pg", durable=False)
    assert (tmp_path / "pg" / "PG_VERSION").read_text().strip() == postgres.MAJOR
    assert not (tmp_path / "pg" / "half").exists()
    assert not (tmp_path / "pg.init").exists()


def test_a_second_process_learns_who_holds_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("CRM_VAR", str(tmp_path))
    ask = "from crm.launcher import engines\nwith engines.claimed('second'): pass"
    with engines.claimed("up on http://127.0.0.1:8000"):
        second = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True)
        assert f"Busy: up on http://127.0.0.1:8000 (process {os.getpid()})" in second.stderr
    assert subprocess.run([sys.executable, "-c", ask], cwd=ROOT).returncode == 0


def test_nothing_embedded_beside_own_servers(monkeypatch, tmp_path):
    monkeypatch.setenv("CRM_VAR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@db/n")
    monkeypatch.setenv("REDIS_URL", "redis://cache")
    assert engines.needed() == []
    with engines.at_hand("migrate"):
        assert not (tmp_path / "up.lock").exists()
