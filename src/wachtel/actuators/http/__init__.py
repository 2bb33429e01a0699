"""Switching by a web address: what relays, plugs, bridges and scripts offer."""

from wachtel.actuators.http.driver import HttpDriver

driver = HttpDriver()
