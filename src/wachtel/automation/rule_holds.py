"""What rules keep switched on, and until when. Pure.

An actuator goes off when the last rule that keeps it on lets go, so two rules never make it flicker.
"""

from collections.abc import Iterable
from dataclasses import replace

from wachtel.base.ids import compact_time
from wachtel.base.units import WallUs, microseconds
from wachtel.model.rule import Action, ActionKind, Held, Order

Key = tuple[str, str, int]


class HoldTable:
    """``changed`` is set whenever what is held is not what was held before; whoever stores it clears it."""

    def __init__(self, held: Iterable[Held] = ()) -> None:
        self._held: dict[Key, Held] = {_key(one): one for one in held}
        self.changed = False

    def all(self) -> list[Held]:
        """Everything that is held, in a fixed order."""
        return [self._held[key] for key in sorted(self._held)]

    def holds(self, actuator: str) -> bool:
        """Whether any rule keeps this actuator on."""
        return any(key[0] == actuator for key in self._held)

    def begin(self, order: Order, signal: str) -> None:
        """An action switches something: on for a while or for good, or off, which ends every hold.

        ``signal`` names what lasts, "" when the cause is over already at ``order.made``.
        """
        action = order.action
        if is_off(action):
            self._drop([key for key in self._held if key[0] == action.target])
            return
        until: WallUs | None = None
        signals: tuple[str, ...] = ()
        if action.off_after_s is not None:
            until = None if signal else WallUs(order.made + microseconds(action.off_after_s))
            signals = (signal,) if signal else ()
        held = Held(action.target, order.rule, order.place, order.site, action, until, signals)
        self._put(self._joined(held))

    def _joined(self, held: Held) -> Held:
        """A second firing never shortens what the first one holds."""
        known = self._held.get(_key(held))
        if known is None:
            return held
        signals = tuple(sorted({*known.signals, *held.signals}))
        if signals or known.until is None or held.until is None:
            return replace(held, signals=signals, until=None)
        return replace(held, until=max(known.until, held.until))

    def over(self, signal: str, at: WallUs) -> None:
        """What lasted is over: when nothing else lasts, what it held goes off so long after."""
        for held in list(self._held.values()):
            if signal in held.signals:
                rest = tuple(one for one in held.signals if one != signal)
                after = microseconds(held.action.off_after_s or 0)
                self._put(replace(held, signals=rest, until=None if rest else WallUs(at + after)))

    def orphaned(self, at: WallUs) -> None:
        """After a restart nobody knows whether what lasted still does: it is taken to be over, and may begin anew."""
        for signal in {signal for held in self._held.values() for signal in held.signals}:
            self.over(signal, at)

    def expire(self, now: WallUs) -> tuple[list[Order], list[Held]]:
        """Orders for what goes off now, and the holds that ended while another one goes on."""
        due = [held for held in self.all() if held.until is not None and held.until <= now]
        orders, quiet = [], []
        for held in due:
            del self._held[_key(held)]
            self.changed = True
            if self.holds(held.actuator):
                quiet.append(held)
            else:
                orders.append(_off(held, now))
        return orders, quiet

    def forget_rule(self, rule: str, now: WallUs) -> None:
        """The rule is gone or off: what it holds for a while ends now, what it switched for good stays so."""
        for held in list(self._held.values()):
            if held.rule == rule:
                if held.action.off_after_s is None:
                    self._drop([_key(held)])
                else:
                    self._put(replace(held, signals=(), until=now))

    def clock_was_set(self, now: WallUs) -> None:
        """Nothing is held longer than its rule says, whatever the clock was set to."""
        for held in list(self._held.values()):
            longest = WallUs(now + microseconds(held.action.off_after_s or 0))
            if held.until is not None and held.until > longest:
                self._put(replace(held, until=longest))

    def _put(self, held: Held) -> None:
        if self._held.get(_key(held)) != held:
            self._held[_key(held)] = held
            self.changed = True

    def _drop(self, keys: list[Key]) -> None:
        for key in keys:
            del self._held[key]
            self.changed = True


def is_off(action: Action) -> bool:
    """Whether the action leaves its actuator off."""
    return not action.on or (action.kind is ActionKind.DIM and action.level == 0)


def _off(held: Held, now: WallUs) -> Order:
    assert held.until is not None
    level = 0 if held.action.kind is ActionKind.DIM else None
    action = replace(held.action, on=False, level=level, off_after_s=None)
    cause = f"{compact_time(held.until)}-off"
    return Order(held.rule, cause, held.place, held.site, action, now)


def _key(held: Held) -> Key:
    return held.actuator, held.rule, held.place
