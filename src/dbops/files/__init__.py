"""Migration files as values: what they are called, what is in them, what they hash to. Nothing here opens a file."""
