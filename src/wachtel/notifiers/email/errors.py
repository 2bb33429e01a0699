"""What mail servers and the way to them say, in words with the next step."""

import ssl

from wachtel.base.errors import ErrorKind, WachtelError


def too_late(host: str) -> WachtelError:
    """Nobody answered."""
    return WachtelError(
        ErrorKind.TIMEOUT,
        f"The mail server {host} did not answer in time.",
        code="mail_late",
        hint="It is tried again.",
        details={"host": host},
    )


def no_connection(error: OSError, host: str, port: int) -> WachtelError:
    """There is no way to it."""
    if isinstance(error, ConnectionRefusedError):
        return WachtelError(
            ErrorKind.REFUSED,
            f"{host} is there, but no mail server listens on port {port}.",
            code="mail_closed",
            hint="The usual ports are 465 with tls and 587 with starttls.",
            details={"host": host, "port": str(port)},
        )
    return WachtelError(
        ErrorKind.UNREACHABLE,
        f"The mail server {host} cannot be reached.",
        code="mail_away",
        hint="Is the internet there, and is the name right?",
        details={"host": host},
    )


def put_in_words(error: Exception, host: str) -> WachtelError:
    """An error of the conversation, by what the server answered last."""
    from aiosmtplib import SMTPAuthenticationError, SMTPTimeoutError

    if isinstance(error, SMTPTimeoutError | TimeoutError):
        return too_late(host)
    if isinstance(error, SMTPAuthenticationError):
        return _log_in(host, error.code)
    if _caused_by_tls(error):
        return _no_tls(host)
    code = _code(error)
    if code is not None:
        return _answered(host, code)
    said = str(error).upper()
    if "STARTTLS" in said:
        return _no_tls(host)
    return _no_log_in(host) if "AUTH" in said else _broke_off(host)


def some_refused(host: str, recipients: list[str], code: int) -> WachtelError:
    """The others have it, so that trying again would tell them twice."""
    return WachtelError(
        ErrorKind.INVALID,
        f"The mail server {host} refuses {len(recipients)} of the addresses ({code}); the others have the message.",
        code="mail_some_refused",
        hint="Look at the addresses it is sent to.",
        details={"host": host, "count": str(len(recipients)), "status": str(code)},
    )


def _log_in(host: str, code: int) -> WachtelError:
    if 400 <= code < 500:
        return _answered(host, code)
    return WachtelError(
        ErrorKind.DENIED,
        f"The mail server {host} refuses user or password ({code}).",
        code="mail_log_in",
        hint="Many providers want a password of its own for other programs; they make one in the account's settings.",
        details={"host": host, "status": str(code)},
    )


def _no_log_in(host: str) -> WachtelError:
    return WachtelError(
        ErrorKind.DENIED,
        f"The mail server {host} takes no user and password here.",
        code="mail_no_log_in",
        hint="It may want another port, or tls instead of starttls; or leave user and password out.",
        details={"host": host},
    )


def _no_tls(host: str) -> WachtelError:
    return WachtelError(
        ErrorKind.UNREACHABLE,
        f"With the mail server {host} no protected connection is possible.",
        code="mail_no_tls",
        hint="Its certificate may not be valid here; port 465 goes with tls, port 587 with starttls.",
        details={"host": host},
    )


def _answered(host: str, code: int) -> WachtelError:
    details = {"host": host, "status": str(code)}
    if 400 <= code < 500:
        return WachtelError(
            ErrorKind.BUSY,
            f"The mail server {host} could not take the message ({code}).",
            code="mail_busy",
            hint="It is tried again.",
            details=details,
        )
    return WachtelError(
        ErrorKind.INVALID,
        f"The mail server {host} refuses the message ({code}).",
        code="mail_refused",
        hint="Look at the addresses it is from and to, and at whether the server wants user and password.",
        details=details,
    )


def _broke_off(host: str) -> WachtelError:
    return WachtelError(
        ErrorKind.STREAM_ENDED,
        f"{host} ended the connection, or is no mail server.",
        code="mail_broke_off",
        hint="It is tried again.",
        details={"host": host},
    )


def _code(error: Exception) -> int | None:
    from aiosmtplib import SMTPRecipientsRefused, SMTPResponseException

    if isinstance(error, SMTPRecipientsRefused):
        return min((one.code for one in error.recipients), default=None)
    known = isinstance(error, SMTPResponseException) and 400 <= error.code < 600
    return error.code if known and isinstance(error, SMTPResponseException) else None


def _caused_by_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
