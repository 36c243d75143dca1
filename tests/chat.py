"""One conversation with the answering core, without a process around it."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.ask import Answer, Knowing, reply_to
from handlers.memory import Memory

MONDAY = datetime(2024, 7, 15, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


class Chat:
    """One conversation; `says` asks and checks what comes back."""

    def __init__(self, knows: Knowing, now: datetime = MONDAY) -> None:
        self.knows, self.now, self.memory = knows, now, Memory()

    def says(
        self,
        question: str,
        *contains: str,
        point: int | None = None,
        points: list[int] | None = None,
        answered: bool = True,
        without: str = "",
    ) -> Answer:
        found = reply_to(question, self.memory, self.knows, self.now)
        self.memory = Memory.from_json(json.loads(json.dumps(found.memory.to_json())))
        for words in contains:
            assert words in found.text
        if without:
            assert without not in found.text
        if point is not None:
            assert found.points[:1] == (point,)
        if points is not None:
            assert sorted(found.points) == points
        assert found.answered is answered, found.text
        return found
