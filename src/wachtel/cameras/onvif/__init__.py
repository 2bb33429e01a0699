"""ONVIF devices: their streams, stills, motion, movement and outputs."""

from wachtel.cameras.onvif.driver import OnvifDriver

driver = OnvifDriver()
