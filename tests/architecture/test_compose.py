"""The container stack holds to the design: one door, one table of addresses, nobody with more rights than needed."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.docker import make_keys
from ops.docker.make_keys import RINGS
from ops.docker.make_secrets import definitions, main, names, password_hash
from ops.world import PREFIXES
from shared.bus.topology import queues_of
from shared.keys import KeyRing
from shared.settings import SERVICES

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
CONTAINERS: dict[str, Any] = COMPOSE["services"]
GATEWAY = (ROOT / "ops/gateway/nginx.conf").read_text(encoding="utf-8")
OURS = [f"{service}-{part}" for service in SERVICES for part in ("migrate", "web", "worker")]
ONCE = {"keys", *(f"{service}-migrate" for service in SERVICES)}


def gateway_map(variable: str) -> list[tuple[str, str]]:
    """A map of the gateway's configuration, in order: pattern and value."""
    found = re.search(rf"map \S+ \${variable} {{(.*?)\n  }}", GATEWAY, re.DOTALL)
    assert found
    return [(pattern, value) for pattern, value in re.findall(r"^\s*(\S+)\s+(\S+);", found[1], re.MULTILINE)]


def test_the_gateway_and_the_embedded_world_send_an_address_to_the_same_service() -> None:
    drawn = [(f"~^{prefix}(/|$)", service) for prefix, service in PREFIXES if prefix != "/"]
    drawn.append(("default", dict(PREFIXES)["/"]))

    assert gateway_map("service") == drawn


@pytest.mark.parametrize("path", ["/internal/events", "/internal", "/metrics", "/healthz", "/readyz"])
def test_what_services_say_to_each_other_and_to_monitors_is_not_for_outsiders(path: str) -> None:
    closed = [pattern.removeprefix("~") for pattern, value in gateway_map("is_inside") if value == "1"]

    assert any(re.search(pattern, path) for pattern in closed)


def test_odd_methods_are_refused() -> None:
    methods = dict(gateway_map("is_method"))

    assert methods["default"] == "0"
    assert "TRACE" not in methods
    assert {"GET", "HEAD", "POST"} <= set(methods)


def test_the_gateway_logs_neither_addresses_nor_queries() -> None:
    log_format = re.search(r"log_format lines (.*?);", GATEWAY, re.DOTALL)
    assert log_format

    for secret in ("$uri", "$request ", "$request_uri", "$args", "$remote_addr", "$http_referer"):
        assert secret not in log_format[1]


def test_only_the_gateway_publishes_a_port_and_only_on_this_machine() -> None:
    published = {name: container["ports"] for name, container in CONTAINERS.items() if "ports" in container}

    assert list(published) == ["gateway"]
    assert all(port.startswith("127.0.0.1:") for port in published["gateway"])


def test_the_gateway_reaches_pages_and_nothing_else() -> None:
    beside = {
        name
        for name, container in CONTAINERS.items()
        if set(container.get("networks", [])) & set(CONTAINERS["gateway"]["networks"])
    }

    assert beside == {"gateway", *(f"{service}-web" for service in SERVICES)}


def test_what_stays_up_has_a_health_check_and_what_runs_once_is_waited_for() -> None:
    assert {name for name, container in CONTAINERS.items() if "healthcheck" not in container} == ONCE
    waited = {
        name
        for container in CONTAINERS.values()
        for name, how in container.get("depends_on", {}).items()
        if how["condition"] == "service_completed_successfully"
    }
    assert waited == ONCE


def test_pages_do_not_wait_for_the_broker() -> None:
    for service in SERVICES:
        assert "rabbitmq" not in CONTAINERS[f"{service}-web"]["depends_on"]


def test_every_service_has_pages_a_worker_and_migrations() -> None:
    commands = {name: CONTAINERS[name]["command"] for name in OURS}

    assert commands == {
        f"{service}-{part}": ["python", "-m", f"services.{service}", part]
        for service in SERVICES
        for part in ("migrate", "web", "worker")
    }


