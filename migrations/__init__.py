"""The database's history, as alembic versions; run by `python -m migrations` with the URL on stdin."""
