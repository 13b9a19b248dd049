"""Sends answers to machines: signed by the service key, readable by the machine alone."""

from collections.abc import Callable

from nostr_sdk import Nip44Version, NostrSdkError, PublicKey, nip44_decrypt, nip44_encrypt

from ..cash_models import ServiceKey
from ..nostr.events import Event, EventSigner
from ..orders import CashOrder
from . import clink
from .answers import Receipt
from .envelope import answer_tags
from .service_key import keys_of

Say = Callable[[str, str, str], int]
"""Publishes an event to a machine, given its key (hex), the event's id and its JSON, on every relay
of the machine that is up; the number of these."""


def opened(event: Event, key: ServiceKey) -> str | None:
    """What a machine asks; None when this key does not open it."""
    try:
        return str(
            nip44_decrypt(keys_of(key).secret_key(), PublicKey.parse(event.pubkey), event.content)
        )
    except NostrSdkError:
        return None


class Post:
    """Takes answers to the machines' relays."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def answer(self, event: Event, key: ServiceKey, content: str) -> int:
        """Answers this event; on how many relays."""
        return self._send(event.pubkey, event.kind, event.id, key, content)

    def send_receipt(self, order: CashOrder, key: ServiceKey, receipt: Receipt) -> int:
        """Tells the machine that its customer has paid."""
        content = clink.write(clink.OFFER_KIND, receipt)
        return self._send(order.asked_by, clink.OFFER_KIND, order.asked_event, key, content)

    def _send(self, to: str, kind: int, about: str, key: ServiceKey, content: str) -> int:
        keys = keys_of(key)
        sealed = nip44_encrypt(keys.secret_key(), PublicKey.parse(to), content, Nip44Version.V2)
        event_id, event_json = EventSigner(keys).sign(kind, sealed, answer_tags(kind, to, about))
        return self._say(to, event_id, event_json)
