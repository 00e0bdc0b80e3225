"""What lint found, for people (text) and for what reads reports (GitHub, SARIF, JUnit)."""
