"""``dbops ha-status``."""
