"""Switching by the MQTT broker: Zigbee2MQTT's devices, or any topic that takes words for on and off."""

from wachtel.actuators.mqtt.driver import MqttDriver

driver = MqttDriver()
