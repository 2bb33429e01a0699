"""Tries a camera URL and says in words what was found and what is wrong.

`wachtel.sources.probe.worker` is for the server: it imports nothing heavy and does the work in another
process. `wachtel.sources.probe.trial` does the work itself, and imports PyAV when it has a picture to show.
"""
