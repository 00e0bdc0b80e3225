"""Values for a query's parameters: given ones, or such as the statistics of the compared columns have. Pure."""
