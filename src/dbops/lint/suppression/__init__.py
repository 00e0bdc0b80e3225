"""Comments that silence findings. Pure."""
