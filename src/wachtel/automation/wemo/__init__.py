"""Wemo devices in the house, cameras as Wemo sensors, and rules of the Wemo app. Import from the modules inside."""
