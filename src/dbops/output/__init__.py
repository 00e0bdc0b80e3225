"""Results for people and for programs. Imports results, and nothing else of dbops."""