@pytest.mark.parametrize("name", ["gateway", "keys", *OURS])
def test_containers_cannot_change_themselves_or_gain_rights(name: str) -> None:
    container = CONTAINERS[name]

    assert container["read_only"] is True
    assert container["init"] is True
    assert container["cap_drop"] == ["ALL"]
    assert "cap_add" not in container
    assert "no-new-privileges:true" in container["security_opt"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_holds_its_own_secrets_only(service: str) -> None:
    others = [other for other in SERVICES if other != service]
    for part in ("migrate", "web", "worker"):
        container = CONTAINERS[f"{service}-{part}"]
        held = " ".join([*container["secrets"], *container["volumes"]])

        assert not [other for other in others if f"{other}_" in held or f"keys-{other}" in held]


def test_the_private_key_of_the_log_is_where_signing_is_done_and_nowhere_else() -> None:
    holders = [ring for ring, hung in RINGS.items() if "log.json" in hung]
    mounted = {
        name
        for name, container in CONTAINERS.items()
        if any(volume.startswith("keys-signer:") for volume in container.get("volumes", []))
    }

    assert holders == ["signer"]
    assert mounted == {"keys", "audit-worker"}


def test_each_ring_bears_its_own_keys_and_a_second_run_changes_none(tmp_path: Path) -> None:
    for ring in RINGS:
        (tmp_path / ring).mkdir()
    make_keys.main(tmp_path, "example.vn/log")
    first = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    make_keys.main(tmp_path, "example.vn/log")

    again = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert again == first
    assert {Path(ring) / name for ring, names in RINGS.items() for name in names} == set(first)
    assert len({first[path] for path in first if path.name == "public.json"}) == 1
    for service in SERVICES:
        assert KeyRing.load(tmp_path / service, service).service == service


def test_only_migrations_may_change_tables() -> None:
    for name in OURS:
        role = CONTAINERS[name]["environment"]["DATABASE_URL"].split("://")[1].split("@")[0]

        assert role.endswith("_owner") == name.endswith("-migrate")


def test_who_writes_locks_or_reads_what_citizens_send_has_the_volume_of_files() -> None:
    holders = {name for name in OURS if "files:/data/files" in CONTAINERS[name].get("volumes", ())}

    assert holders == {"intake-web", "intake-worker", "workflow-web", "workflow-worker"}


def test_no_password_stands_in_the_environment() -> None:
    for name, container in CONTAINERS.items():
        for variable, value in (container.get("environment") or {}).items():
            if re.search("PASSWORD|SECRET|TOKEN", variable):
                assert variable.endswith("_FILE"), f"{name}: {variable}"
                assert str(value).startswith("/run/secrets/")


def test_every_secret_that_is_asked_for_is_made() -> None:
    made = {*names(), "rabbitmq_definitions.json"}

    assert set(COMPOSE["secrets"]) == made
    assert {secret for container in CONTAINERS.values() for secret in container.get("secrets", [])} == made


def test_secrets_are_made_once_and_stay(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    main(folder)
    first = {path.name: path.read_text() for path in folder.iterdir() if path.suffix != ".json"}

    main(folder)

    assert folder.stat().st_mode & 0o777 == 0o700
    assert {name: (folder / name).read_text() for name in first} == first
    assert len({first[name] for name in names()}) == len(names())
    definitions_text = (folder / "rabbitmq_definitions.json").read_text()
    assert not [name for name in names() if first[name] in definitions_text]
    assert json.loads(definitions_text)["vhosts"] == [{"name": "lang-nghe"}]


def test_a_service_may_speak_under_its_own_name_only() -> None:
    rights = {right["user"]: right for right in definitions(dict.fromkeys(SERVICES, "x"))["topic_permissions"]}

    for service in SERVICES:
        may = [other for other in SERVICES if re.search(rights[service]["write"], f"{other}.petition.filed.v1")]

        assert may == [service]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_touch_its_own_queues_and_the_exchanges(service: str) -> None:
    rights = {right["user"]: right for right in definitions(dict.fromkeys(SERVICES, "x"))["permissions"]}
    things = [queue.name for other in SERVICES for queue in queues_of(other, [])]

    for right in ("configure", "write", "read"):
        may = [thing for thing in things if re.search(rights[service][right], thing)]

        assert may == [f"{service}.events", f"{service}.dead"]
        assert re.search(rights[service][right], "events")
        assert not re.search(rights[service][right], "")  # the default exchange, a way round every binding
        assert not re.search(rights[service][right], "amq.default")


def test_the_broker_keeps_a_salted_hash_as_its_documentation_says() -> None:
    worked_example = "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"

    assert password_hash("test12", bytes.fromhex("908DC60A")) == worked_example
    assert password_hash("test12") != password_hash("test12")


def test_git_and_the_image_leave_the_secrets_out(tmp_path: Path) -> None:
    main(tmp_path / "secrets")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)

    seen = subprocess.run(
        ["git", "-C", tmp_path, "status", "--porcelain", "--untracked-files=all"],
        check=True,
        capture_output=True,
        text=True,
    )

    assert seen.stdout == ""
    allowed = re.findall(r"^!(.+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert "secrets" not in allowed


ASKED = re.compile(r"""\.(?:text|url|path|integer|flag|secret)\(\s*["']([A-Z][A-Z_]+)["']""")


def test_the_example_of_settings_names_every_variable_that_is_read() -> None:
    sources = [path for folder in ("services", "shared", "ops") for path in (ROOT / folder).rglob("*.py")]
    read = {name for path in sources for name in ASKED.findall(path.read_text(encoding="utf-8"))}
    named = set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert read - named == set()


def test_what_can_be_set_for_the_stack_is_in_the_example_of_settings() -> None:
    interpolated = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    named = set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert interpolated - named == set()
