"""N+1: a loop in the application that asks once for each row of an earlier answer. Pure."""
