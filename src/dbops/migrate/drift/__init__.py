"""``drift``: the target compared with what its applied migrations build."""
