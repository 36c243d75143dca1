"""One line of `bqw doctor`: what was looked at, what was found, and the next step when something is wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`next_step` is empty when it is in order; `mark` is said instead of 正常 or 有问题."""

    what: str
    found: str
    next_step: str = ""
    mark: str = ""

    @property
    def ok(self) -> bool:
        return not self.next_step

    def __str__(self) -> str:
        line = f"{self.mark or ('正常' if self.ok else '有问题')}  {self.what}：{self.found}"
        return line if self.ok else f"{line}\n        下一步：{self.next_step}"
