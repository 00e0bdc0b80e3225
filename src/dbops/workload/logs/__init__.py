"""PostgreSQL's logs: lines into records, records into what each session executed."""
