"""Cameras without ONVIF: a plain address, and the paths their makers commonly use."""

from wachtel.cameras.generic.driver import GenericDriver

driver = GenericDriver()
