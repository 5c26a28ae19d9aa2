"""What the process counts about itself, in Prometheus' terms. Showing it is ``web.ops``'s."""

import time

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SEARCH_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)


class Metrics:
    """The metrics of one application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "zhihui_requests_total", "Answered requests.", ("endpoint", "method", "status"), registry=self.registry
        )
        self.request_seconds = Histogram(
            "zhihui_request_seconds",
            "Time to answer a request.",
            ("endpoint",),
            buckets=REQUEST_BUCKETS,
            registry=self.registry,
        )
        self.search_seconds = Histogram(
            "zhihui_search_seconds",
            "Time a search took, without rendering.",
            ("source",),
            buckets=SEARCH_BUCKETS,
            registry=self.registry,
        )
        self.empty_searches = Counter(
            "zhihui_searches_without_result_total", "Searches that found nothing.", ("source",), registry=self.registry
        )
        self.index_lag = Gauge(
            "zhihui_index_lag_events", "Events that the index has not taken into account.", registry=self.registry
        )
        self.dropped_searches = Gauge(
            "zhihui_searches_dropped", "Searches that did not get into the search log.", registry=self.registry
        )
        self.embedded = Gauge(
            "zhihui_texts_embedded", "Texts of the index that have a sentence vector.", registry=self.registry
        )
        self.embeddable = Gauge(
            "zhihui_texts_to_embed", "Texts of the index that should have a sentence vector.", registry=self.registry
        )
        self.last_event = Gauge("zhihui_events_last_seq", "Number of the last event.", registry=self.registry)

    def init_app(self, app: Flask) -> None:
        """Count the requests of *app*."""
        app.before_request(self._start)
        app.after_request(self._finish)

    def _start(self) -> None:
        g.started = time.perf_counter()

    def _finish(self, response: Response) -> Response:
        endpoint = request.endpoint or "unmatched"
        self.requests.labels(endpoint, request.method, response.status_code).inc()
        if "started" in g:
            self.request_seconds.labels(endpoint).observe(time.perf_counter() - g.started)
        return response
