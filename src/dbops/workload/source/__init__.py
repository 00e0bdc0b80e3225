"""Python source of an application: which of its loops ask the database once for each row. Pure."""
