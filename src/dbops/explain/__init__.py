"""Why a query is slow, and an index that is proven to help.

``explain.explain`` is the capability; ``plan`` and ``findings`` and most of ``advise`` are pure.
"""
