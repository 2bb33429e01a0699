"""Looks for devices on the local networks, when a person asks and never by itself. Import from the modules inside."""
