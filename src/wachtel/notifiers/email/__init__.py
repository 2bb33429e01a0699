"""Messages by e-mail, through a mail server of the owner's choice."""

from wachtel.notifiers.email.driver import EmailDriver

driver = EmailDriver()
