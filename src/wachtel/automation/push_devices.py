"""Browsers of people that want messages: each is a channel of its own, which belongs to a person."""

from dataclasses import dataclass

from wachtel.automation.channels import ChannelBook, NewChannel, driver_of, settings_of
from wachtel.automation.signed_links import LinkSigner, new_link_key
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.wishes import Wishes
from wachtel.storage.state import State
from wachtel.storage.state.channels import Channel
from wachtel.storage.state.own_keys import LINKS, PUSH

KIND = "webpush"
MOST_PER_PERSON = 20


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a browser gave: where to send, and the keys to encrypt with (RFC 8291). ``subject`` is where its page came
    from, for the push service to know who sends.
    """

    endpoint: str
    p256dh: str
    auth: str
    subject: str = ""


class PushDevices:
    """Blocking; usable by any thread."""

    def __init__(self, book: ChannelBook, state: State, clock: Clock) -> None:
        self._book = book
        self._state = state
        self._clock = clock

    def public_key(self) -> str:
        """By which browsers tie their subscription to this installation. Raises `WachtelError` (disk_error)."""
        from wachtel.notifiers.webpush.encrypting import public_key

        return public_key(self._key())

    def of(self, account: str) -> list[Channel]:
        """A person's devices, oldest first."""
        return [one for one in self._book.all() if one.account == account and one.kind == KIND]

    def get(self, account: str, device: str) -> Channel:
        """Raises `WachtelError` (not_found) for what is not this person's."""
        for one in self.of(account):
            if one.id == device:
                return one
        raise WachtelError(ErrorKind.NOT_FOUND, "There is no such device.")

    def add(self, account: str, name: str, subscription: Subscription, language: str) -> Channel:
        """A device; one that had subscribed before takes its own place. Raises `WachtelError`."""
        for before in self._book.all():
            if before.kind == KIND and self._endpoint(before) == subscription.endpoint:
                self._book.remove(before.id)
        if len(self.of(account)) >= MOST_PER_PERSON:
            raise WachtelError(ErrorKind.INVALID, f"A person has at most {MOST_PER_PERSON} devices.")
        fields = {"p256dh": subscription.p256dh, "auth": subscription.auth, "key": self._key()}
        if subscription.subject:
            fields["subject"] = subscription.subject
        asked = NewChannel(
            name,
            KIND,
            subscription.endpoint,
            fields=fields,
            wishes=Wishes(language=language),
            account=account,
        )
        return self._book.add(asked).channel

    def remove(self, device: str) -> None:
        """Raises `WachtelError` (not_found)."""
        self._book.remove(device)

    def _endpoint(self, channel: Channel) -> str | None:
        settings = settings_of(driver_of(channel.kind), self._state.channels.settings(channel.id))
        return None if settings is None else str(settings.endpoint)

    def _key(self) -> str:
        from wachtel.notifiers.webpush.encrypting import new_key

        return self._state.own_keys.get(PUSH, new_key)


def link_signer(state: State) -> LinkSigner:
    """Signs with this installation's own key."""
    return LinkSigner(lambda: state.own_keys.get(LINKS, new_link_key))
