-- One index that only this session's planner sees: what plans will call it, and how large it would be.
SELECT indexname, :"schema".hypopg_relation_size(indexrelid) FROM :"schema".hypopg_create_index(:'create')
