"""dbops's own estimate of what a query costs with an index that doesn't exist, for when no planner can be asked. Pure.

It starts from the plan there is and its costs, and reckons what becomes of single parts of it: a scan that reads
through an index, a join that looks rows up, a sort or an aggregate that an index's order spares. What the planner would
change beside that, such as the order of joins, it does not see.
"""
