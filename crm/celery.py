"""Celery carries only «look at the table now»; what is due is asked of the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
app = Celery("crm")
app.config_from_object("django.conf:settings", namespace="CELERY")


@app.on_after_finalize.connect
def keep_schedule(sender, **_kwargs):
    from crm.schedule import SCHEDULE

    for name, (seconds, _verb) in SCHEDULE.items():
        sender.add_periodic_task(seconds, run.s(name), name=name, expires=seconds)


@app.task(name="crm.run")
def run(name):
    from crm.schedule import SCHEDULE

    SCHEDULE[name][1]()
