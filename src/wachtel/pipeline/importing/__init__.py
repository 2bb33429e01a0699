"""Footage of other programs becomes footage of the archive, without touching a picture."""
