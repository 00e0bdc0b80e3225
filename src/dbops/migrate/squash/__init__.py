"""``squash``: one migration that builds what many do, proven on a scratch server."""
