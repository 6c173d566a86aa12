"""What programs log: no key gets past the filter of `logging` or the processor of `structlog`."""

import io
import json
import logging
import threading
from collections.abc import Iterator

import pytest
import structlog

import keysift
from keysift.errors import UsageError
from keysift.rules.generate import instance
from keysift.streams import logs

LINE, [KEY] = instance("PAGERDUTY_TOKEN={{hex:32}}", "logs")
MASK = f"{KEY[:3]}{'*' * 27}{KEY[-2:]}"


class Everything(logging.Formatter):
    """Writes every field of a record, as structured formatters do."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return json.dumps({**vars(record), "text": text}, default=repr)


@pytest.fixture
def written() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def logger(written: io.StringIO) -> Iterator[logging.Logger]:
    handler = logging.StreamHandler(written)
    handler.setFormatter(Everything())
    handler.addFilter(keysift.RedactingFilter())
    logger = logging.Logger("tested")  # noqa: LOG001 - of its own, so that no handler of pytest sees it
    logger.addHandler(handler)
    yield logger
    handler.close()


class Thing:
    """Says a key where it is written."""

    def __str__(self) -> str:
        return LINE


def test_a_message_is_masked_with_its_arguments(logger: logging.Logger, written: io.StringIO) -> None:
    logger.info("set %s to %d in %s", LINE, 3, Thing())
    logger.info(LINE)
    assert KEY not in written.getvalue()
    said = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [record["text"] for record in said] == [
        f"set PAGERDUTY_TOKEN={MASK} to 3 in PAGERDUTY_TOKEN={MASK}",
        f"PAGERDUTY_TOKEN={MASK}",
    ]


def test_a_record_without_keys_keeps_its_arguments(logger: logging.Logger, written: io.StringIO) -> None:
    logger.info("%(a)s and %(b)d", {"a": "x", "b": 2})
    logger.info("%s of %d", "one", 2)
    first, second = (json.loads(line) for line in written.getvalue().splitlines())
    assert (first["text"], first["args"]) == ("x and 2", {"a": "x", "b": 2})
    assert (second["msg"], second["args"]) == ("%s of %d", ["one", 2])


def test_a_traceback_is_masked(logger: logging.Logger, written: io.StringIO) -> None:
    try:
        int(LINE)
    except ValueError:
        logger.exception("failed", stack_info=True)
    assert KEY not in written.getvalue()
    record = json.loads(written.getvalue())
    assert f"PAGERDUTY_TOKEN={MASK}" in record["text"].partition("ValueError: ")[2]
    assert "Stack (most recent call last)" in record["text"]
    assert record["exc_info"] is None


def test_a_traceback_without_keys_stays(logger: logging.Logger, written: io.StringIO) -> None:
    try:
        raise ValueError("nothing")  # noqa: TRY301 - it is caught here
    except ValueError:
        logger.exception("failed")
    assert "ValueError" in json.loads(written.getvalue())["exc_info"][0]


@pytest.mark.parametrize(
    "value", [KEY, [KEY], {"x": (KEY, 1)}, KEY.encode(), Thing(), {LINE: 1}, {"deep": [{"deeper": {KEY}}]}], ids=str
)
def test_an_extra_field_is_judged_by_its_name(value: object, logger: logging.Logger, written: io.StringIO) -> None:
    logger.info("x", extra={"pagerduty_token": value, "plain": [1, "two"]})
    assert KEY not in written.getvalue()
    assert json.loads(written.getvalue().splitlines()[0])["plain"] == [1, "two"]


def test_if_masking_fails_the_record_says_only_that(logger: logging.Logger, written: io.StringIO) -> None:
    class Bad:
        def __str__(self) -> str:
            raise RuntimeError(LINE)

    logger.info("x %s", LINE, extra={"bad": Bad(), "key": LINE})
    record = json.loads(written.getvalue())
    assert record["text"] == logs.WITHHELD
    assert KEY not in written.getvalue()
    open_filter = keysift.RedactingFilter(on_error="open")
    own = logging.LogRecord("x", 20, "f", 1, "kept", (), None)
    own.bad = Bad()
    assert open_filter.filter(own)
    assert own.getMessage() == "kept"


def test_an_unknown_way_of_failing_is_an_error() -> None:
    with pytest.raises(UsageError, match="on_error"):
        keysift.RedactingFilter(on_error="x")  # type: ignore[arg-type]


def test_threads_may_log_at_once(logger: logging.Logger, written: io.StringIO) -> None:
    def log(number: int) -> None:
        for _ in range(20):
            logger.info("%d %s", number, LINE)

    threads = [threading.Thread(target=log, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert KEY not in written.getvalue()
    assert written.getvalue().count(MASK) >= 120


def render(event: dict[str, object], processor: keysift.RedactingProcessor | None = None, **exception: object) -> str:
    """What structlog writes of an event."""
    out = io.StringIO()
    structlog.wrap_logger(
        structlog.PrintLogger(out),
        processors=[processor or keysift.RedactingProcessor(), structlog.processors.JSONRenderer(default=repr)],
    ).error(**event, **exception)
    return out.getvalue()


def test_an_event_of_structlog_is_masked() -> None:
    said = render({"event": LINE, "pagerduty_token": KEY, "user": "ada", "count": 3, "more": {"token": [LINE]}})
    assert KEY not in said
    assert json.loads(said) == {
        "event": f"PAGERDUTY_TOKEN={MASK}",
        "pagerduty_token": MASK,
        "user": "ada",
        "count": 3,
        "more": {"token": [f"PAGERDUTY_TOKEN={MASK}"]},
    }


def test_the_exception_of_an_event_is_masked() -> None:
    said = render({"event": "x"}, exc_info=ValueError(LINE))
    assert KEY not in said
    assert json.loads(said)["exception"] == f"ValueError: PAGERDUTY_TOKEN={MASK}"
    try:
        int(LINE)
    except ValueError:
        assert MASK in json.loads(render({"event": "x"}, exc_info=True))["exception"]
    assert "nothing" in render({"event": "x"}, exc_info=ValueError("nothing"))


def test_if_masking_fails_the_event_says_only_that(monkeypatch: pytest.MonkeyPatch) -> None:
    redactor = keysift.Redactor()
    monkeypatch.setattr(redactor._masker, "places", lambda *_: 1 / 0)
    said = render({"event": LINE, "x": 1}, keysift.RedactingProcessor(redactor))
    assert json.loads(said) == {"event": logs.WITHHELD}
    assert KEY in render({"event": LINE}, keysift.RedactingProcessor(redactor, on_error="open"))
