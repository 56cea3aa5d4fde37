{{/* Labels of everything; those of a selector never change. */}}
{{- define "pressmark.selector" -}}
app.kubernetes.io/name: pressmark
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "pressmark.labels" -}}
{{ include "pressmark.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* The pod of a component: root, component, args, resources. */}}
{{- define "pressmark.pod" -}}
{{- $root := .root -}}
metadata:
  labels:
    {{- include "pressmark.labels" . | nindent 4 }}
  annotations:
    # Other settings start other pods.
    checksum/settings: {{ toYaml $root.Values.settings | sha256sum }}
spec:
  serviceAccountName: {{ if .job }}default{{ else }}{{ $root.Release.Name }}{{ end }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if .job }}
  restartPolicy: OnFailure
  {{- else }}
  # The worker seals its files and uploads them.
  terminationGracePeriodSeconds: 45
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "pressmark.selector" . | nindent 10 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 1000
    runAsGroup: 1000
    fsGroup: 1000
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  containers:
    - name: pressmark
      image: {{ printf "%s:%s" $root.Values.image.repository ($root.Values.image.tag | default $root.Chart.AppVersion) | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args:
        {{- toYaml .args | nindent 8 }}
      envFrom:
        - configMapRef: {name: {{ $root.Release.Name }}{{ if .job }}-migrate{{ end }}}
        - secretRef: {name: {{ $root.Values.secret }}}
      {{- if eq .component "work" }}
      env:
        - name: POD_NAME
          valueFrom: {fieldRef: {fieldPath: metadata.name}}
        - name: POD_NAMESPACE
          valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
        - {name: PRESSMARK_WORKER__NAME, value: $(POD_NAME)}
        # At this address the others read captures that are not in the bucket yet.
        - name: PRESSMARK_WORKER__URL
          value: http://$(POD_NAME).{{ $root.Release.Name }}-work.$(POD_NAMESPACE).svc:8600
      {{- end }}
      {{- if not .job }}
      ports:
        - {name: http, containerPort: 8600}
        {{- if eq .component "api" }}
        - {name: replay, containerPort: 8601}
        {{- end }}
      # Up to ten minutes for the tables of a large database.
      startupProbe:
        httpGet: {path: /healthz, port: http}
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 120
      livenessProbe:
        httpGet: {path: /healthz, port: http}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        # Not /readyz: it reports what all share, such as a damaged file, for days. That is for monitoring.
        httpGet: {path: /healthz, port: http}
        periodSeconds: 5
        timeoutSeconds: 5
      {{- end }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      resources:
        {{- toYaml .resources | nindent 8 }}
      volumeMounts:
        - {name: data, mountPath: /data}
        - {name: tmp, mountPath: /tmp}
  volumes:
    - name: tmp
      emptyDir: {medium: Memory, sizeLimit: 512Mi}
    {{- if ne .component "work" }}
    # Everything that matters is in the database and the bucket.
    - name: data
      emptyDir: {sizeLimit: 2Gi}
    {{- end }}
{{- end }}

{{- define "pressmark.settings" -}}
PRESSMARK_HOME: /data/home
PRESSMARK_STORE: s3
PRESSMARK_WORKER__READS_TEXTS: "false"
{{- range $name, $value := .Values.settings }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}
