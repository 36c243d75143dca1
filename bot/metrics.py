"""The numbers `/metrics` shows, in a registry of our own; one instance, made in `app.py`."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """Counters and histograms by the words of the design; labels never hold a person or a text."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._messages = Counter(
            "bqw_messages", "Messages handled.", ("channel", "kind", "outcome"), registry=self._registry
        )
        self._seconds = Histogram(
            "bqw_handle_seconds",
            "Time spent in handlers per message.",
            buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 5),
            registry=self._registry,
        )
        self.duplicates = Counter(
            "bqw_duplicates", "Messages that were delivered again.", registry=self._registry
        )
        self.refused = Counter(
            "bqw_callbacks_refused", "Callbacks refused.", ("reason",), registry=self._registry
        )
        self.unavailable = Counter(
            "bqw_callbacks_unavailable",
            "Callbacks not acknowledged because they could not be stored in time.",
            registry=self._registry,
        )
        self.unknown = Counter(
            "bqw_unknown_types",
            "Messages and events of a type nobody here knows.",
            ("name",),
            registry=self._registry,
        )
        self.sent = Counter(
            "bqw_sent", "Outgoing messages by result.", ("channel", "result"), registry=self._registry
        )
        self.files = Counter(
            "bqw_files", "Files people sent, by result.", ("result",), registry=self._registry
        )
        self.jobs = Counter("bqw_jobs", "Runs of jobs by result.", ("job", "result"), registry=self._registry)
        self.robot = Gauge(
            "bqw_robot_connected", "Whether this process has the robot's connection.", registry=self._registry
        )
        self.outbox = Gauge("bqw_outbox", "Outgoing messages by state.", ("state",), registry=self._registry)

    def handled(self, channel: str, kind: str, outcome: str, ms: float) -> None:
        """One message went through the routes."""
        self._messages.labels(channel, kind, outcome).inc()
        self._seconds.observe(ms / 1000)

    def page(self) -> bytes:
        """The exposition text."""
        return generate_latest(self._registry)
