"""The manifests and the chart for Kubernetes: valid by its schemas, restricted, of one shape; they name what exists."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from copy import deepcopy
from io import StringIO
from pathlib import Path
from typing import Any, get_args

import jsonschema
import kubernetes_validate
import pytest
from ruamel.yaml import YAML

import pressmark
from config.settings import variables
from pressmark.processes.serve import Role

ROOT = Path(__file__).parent.parent
KUBERNETES, CHART = ROOT / "deploy/kubernetes", ROOT / "deploy/helm/pressmark"
VERSIONS = ("1.27", "1.37")
"""The oldest and the newest version of Kubernetes of our documentation."""
PODS = ("Deployment", "StatefulSet", "Job")

Object = dict[str, Any]
Objects = dict[tuple[str, str], Object]

needs_kustomize = pytest.mark.skipif(
    shutil.which("kustomize") is None, reason="kustomize is not installed: as root, make test does"
)


def loaded(text: str) -> Objects:
    """Return the objects of a YAML stream by kind and name."""
    found = [one for one in YAML(typ="safe", pure=True).load_all(StringIO(text)) if one]
    by_name = {(one["kind"], one["metadata"]["name"]): one for one in found}
    assert len(by_name) == len(found)
    return by_name


def built(directory: str, *, hashed: bool = True) -> Objects:
    """Return what kustomize makes; names of settings and secrets have a digest unless told otherwise."""
    command = ["kustomize", "build", str(KUBERNETES / directory)]
    made = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    return loaded(made if hashed else re.sub(r"\bpressmark-[a-z0-9]{10}\b", "pressmark", made))


@pytest.fixture(scope="module")
def example() -> Objects:
    return built("overlays/example")


def complaints(objects: Objects) -> list[str]:
    """Return what the schemas of Kubernetes find wrong. Keys that they do not know are wrong, too."""
    found = []
    for version in VERSIONS:
        for (kind, name), one in objects.items():
            try:
                kubernetes_validate.validate(one, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                found.append(f"{version} {kind} {name}: {error.message}")
    return found


def pods(objects: Objects) -> Iterator[tuple[str, Object]]:
    """Return the pods that the objects start, by name."""
    yield from ((name, one["spec"]["template"]) for (kind, name), one in objects.items() if kind in PODS)


def labels_match(selector: Mapping[str, Any], pod: Object) -> bool:
    wanted = selector.get("matchLabels", selector)
    return bool(wanted) and wanted.items() <= pod["metadata"]["labels"].items()


def unguarded(objects: Objects) -> list[str]:
    """Return what lacks in each pod of the standard `restricted` of Kubernetes, and a read-only root."""
    found = []
    for name, pod in pods(objects):
        spec = pod["spec"]
        [container] = spec["containers"]
        whole, own = spec.get("securityContext", {}), container.get("securityContext", {})
        guards = {
            "runAsNonRoot": whole.get("runAsNonRoot") is True and whole.get("runAsUser", 0) > 0,
            "seccomp": whole.get("seccompProfile") == {"type": "RuntimeDefault"},
            "escalation": own.get("allowPrivilegeEscalation") is False,
            "capabilities": own.get("capabilities") == {"drop": ["ALL"]},
            "root": own.get("readOnlyRootFilesystem") is True,
            "host": not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys() and "privileged" not in own,
            "token": spec.get("automountServiceAccountToken") is False,
            "memory": "memory" in container["resources"]["limits"],
            "volumes": all(volume.keys() & {"emptyDir"} for volume in spec["volumes"]),
        }
        found += [f"{name} {guard}" for guard, holds in guards.items() if not holds]
    return found


def dangling(objects: Objects) -> list[str]:
    """Return the selectors that select no pod, and the names of objects and ports that do not exist."""
    every = [pod for _, pod in pods(objects)]
    found = []
    for (kind, name), one in objects.items():
        spec = one.get("spec", {})
        if kind in ("Service", "PodDisruptionBudget") or kind in PODS[:2]:
            selected = [pod for pod in every if labels_match(spec["selector"], pod)]
            found += [] if selected else [f"{kind} {name} selects nothing"]
            ports = {port["name"] for pod in selected for port in pod["spec"]["containers"][0].get("ports", ())}
            found += [port["targetPort"] for port in spec.get("ports", ()) if port["targetPort"] not in ports]
        if kind == "NetworkPolicy" and not any(labels_match(spec["podSelector"], pod) for pod in every):
            found.append(f"{kind} {name} selects nothing")
        if kind == "HorizontalPodAutoscaler":
            target = (spec["scaleTargetRef"]["kind"], spec["scaleTargetRef"]["name"])
            found += [] if target in objects else [f"{kind} {name} scales nothing"]
        if kind == "StatefulSet" and ("Service", spec["serviceName"]) not in objects:
            found.append(f"{name} has no service")
    for name, pod in pods(objects):
        wanted = [("ServiceAccount", pod["spec"]["serviceAccountName"])]
        for source in pod["spec"]["containers"][0]["envFrom"]:
            wanted += [("ConfigMap", source["configMapRef"]["name"])] if "configMapRef" in source else []
            wanted += [("Secret", source["secretRef"]["name"])] if "secretRef" in source else []
        found += [f"{name} wants {each}" for each in wanted if each not in objects]
    return found


@needs_kustomize
def test_the_manifests_are_valid_by_the_schemas_of_kubernetes(example: Objects) -> None:
    assert complaints(example) == []

    broken = deepcopy(example)
    broken["Deployment", "pressmark-api"]["spec"]["replica"] = 2
    broken["Service", "pressmark"]["spec"]["ports"][0]["port"] = "http"
    assert len(complaints(broken)) == 2 * len(VERSIONS)


@needs_kustomize
def test_every_pod_is_restricted(example: Objects) -> None:
    assert unguarded(example) == []
    namespace = example["Namespace", "pressmark"]["metadata"]["labels"]
    assert namespace == {"pod-security.kubernetes.io/enforce": "restricted"}

    broken = deepcopy(example)
    pod = broken["StatefulSet", "pressmark-work"]["spec"]["template"]["spec"]
    pod["containers"][0]["securityContext"] = {"privileged": True}
    del pod["securityContext"]["runAsUser"]
    lacks = ["runAsNonRoot", "escalation", "capabilities", "root", "host"]
    assert unguarded(broken) == [f"pressmark-work {one}" for one in lacks]


@needs_kustomize
def test_what_the_manifests_name_exists(example: Objects) -> None:
    assert dangling(example) == []

    broken = deepcopy(example)
    broken["PodDisruptionBudget", "pressmark-read"]["spec"]["selector"]["matchLabels"] = {"a": "b"}
    broken["StatefulSet", "pressmark-work"]["spec"]["serviceName"] = "work"
    del broken[next(key for key in broken if key[0] == "ConfigMap")]
    assert len(dangling(broken)) == 2 + len(list(pods(broken)))


@needs_kustomize
def test_every_role_has_its_service_with_probes_and_a_budget(example: Objects) -> None:
    started = {name: pod["spec"]["containers"][0] for name, pod in pods(example)}
    job = started.pop("pressmark-migrate")
    assert job["args"] == ["upgrade"]
    roles = {one["args"][2] for one in started.values() if one["args"][:2] == ["serve", "--role"]}
    assert roles == set(get_args(Role)) - {"ship"}
    assert {f"pressmark-{role}" for role in roles} == started.keys()
    for name, one in started.items():
        probes = {one[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "liveness", "readiness")}
        assert probes == {"/healthz"}, name
    budgets = {name: one["spec"] for (kind, name), one in example.items() if kind == "PodDisruptionBudget"}
    assert budgets.keys() == started.keys()
    assert {budget["unhealthyPodEvictionPolicy"] for budget in budgets.values()} == {"AlwaysAllow"}
    surge = [one["spec"]["strategy"]["rollingUpdate"] for (kind, _), one in example.items() if kind == "Deployment"]
    assert surge == [{"maxSurge": 1, "maxUnavailable": 0}] * 3


@needs_kustomize
def test_every_setting_of_the_manifests_is_one_and_each_worker_has_a_name_and_an_address(example: Objects) -> None:
    [secret] = [one for (kind, _), one in example.items() if kind == "Secret"]
    worker = example["StatefulSet", "pressmark-work"]
    env = {one["name"]: one.get("value") for one in worker["spec"]["template"]["spec"]["containers"][0]["env"]}
    [settings] = [one for (kind, _), one in example.items() if kind == "ConfigMap"]
    named = {*settings["data"], *secret["data"], *env} - {"POD_NAME", "POD_NAMESPACE"}
    assert named <= set(variables())
    assert env["PRESSMARK_WORKER__NAME"] == "$(POD_NAME)"
    [port] = example["Service", worker["spec"]["serviceName"]]["spec"]["ports"]
    host = f"$(POD_NAME).{worker['spec']['serviceName']}.$(POD_NAMESPACE).svc"
    assert env["PRESSMARK_WORKER__URL"] == f"http://{host}:{port['port']}"
    assert worker["spec"]["volumeClaimTemplates"][0]["metadata"]["name"] == "data"
    assert set(worker["spec"]["persistentVolumeClaimRetentionPolicy"].values()) == {"Retain"}


@needs_kustomize
def test_workers_are_as_many_as_the_queue_needs(example: Objects) -> None:
    [metric] = example["HorizontalPodAutoscaler", "pressmark-work"]["spec"]["metrics"]
    name, labels = metric["external"]["metric"]["name"], metric["external"]["metric"]["selector"]["matchLabels"]
    assert f"| `{name}` |" in (ROOT / "docs/metrics.md").read_text("utf-8")
    assert labels == {"status": "queued"}
    assert "replicas" not in example["StatefulSet", "pressmark-work"]["spec"]


def test_the_manifests_and_the_chart_have_the_version_of_pressmark() -> None:
    base, chart = (
        YAML(typ="safe", pure=True).load(path)
        for path in (KUBERNETES / "base/kustomization.yaml", CHART / "Chart.yaml")
    )
    assert {base["images"][0]["newTag"], chart["version"], chart["appVersion"]} == {pressmark.__version__}


def test_the_chart_takes_no_secret_and_nothing_that_it_sets_itself_as_a_setting() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text("utf-8"))["properties"]["settings"]
    takes = jsonschema.Draft7Validator(schema).is_valid
    known = set(variables())
    secrets = {name for name in known if f"{name}_FILE" in known}
    assert {"PRESSMARK_TOKEN", "PRESSMARK_DATABASE", "PRESSMARK_S3__SECRET_KEY"} <= secrets
    own = {"PRESSMARK_PORT", "PRESSMARK_HOME", "PRESSMARK_STORE", "PRESSMARK_WORKER__READS_TEXTS"}
    assert [name for name in sorted(secrets | own) if takes({name: "x"})] == []
    assert takes({"PRESSMARK_S3__BUCKET": "x", "PRESSMARK_TOKEN_FILE": "x"})


def rendered(**values: Any) -> Objects:
    """Return what Helm makes of the chart. Raises its errors."""
    helm = pytest.importorskip("helm_python", reason="Helm is not installed: make charts")
    with helm.Chart.load(CHART) as chart:
        files = chart.render(values=values, name="pressmark", namespace="pressmark", is_install=True)
    return loaded("\n---\n".join(text for name, text in files.items() if name.endswith(".yaml")))


def shape(one: object) -> Any:
    """Return an object without the labels and annotations by which Helm and kustomize know their own."""
    if isinstance(one, dict):
        left = {key: shape(value) for key, value in one.items() if key != "annotations"}
        if "matchLabels" in left or "labels" in left or "app.kubernetes.io/name" in left:
            ours = ("app.kubernetes.io/component", "kubernetes.io/metadata.name", "status")
            left |= {
                key: {name: value for name, value in left[key].items() if name in ours}
                for key in ("matchLabels", "labels")
                if key in left
            }
            left = {
                key: value for key, value in left.items() if not key.startswith("app.kubernetes.io/") or key in ours
            }
        return left
    return [shape(each) for each in one] if isinstance(one, list) else one


@pytest.mark.costly
@needs_kustomize
def test_the_chart_has_the_shape_of_the_manifests(example: Objects) -> None:
    base = built("base", hashed=False)
    chart = rendered()
    job = chart["Job", "pressmark-migrate"]["spec"]["template"]["spec"]
    own = chart.pop(("ConfigMap", "pressmark-migrate"))
    assert own["data"] == chart["ConfigMap", "pressmark"]["data"]
    assert job["containers"][0]["envFrom"][0]["configMapRef"] == {"name": "pressmark-migrate"}
    job["containers"][0]["envFrom"][0]["configMapRef"]["name"] = "pressmark"
    assert (job.pop("serviceAccountName"), job.setdefault("serviceAccountName", "pressmark")) == (
        "default",
        "pressmark",
    )
    assert shape(chart) == shape(base)
    assert complaints(chart) == []
    assert unguarded(chart) == []

    scaled = rendered(autoscaling={"enabled": True})
    name = ("HorizontalPodAutoscaler", "pressmark-work")
    assert shape(scaled[name]["spec"]) == shape(example[name]["spec"])
    assert "replicas" not in scaled["StatefulSet", "pressmark-work"]["spec"]
    assert complaints(scaled) == []


@pytest.mark.costly
def test_helm_finds_nothing_wrong_with_the_chart_and_refuses_values_that_it_does_not_know() -> None:
    helm = pytest.importorskip("helm_python", reason="Helm is not installed: make charts")
    assert helm.lint(CHART, strict=True)["errors"] == []
    with pytest.raises(helm.HelmValuesError, match="additional properties 'replicas' not allowed"):
        rendered(replicas=3)
    with pytest.raises(helm.HelmValuesError, match="workers"):
        rendered(settings={"workers": "3"})
    with pytest.raises(helm.HelmRenderError, match="least must not be above most"):
        rendered(autoscaling={"enabled": True, "least": 9, "most": 2})


@pytest.mark.costly
def test_the_chart_migrates_first_and_keeps_to_its_values() -> None:
    chart = rendered(
        image={"repository": "registry.example.org/pressmark", "tag": "next"},
        work={"replicas": 5, "storage": "1Ti", "storageClass": "fast"},
        networkPolicy={"enabled": False},
    )
    assert {pod["spec"]["containers"][0]["image"] for _, pod in pods(chart)} == {"registry.example.org/pressmark:next"}
    worker = chart["StatefulSet", "pressmark-work"]["spec"]
    claim = worker["volumeClaimTemplates"][0]["spec"]
    assert (worker["replicas"], claim["storageClassName"]) == (5, "fast")
    assert claim["resources"] == {"requests": {"storage": "1Ti"}}
    assert not [name for kind, name in chart if kind == "NetworkPolicy"]
    hooks = {
        key: int(one["metadata"]["annotations"]["helm.sh/hook-weight"])
        for key, one in chart.items()
        if "helm.sh/hook" in one["metadata"].get("annotations", {})
    }
    assert hooks == {("ConfigMap", "pressmark-migrate"): -2, ("Job", "pressmark-migrate"): -1}
    assert rendered(migrate={"enabled": False}).keys() == rendered().keys() - hooks.keys()
