"""Ways to tell people and programs; each driver is one folder."""
