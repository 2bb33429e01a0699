"""The connection to a broker: what the house says there, what it hears, and what others may ask of it."""
