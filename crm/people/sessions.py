"""Sessions in the database, named by the keys that we give out and by no others."""

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key):
        # A cookie can carry what no column of text takes, and then every page would fail.
        return super()._validate_session_key(key) and key.isascii() and key.isalnum()
