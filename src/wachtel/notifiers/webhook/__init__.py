"""Messages as signed JSON by HTTP POST."""

from wachtel.notifiers.webhook.driver import WebhookDriver

driver = WebhookDriver()
