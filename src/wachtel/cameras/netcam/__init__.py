"""Wemo NetCams: in setup mode, before and behind the lock, and set free."""

from wachtel.cameras.netcam.driver import NetCamDriver

driver = NetCamDriver()
