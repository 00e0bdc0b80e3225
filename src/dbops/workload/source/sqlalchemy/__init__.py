"""SQLAlchemy: its declarative models, statements and sessions; SQLModel and Flask-SQLAlchemy too. Pure."""
