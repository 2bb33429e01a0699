"""Alembic migrations of state.sqlite, oldest first; run by `wachtel.storage.state.migrating`."""
