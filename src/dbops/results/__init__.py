"""What commands return: frozen dataclasses, one module a capability.

A capability returns these and never prints; the command line, the web and a library user read the same values.
"""
