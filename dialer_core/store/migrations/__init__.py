"""Alembic's scripts, forward only; each stands alone and imports no table."""
