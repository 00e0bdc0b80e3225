"""Proof that downs restore: every migration up, down and up again on a scratch server, and what that left."""
