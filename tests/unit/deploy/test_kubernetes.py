"""The manifests are what Kubernetes takes, and name what this program has."""

from typing import Any

import kubernetes_validate
import pytest
from typer.main import get_command

from config.settings import QUEUES, Settings
from domain.names import TASK_QUEUE, channel_queue
from lab.reference.commands import commands
from tests.unit.deploy.manifests import (
    OF_TEMPORAL,
    OTHERS,
    OVERLAYS,
    Document,
    Ran,
    documents,
    is_secret,
    ran,
    rendered,
    settings_env,
    variables,
)
from workers.cli.main import app
from workers.worker import DRAIN

VERSION = "1.34"
KNOWN = {name.removeprefix("contrapunto ") for name, _ in commands(get_command(app))}
PORTS = {
    "worker": int(settings_env()["CONTRAPUNTO_WORKER_PROBE_PORT"]),
    "gateway": Settings().gateway_port,
    "api": Settings().api_port,
    "codec": Settings().codec_port,
}
LISTENS = {
    "worker": "CONTRAPUNTO_WORKER_PROBE_HOST",
    "gateway": "CONTRAPUNTO_GATEWAY_HOST",
    "api": "CONTRAPUNTO_API_HOST",
    "codec": "CONTRAPUNTO_CODEC_HOST",
}
CONTAINERS = [one for where, document in documents() for one in ran(where, document)]
NAMES = [one.where for one in CONTAINERS]
SERVING = [one for one in CONTAINERS if one.container["args"][0] in PORTS]


def valid(document: Document) -> None:
    if document["apiVersion"] not in OTHERS:
        kubernetes_validate.validate(document, VERSION, strict=True)


@pytest.mark.parametrize(
    ("where", "document"), documents(), ids=[f"{w}-{d['kind']}" for w, d in documents()]
)
def test_every_manifest_is_one_that_kubernetes_takes(where: str, document: Document) -> None:
    valid(document)


def test_what_kubernetes_does_not_take_is_seen() -> None:
    wrong = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"port": 1}}
    with pytest.raises(kubernetes_validate.ValidationError):
        valid(wrong)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_overlay_renders_to_what_kubernetes_takes(overlay: str) -> None:
    made = rendered(overlay)
    if made is None:
        pytest.skip("neither kubectl nor kustomize is here")
    for document in made:
        valid(document)
    config = next(one for one in made if one["kind"] == "ConfigMap")["metadata"]["name"]
    named = {
        source["configMapRef"]["name"]
        for document in made
        for one in ran(overlay, document)
        for source in one.container["envFrom"]
    }
    assert named == {config}, "a changed setting rolls every process"
    workers = {one["metadata"]["name"] for one in made if one["kind"] == "Deployment"}
    versions = [one for one in made if one["kind"] == "WorkerDeployment"]
    assert bool(versions) != bool([one for one in workers if one.startswith("worker")])


@pytest.mark.parametrize("one", CONTAINERS, ids=NAMES)
def test_every_command_is_one(one: Ran) -> None:
    assert " ".join(one.container["args"]) in KNOWN


@pytest.mark.parametrize("one", CONTAINERS, ids=NAMES)
def test_every_variable_is_a_setting_and_no_secret_is_written_down(one: Ran) -> None:
    for variable in one.container.get("env", []):
        name = variable["name"]
        assert name in variables() or name in OF_TEMPORAL, name
        assert ("valueFrom" in variable) == is_secret(name), name
        if is_secret(name):
            assert variable["valueFrom"]["secretKeyRef"]["key"] == name


def test_what_all_share_are_settings_and_no_secrets() -> None:
    given = settings_env()
    assert set(given) <= set(variables()) | OF_TEMPORAL
    assert [name for name in given if is_secret(name)] == []


def test_what_the_secrets_are_shown_to_hold_are_secrets() -> None:
    for where, document in documents():
        if document["kind"] == "Secret":
            assert [name for name in document["stringData"] if not is_secret(name)] == [], where


@pytest.mark.parametrize("one", SERVING, ids=[one.where for one in SERVING])
def test_every_port_and_probe_is_one_that_is_served(one: Ran) -> None:
    (command,) = one.container["args"]
    assert [port["containerPort"] for port in one.container["ports"]] == [PORTS[command]]
    paths = {kind: one.container[kind]["httpGet"] for kind in ("livenessProbe", "readinessProbe")}
    assert paths == {
        "livenessProbe": {"path": "/healthz", "port": "http"},
        "readinessProbe": {"path": "/readyz", "port": "http"},
    }
    given = {**settings_env(), **{v["name"]: v.get("value") for v in one.container["env"]}}
    assert given[LISTENS[command]] == "0.0.0.0"  # noqa: S104 - a probe comes from outside
    assert one.pod["terminationGracePeriodSeconds"] > DRAIN.total_seconds() / (
        1 if command == "worker" else 2
    )


