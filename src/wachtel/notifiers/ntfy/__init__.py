"""Messages to an ntfy server, in the house or elsewhere, which has an app for phones."""

from wachtel.notifiers.ntfy.driver import NtfyDriver

driver = NtfyDriver()
