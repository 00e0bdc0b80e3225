"""How fresh answers have to be, by what sessions did: who reads what they wrote a moment ago. Pure."""
