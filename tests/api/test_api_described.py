"""The API's description: it is the one in docs, and requests made from it break nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.api import routes
from app.api.server import openapi_text
from dialer_core.clock import ManualClock
from dialer_core.store.address import Place
from tests.api.server_kit import ServedApi, served
from tests.store.floor_kit import FloorKit

DOCS = Path(__file__).resolve().parents[2] / "docs"
SCHEMA: dict[str, Any] = json.loads(openapi_text())
OPERATIONS = [(path, verb) for path, verbs in SCHEMA["paths"].items() for verb in verbs]

_NASTY = st.sampled_from(
    ["", "\x00", "\ud7ff", "‮", "'; --", "%00", "..", "9" * 400, "+441614960001", "null", "🙂" * 60]
)
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | _NASTY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def like(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema describes, now and then with one that it does not."""
    if "$ref" in schema:
        return like(SCHEMA["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "allOf" in schema:
        return like(schema["allOf"][0])
    return st.one_of(_as_described(schema), _as_described(schema), _ANYTHING)


def _as_described(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "object":
            named = schema.get("properties", {})
            needed = {name: like(one) for name, one in named.items()}
            extra = {name: needed.pop(name) for name in [*needed] if name not in _needs(schema)}
            if "additionalProperties" in schema and not named:
                return st.dictionaries(st.text(), like(schema["additionalProperties"]), max_size=3)
            return st.fixed_dictionaries(needed, optional=extra)
        case "array":
            return st.lists(like(schema["items"]), max_size=3)
        case "integer":
            return st.integers()
        case "boolean":
            return st.booleans()
    known = ["GB", "Campaign preview", "Anna of preview", "crm-1", "0161 496 0051", "update"]
    return st.sampled_from(known) | st.text(max_size=60) | _NASTY


def _needs(schema: dict[str, Any]) -> list[str]:
    return list(schema.get("required", []))


def test_the_description_in_docs_is_the_one_that_is_served(api: ServedApi) -> None:
    written = (DOCS / "openapi.json").read_text(encoding="utf-8")
    assert written == openapi_text(), "callfloor api describe --out docs/openapi.json"
    assert api.ask("GET", "/openapi.json") == SCHEMA


def test_every_operation_says_how_it_fails_and_wants_a_token() -> None:
    assert SCHEMA["security"] == [{"token": []}]
    assert len(OPERATIONS) == 8
    for path, verb in OPERATIONS:
        answers = SCHEMA["paths"][path][verb]["responses"]
        assert {"200", "400", "401", "403", "409", "413", "429", "503"} <= set(answers), path
        assert "application/problem+json" in answers["401"]["content"]


def test_each_address_is_explained_in_the_manual() -> None:
    manual = (DOCS / "api.md").read_text(encoding="utf-8")
    for path, verb in OPERATIONS:
        assert f"{verb.upper()} {path}" in manual


@pytest.mark.parametrize(("path", "verb"), OPERATIONS)
def test_no_request_breaks_it(
    path: str,
    verb: str,
    place: Place,
    kit: FloorKit,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(routes, "DIAL_WAIT_S", 0.0)  # nobody answers a wish to dial here
    kit.take_lease()
    kit.log_in()
    operation = SCHEMA["paths"][path][verb]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    bodies = like(body["schema"]) if body else st.none()
    texts = (
        st.text(max_size=30) | _NASTY | st.sampled_from(["crm-1", "1", "-1", "500", "2147483648"])
    )
    names = [one["name"] for one in operation.get("parameters", [])]
    with served(place, clock) as api:

        @settings(
            max_examples=40,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(sent=bodies, words=st.fixed_dictionaries(dict.fromkeys(names, texts)))
        def ask(sent: Any, words: dict[str, str]) -> None:
            content = json.dumps(sent).encode() if body else None
            at = api.web.build_request(
                verb.upper(),
                path.replace("{reference}", _quoted(words.pop("reference", ""))),
                params={name: word for name, word in words.items() if _is_utf8(word)},
                content=content,
                headers={"Content-Type": "application/json"},
            )
            clock.advance(1)
            answer = api.web.send(at)
            assert answer.status_code < 500, (answer.status_code, answer.text)
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.json()["detail"].endswith(".")

        ask()


def _quoted(word: str) -> str:
    return "".join(f"%{byte:02X}" for byte in word.encode("utf-8", "replace"))


def _is_utf8(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True
