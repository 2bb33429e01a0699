"""Messages to browsers that asked for them, through the push service of the browser's maker (RFC 8030)."""

from wachtel.notifiers.webpush.driver import WebPushDriver

driver = WebPushDriver()