@pytest.mark.parametrize("one", CONTAINERS, ids=NAMES)
def test_every_container_may_as_little_as_it_needs(one: Ran) -> None:
    pod, security = one.pod["securityContext"], one.container["securityContext"]
    assert (pod["runAsNonRoot"], pod["seccompProfile"]["type"]) == (True, "RuntimeDefault")
    assert one.pod["automountServiceAccountToken"] is False
    assert security["readOnlyRootFilesystem"] is True
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert {"cpu", "memory"} <= set(one.container["resources"]["requests"])
    assert "memory" in one.container["resources"]["limits"]
    mounts = {mount["mountPath"] for mount in one.container["volumeMounts"]}
    assert "/tmp" in mounts  # noqa: S108 - the one place that can be written to


def of_kind(kind: str, folder: str = "base/") -> dict[str, Any]:
    return {
        document["metadata"]["name"]: document
        for where, document in documents()
        if document["kind"] == kind and where.startswith(folder)
    }


def test_every_queue_has_a_worker_of_its_own() -> None:
    told = [
        variable["value"]
        for document in of_kind("Deployment").values()
        for one in ran("", document)
        for variable in one.container["env"]
        if variable["name"] == "CONTRAPUNTO_WORKER_QUEUES"
    ]
    # Reports need a folder to be written to: a cluster brings its own volume.
    assert sorted(told) == sorted(set(QUEUES) - {"reports"})


def test_every_worker_is_scaled_by_its_own_queue_and_never_to_none() -> None:
    scaled = of_kind("ScaledObject", "components/keda")
    assert {one["spec"]["scaleTargetRef"]["name"] for one in scaled.values()} == {
        name for name in of_kind("Deployment") if name.startswith("worker-")
    }
    for name, one in scaled.items():
        queue = name.removeprefix("worker-")
        by = {trigger["type"]: trigger["metadata"] for trigger in one["spec"]["triggers"]}
        wanted = TASK_QUEUE if queue == "accounts" else channel_queue(queue)
        assert by["temporal"]["taskQueue"] == wanted
        assert by["temporal"]["namespace"] == settings_env()["TEMPORAL_NAMESPACE"]
        assert by["temporal"]["endpoint"] == settings_env()["TEMPORAL_ADDRESS"]
        assert one["spec"]["minReplicaCount"] >= 1
        assert int(by["cron"]["desiredReplicas"]) <= one["spec"]["maxReplicaCount"]


def test_every_deployment_is_kept_up_while_nodes_are_drained() -> None:
    kept = of_kind("PodDisruptionBudget")
    for name, document in of_kind("Deployment").items():
        if document["spec"]["replicas"] > 1:
            selected = kept[name]["spec"]["selector"]["matchLabels"]
            assert selected == document["spec"]["selector"]["matchLabels"]


def test_nobody_talks_to_anybody_but_whom_a_policy_names() -> None:
    nothing = of_kind("NetworkPolicy")["contrapunto-nothing"]["spec"]
    assert sorted(nothing["policyTypes"]) == ["Egress", "Ingress"]
    assert "ingress" not in nothing
    assert "egress" not in nothing
    for _, document in documents():
        template = document.get("spec", {}).get("template", {})
        if "containers" in template.get("spec", {}):
            wanted = nothing["podSelector"]["matchLabels"].items()
            assert wanted <= template["metadata"]["labels"].items()


def test_the_worker_controller_is_asked_for_what_it_takes() -> None:
    folder = "components/worker-controller"
    (deployment,) = of_kind("WorkerDeployment", folder).values()
    (connection,) = of_kind("Connection", folder).values()
    (scaling,) = of_kind("WorkerResourceTemplate", folder).values()
    options = deployment["spec"]["workerOptions"]
    assert options["connectionRef"]["name"] == connection["metadata"]["name"]
    assert options["temporalNamespace"] == settings_env()["TEMPORAL_NAMESPACE"]
    assert connection["spec"]["hostPort"] == settings_env()["TEMPORAL_ADDRESS"]
    assert scaling["spec"]["workerDeploymentRef"]["name"] == deployment["metadata"]["name"]
    steps = [one["rampPercentage"] for one in deployment["spec"]["rollout"]["steps"]]
    assert steps == sorted(steps)
    (one,) = ran("", deployment)
    names = {variable["name"] for variable in one.container["env"]}
    assert not {"TEMPORAL_DEPLOYMENT_NAME", "TEMPORAL_WORKER_BUILD_ID"} & names
