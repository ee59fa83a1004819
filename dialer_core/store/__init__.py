"""The floor's database. The only room that names SQLAlchemy."""
