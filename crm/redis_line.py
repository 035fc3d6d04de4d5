"""Being told when a line to Redis was opened: what Redis had to say while there was none is lost."""

_followers = []


def on_opened(func):
    """Register ``func()``, called in the event loop of the line each time that one of the layer's lines was opened."""
    _followers.append(func)
    return func


async def opened(connection):
    """What redis-py does with a new line, and then tells of it."""
    await connection.on_connect()
    for follow in _followers:
        follow()
