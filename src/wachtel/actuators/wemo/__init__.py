"""Real Wemo switches, dimmers, plugs and Makers, driven by pywemo in a process of its own.

`driver` and `finding` run in main; everything that imports pywemo runs in the worker alone.
"""

from wachtel.actuators.wemo.driver import WemoDriver

driver = WemoDriver()
