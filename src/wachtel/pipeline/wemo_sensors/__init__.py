"""Cameras shown on the local network as Wemo motion sensors, by a process of its own."""
