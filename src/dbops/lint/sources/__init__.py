"""Files of each kind as scripts that can be linted. Nothing here opens a file."""
