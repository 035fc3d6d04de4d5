#!/usr/bin/env python
"""Every command of the product; those that need the database find the embedded one running, or run it meanwhile."""

import os
import sys
from contextlib import nullcontext

from crm.launcher import engines, supervisor

# These touch no data.
OFFLINE = {"check", "collectstatic", "help", "lint", "messages", "--help", "--version", "version"}


def main() -> int:
    """Run the command of the command line; returns its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command == "up":  # it lives long and needs no Django, so it loads none
        return supervisor.main()
    from django.core.management import execute_from_command_line

    with nullcontext() if command in OFFLINE else engines.at_hand(f"manage.py {command}"):
        execute_from_command_line(sys.argv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
