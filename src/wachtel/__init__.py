"""A camera service that nobody can switch off."""

__version__ = "0.1.0"
