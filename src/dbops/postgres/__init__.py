"""The only room that talks to a server: connecting, running SQL with bounds, and what the server says of itself."""
