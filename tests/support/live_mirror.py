"""A client that believes nothing: it applies frames and fails on a hole, a double or disorder."""

import json
from dataclasses import dataclass, field
from typing import Any

JsonDict = dict[str, Any]


@dataclass(slots=True)
class TopicMirror:
    """What a client holds of one topic."""

    epoch: str = ""
    offset: int = -1
    items: dict[str, tuple[int, JsonDict]] = field(default_factory=dict)
    applied: list[int] = field(default_factory=list)
    snapshots: int = 0
    resyncs: list[str] = field(default_factory=list)

    @property
    def position(self) -> JsonDict:
        """What to resume from."""
        return {"epoch": self.epoch, "offset": self.offset} if self.offset >= 0 else {}

    @property
    def values(self) -> dict[str, JsonDict]:
        """The keys and their data."""
        return {key: data for key, (_, data) in self.items.items()}

    def answer(self, body: JsonDict) -> None:
        """Take the reply to a subscribe."""
        if body["recovered"]:
            assert body["was_recovering"]
            for publication in body["publications"]:
                self.push(publication)
        else:
            self.items = {it["key"]: (it["ver"], it["data"]) for it in body["snapshot"]}
            self.snapshots += 1
        assert body["offset"] >= self.offset or body["epoch"] != self.epoch
        self.epoch, self.offset = body["epoch"], body["offset"]

    def push(self, publication: JsonDict) -> None:
        """Take a publication; every offset must be new, in order and without a hole."""
        assert publication["offset"] > self.offset, "doubled or out of order"
        assert publication["prev"] <= self.offset, "a hole"
        self.offset = publication["offset"]
        self.applied.append(self.offset)
        for item in (publication, *publication.get("also", ())):
            held = self.items.get(item["key"])
            if held is not None and held[0] >= item["ver"]:
                continue
            if item["data"] is None:
                self.items.pop(item["key"], None)
            else:
                self.items[item["key"]] = (item["ver"], item["data"])


class Mirror:
    """All topics of one client; feed it every text that arrives."""

    def __init__(self) -> None:
        self.topics: dict[str, TopicMirror] = {}
        self.replies: dict[int, JsonDict] = {}
        self.disconnect: JsonDict | None = None
        self.pings = 0

    def __getitem__(self, topic: str) -> TopicMirror:
        return self.topics.setdefault(topic, TopicMirror())

    def feed(self, text: str | bytes) -> JsonDict:
        """Apply one frame and return it."""
        frame: JsonDict = json.loads(text)
        if not frame:
            self.pings += 1
        elif "id" in frame:
            self._reply(frame)
        elif "pub" in frame:
            self[frame["topic"]].push(frame["pub"])
        elif "resync" in frame:
            self[frame["topic"]].resyncs.append(frame["resync"]["reason"])
        else:
            self.disconnect = frame["disconnect"]
        return frame

    def _reply(self, frame: JsonDict) -> None:
        self.replies[frame["id"]] = frame
        if "subscribe" in frame:
            self[frame["subscribe"]["topic"]].answer(frame["subscribe"])
        for topic, body in frame.get("connect", {}).get("subs", {}).items():
            if "error" not in body:
                self[topic].answer(body)
