import pickle

from wachtel.base.errors import ErrorKind, WachtelError


def test_an_error_says_what_happened_and_what_to_do() -> None:
    error = WachtelError(ErrorKind.REFUSED, "The camera refused.", hint="Look at its port.")
    assert str(error) == "The camera refused. Look at its port."
    assert error.retryable
    assert not WachtelError(ErrorKind.WRONG_PASSWORD, "x").retryable


def test_an_error_crosses_processes() -> None:
    error = WachtelError(ErrorKind.TIMEOUT, "a", hint="b", details={"s": "3"})
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.kind, copy.what, copy.hint, dict(copy.details)) == (error.kind, "a", "b", {"s": "3"})
