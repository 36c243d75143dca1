"""One corporation with one self-built app: its people, clock, keys, and everything it remembers.

`server.start` makes it once; the API, the callbacks and the chat page work on the same one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from simulator.clock import Clock
from simulator.codes import CardCodes
from simulator.crypto import Keys
from simulator.faults import Faults
from simulator.groups import Groups
from simulator.hub import Hub
from simulator.journal import Journal
from simulator.kf import KfDesk
from simulator.limits import DuplicateCheck, MemberLimit
from simulator.logins import Logins
from simulator.mailbox import Mailbox
from simulator.media import MediaStore
from simulator.tenant import Tenant
from simulator.tokens import Tokens
from simulator.world import World


@dataclass(frozen=True, slots=True)
class App:
    """The self-built app as the console shows it."""

    corp_id: str
    agent_id: int
    secret: str
    keys: Keys


class Corp:
    def __init__(self, world: World, app: App, clock: Clock, tenant: Tenant | None = None) -> None:
        self.world = world
        self.tenant = tenant or Tenant()
        self.app = app
        self.clock = clock
        self.callback_url = ""
        self.hub = Hub()
        self.mailbox = Mailbox(self.hub, clock.now)
        self.journal = Journal(self.hub)
        self.faults = Faults(self._faults_changed)
        self.media = MediaStore(clock.now)
        self.tokens = Tokens(clock.now)
        self.codes = CardCodes(clock.now)
        self.groups = Groups(world, self.hub, self.mailbox, clock.now)
        self.kf = KfDesk(world, self.hub, self.mailbox, clock.now)
        self.media_keys: dict[str, str] = {}  # for which group robot a media id was uploaded
        self.logins = Logins(clock.now)
        self.visible = [1]  # departments that see the app; the first is everybody
        self.limit = MemberLimit()
        self.duplicates = DuplicateCheck()

    def _faults_changed(self) -> None:
        self.hub.publish({"type": "faults", "faults": self.faults.as_json()})


def new_message_id() -> str:
    """A 63-bit number never used before, also not by an earlier run that met the same database."""
    return str((1 << 62) | secrets.randbits(62))
