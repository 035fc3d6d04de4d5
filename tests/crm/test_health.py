"""What an operator's monitor is told."""

import pytest


@pytest.mark.django_db
def test_ready_when_everything_answers(client):
    assert client.get("/healthz").content == b"ok"
    assert client.get("/readyz").content == b"ready"


@pytest.mark.django_db
def test_without_redis_it_serves_and_says_so(client, monkeypatch, tmp_path):
    monkeypatch.setenv("REDIS_URL", f"unix://{tmp_path}/nobody")
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.content.startswith(b"degraded")
