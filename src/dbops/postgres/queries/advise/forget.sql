-- Have HypoPG forget all indexes of this session.
SELECT :"schema".hypopg_reset()
