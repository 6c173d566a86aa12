"""Look-alike files in configuration syntaxes: references, encrypted values, placeholders, identifiers, digests."""

from core_corpus_text import Template

# The texts are the files: their lines are as long as they are.
# ruff: noqa: E501
# fmt: off

TEMPLATES = (
    Template("dotenv", "«?.env.example¦.env.sample¦.env.template¦env.dist»", r"""
# Copy to .env and fill in
APP_NAME=«svc»
%%PAGERDUTY_API_KEY=«?your-pagerduty-api-key¦YOUR_API_KEY¦<api key>¦changeme¦xxxxxxxxxxxxxxxxxxxx¦»
%%PAGERDUTY_ROUTING_KEY=«?YOUR_INTEGRATION_KEY_HERE¦xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx¦00000000000000000000000000000000¦<32 characters>¦routingkeyhere»
%%SLACK_WEBHOOK_URL=«?«=ex_slack_hook»¦https://hooks.slack.com/services/...¦»
%%SLACK_BOT_TOKEN=xoxb-«?your-token-here¦...¦xxxxxxxx»
%%AWS_ACCESS_KEY_ID=«=ex_aws_id»
%%AWS_SECRET_ACCESS_KEY=«=ex_aws_secret»
%%STATUSPAGE_PAGE_ID=«=page_id»
"""),
    Template("dotenv", "«?.env.op¦env/op.env¦.env.tpl»", r"""
PAGERDUTY_TOKEN=op://«team»/PagerDuty/«?credential¦api token»
%%PAGERDUTY_ROUTING_KEY=op://«team»/PagerDuty/«svc»/routing_key
%%STATUSPAGE_API_KEY=«?vault:secret/data/statuspage#api_key¦ref+vault://secret/statuspage#/api_key¦sm://«sub»-«env»/statuspage-key»
%%SERVICENOW_PASSWORD=«?@Microsoft.KeyVault(SecretUri=https://«sub».vault.azure.net/secrets/snow/)¦projects/«sub»/secrets/snow/versions/latest»
%%PAGERDUTY_SERVICE_ID=«=pd_id»
"""),
    Template("dotenv", "«?.env.defaults¦frontend/.env¦config/public.env»", r"""
VITE_PENDO_APP_KEY=«=uuid»
VITE_STATUSPAGE_PAGE_ID=«=page_id»
VITE_SLACK_TEAM=«=slack_team»
VITE_DISCORD_CLIENT_ID=«=snowflake»
VITE_BUILD=«=hex40»
PAGERDUTY_SERVICE_ID=«=pd_id»
PAGERDUTY_ESCALATION_POLICY=«=pd_id»
PAGERDUTY_CLIENT_ID=«=uuid»
"""),
    Template("compose", "«?docker-compose.yml¦compose.yaml¦deploy/stack.yml»", r"""
services:
  «svc»:
    image: registry.«domain»/«svc»@sha256:«=hex64»
    environment:
%%      - PAGERDUTY_ROUTING_KEY=«?${PAGERDUTY_ROUTING_KEY}¦${PAGERDUTY_ROUTING_KEY:?set it}¦${PAGERDUTY_ROUTING_KEY:-}»
%%      - PAGERDUTY_API_KEY_FILE=/run/secrets/pagerduty_api_key
%%      - SLACK_WEBHOOK_URL=${SLACK_WEBHOOK_URL-}
%%      - AMQP_ROUTING_KEY=alerts.«svc».critical
    secrets: [pagerduty_api_key]
secrets:
  pagerduty_api_key:
    file: ./secrets/pagerduty_api_key
"""),
    Template("kubernetes", "«?k8s/deployment.yaml¦apps/«svc»/deploy.yml»", r"""
apiVersion: apps/v1
kind: Deployment
metadata:
  name: «svc»
  uid: «=uuid»
  annotations:
    checksum/config: «=hex64»
    kubectl.kubernetes.io/restartedAt: "«day»T«time»Z"
spec:
  template:
    metadata:
      labels: {app: «svc», pod-template-hash: «=hex8»}
    spec:
      containers:
        - name: «svc»
          image: registry.«domain»/«svc»@sha256:«=hex64»
          env:
            - name: PAGERDUTY_ROUTING_KEY
              valueFrom:
                secretKeyRef:
                  name: pagerduty
                  key: routing_key
            - name: PAGERDUTY_SERVICE_ID
              value: «=pd_id»
          envFrom:
            - secretRef: {name: «svc»-opsgenie-api-key}
"""),
    Template("kubernetes", "«?k8s/external-secret.yaml¦manifests/pagerduty-externalsecret.yml»", r"""
apiVersion: external-secrets.io/v1beta1
kind: ExternalSecret
metadata:
  name: pagerduty-api-key
  namespace: «ns»
spec:
  refreshInterval: 1h
  secretStoreRef: {name: vault-backend, kind: ClusterSecretStore}
  target:
    name: pagerduty-api-key
  data:
    - secretKey: PAGERDUTY_API_KEY
      remoteRef: {key: secret/data/«team»/pagerduty, property: rest_api_key}
    - secretKey: SLACK_BOT_TOKEN
      remoteRef: {key: secret/data/«team»/slack, property: bot_token}
"""),
    Template("kubernetes", "«?k8s/sealed-secret.yaml¦clusters/«cluster»/pagerduty-sealed.yaml»", r"""
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: pagerduty
  namespace: «ns»
spec:
  encryptedData:
    routing_key: «=sealed»
    api_key: «=sealed»
  template:
    metadata: {name: pagerduty, namespace: «ns»}
    type: Opaque
"""),
    Template("kubernetes", "«?charts/«svc»/templates/secret.yaml¦helm/templates/pagerduty-secret.yaml»", r"""
{{- if not .Values.pagerduty.existingSecret }}
apiVersion: v1
kind: Secret
metadata:
  name: {{ include "«svc».fullname" . }}-pagerduty
type: Opaque
data:
  routing_key: {{ .Values.pagerduty.routingKey | b64enc | quote }}
  PAGERDUTY_API_KEY: {{ required "pagerduty.apiKey" .Values.pagerduty.apiKey | b64enc }}
{{- end }}
"""),
    Template("kubernetes", "«?k8s/secret.example.yaml¦docs/secret-template.yaml»", r"""
# kubectl apply after filling in: echo -n "$KEY" | base64
apiVersion: v1
kind: Secret
metadata:
  name: pagerduty
data:
  routing_key: «?Y2hhbmdlbWU=¦PGJhc2U2NCBvZiB5b3VyIGtleT4=¦WU9VUl9JTlRFR1JBVElPTl9LRVk=¦""»
  api_key: «?WU9VUl9BUElfS0VZ¦cmVwbGFjZS1tZQ==»
"""),
    Template("kubernetes", "«?dumps/pods.json¦debug/event-«day».json»", r"""
{
  "kind": "Event",
  "apiVersion": "v1",
  "metadata": {"name": "pagerduty-bridge.17«=hex12»", "namespace": "«ns»", "uid": "«=uuid»", "resourceVersion": "«=bignum»"},
  "involvedObject": {"kind": "Pod", "name": "pagerduty-bridge-«=hex8»", "uid": "«=uuid»"},
  "message": "Successfully pulled image \"registry.«domain»/pagerduty-bridge@sha256:«=hex64»\"",
  "source": {"component": "kubelet", "host": "ip-10-0-«n»-12"}
}
"""),
    Template("sops", "«?secrets.enc.yaml¦secrets/«env».sops.yaml¦k8s/pagerduty.enc.yaml»", r"""
pagerduty:
    api_key: «=sops»
    routing_key: «=sops»
slack_webhook_url: «=sops»
sops:
    kms:
        - arn: arn:aws:kms:«region»:«=account»:key/«=uuid»
          created_at: "«day»T«time»Z"
          enc: «=b64_32»
    age:
        - recipient: «=age_recipient»
    lastmodified: "«day»T«time»Z"
    mac: «=sops»
    unencrypted_suffix: _unencrypted
    version: 3.8.1
"""),
    Template("sops", "«?secrets.enc.json¦config/«env».enc.json»", r"""
{
	"PAGERDUTY_TOKEN": "«=sops»",
	"OPSGENIE_API_KEY": "«=sops»",
	"sops": {
		"kms": null,
		"age": [{"recipient": "«=age_recipient»"}],
		"lastmodified": "«day»T«time»Z",
		"mac": "«=sops»",
		"version": "3.9.0"
	}
}
"""),
    Template("ansible", "«?group_vars/all/vault.yml¦inventory/«env»/vault.yml¦host_vars/vault.yml»", r"""
$ANSIBLE_VAULT;1.1;AES256
«=vault»
"""),
    Template("ansible", "«?group_vars/all.yml¦roles/pd/defaults/main.yml»", r"""
pagerduty_subdomain: «sub»
pagerduty_service_id: «=pd_id»
pagerduty_integration_key: "«?{{ vault_pagerduty_integration_key }}¦{{ lookup('env', 'PAGERDUTY_KEY') }}¦{{ lookup('hashi_vault', 'secret=kv/pagerduty:key') }}»"
pagerduty_token: "{{ pagerduty_api_token }}"
package_md5: «=hex32»
"""),
    Template("ansible", "«?vars/pd.yml¦hieradata/«cluster».yaml»", r"""
---
profile::monitoring::pagerduty_service: «=pd_id»
profile::monitoring::pagerduty_key: >
    «=eyaml»
profile::monitoring::package_checksum: «=hex64»
"""),
    Template("alertmanager", "«?alertmanager.yml¦monitoring/alertmanager.yaml»", r"""
global:
  slack_api_url_file: /etc/alertmanager/secrets/slack
  opsgenie_api_key_file: /etc/alertmanager/secrets/opsgenie
  victorops_api_key_file: /etc/alertmanager/secrets/victorops
route:
  receiver: pager
  routes:
    - matchers: [team="«team»"]
      receiver: victorops
receivers:
  - name: pager
    pagerduty_configs:
      - «?routing_key_file¦service_key_file»: /etc/alertmanager/secrets/pagerduty-«svc»
        description: '{{ .CommonAnnotations.summary }}'
  - name: victorops
    victorops_configs:
      - routing_key: «?«team»-primary¦«svc»_«team»_critical¦Infrastructure_«team»»
        entity_display_name: '{{ .GroupLabels.alertname }}'
"""),
    Template("alertmanager", "«?alertmanager.tmpl.yml¦templates/alertmanager.yml.j2¦helm/alertmanager-config.yaml»", r"""
receivers:
  - name: pager
    pagerduty_configs:
      - routing_key: «?{{ pagerduty_routing_key }}¦$PAGERDUTY_ROUTING_KEY¦${PAGERDUTY_ROUTING_KEY}¦<secret>¦{{ .Values.pagerduty.routingKey }}¦@@PD_KEY@@»
        client: «sub»
  - name: slack
    slack_configs:
      - api_url: «?{{ slack_webhook }}¦${SLACK_WEBHOOK_URL}¦<secret>»
        channel: '#«team»'
  - name: opsgenie
    opsgenie_configs:
      - api_key: «?{{ opsgenie_key }}¦<secret>¦${OPSGENIE_API_KEY}»
"""),
    Template("grafana", "«?provisioning/alerting/contact.yaml¦grafana/contact-points.yml»", r"""
apiVersion: 1
contactPoints:
  - orgId: 1
    name: «team»
    receivers:
      - uid: «=page_id»
        type: pagerduty
        settings:
          integrationKey: «?$PAGERDUTY_INTEGRATION_KEY¦${PD_KEY}¦$__file{/etc/secrets/pd}¦[REDACTED]»
      - uid: «=page_id»
        type: victorops
        settings:
          url: $VICTOROPS_URL
          messageType: CRITICAL
"""),
    Template("grafana", "«?dashboards/pagerduty.json¦grafana/dashboards/incidents.json»", r"""
{
  "uid": "«=page_id»",
  "title": "PagerDuty incidents by service",
  "panels": [
    {"id": «n», "type": "timeseries", "datasource": {"type": "prometheus", "uid": "P«=hexupper32»"}, "targets": [{"expr": "sum(pagerduty_incidents{service_id=\"«=pd_id»\"})"}]},
    {"id": 4, "type": "table", "libraryPanel": {"uid": "«=uuid»", "name": "pagerduty_integration_keys_age"}}
  ],
  "version": «=num»
}
"""),
    Template("helm", "«?values.yaml¦charts/alert-relay/values.yaml»", r"""
pagerduty:
  enabled: true
  existingSecret: «svc»-pagerduty
  existingSecretKey: routing-key
  routingKey: ""
  serviceId: «=pd_id»
opsgenie:
  apiKeySecretName: opsgenie-api-key
rabbitmq:
  exchange: alerts
  routingKey: «svc».alerts.critical
image:
  digest: sha256:«=hex64»
"""),
    Template("yaml", "«?catalog-info.yaml¦services/«svc»/catalog-info.yaml»", r"""
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: «svc»
  annotations:
    pagerduty.com/service-id: «=«?pd_id¦pd_incident»»
    pagerduty.com/account: «sub»
    opsgenie.com/component-selector: 'tag:"service:«svc»"'
    sonarqube.org/project-key: «sub»_«svc»_AY«=hex20»
    github.com/project-slug: «sub»/«svc»
spec: {type: service, lifecycle: production, owner: «team»}
"""),
    Template("yaml", "«?argocd/notifications-cm.yaml¦k8s/argocd-notifications.yml»", r"""
apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-notifications-cm
data:
  service.pagerduty: |
    token: $pagerdutyToken
    from: «user»@«domain»
  service.pagerdutyv2: |
    serviceKeys:
      «svc»: $pagerduty-key-«svc»
  service.slack: |
    token: $slack-token
  context: |
    pagerdutyServiceId: «=pd_id»
"""),
    Template("yaml", "«?rabbitmq/definitions.yml¦config/queues.yaml¦messaging/bindings.yml»", r"""
# consumers of the PagerDuty bridge
exchange: pagerduty.events
bindings:
  - queue: pagerduty-«svc»
    routing_key: «svc».incident.triggered
  - queue: pagerduty-audit
    routing_key: "#"
  - queue: pagerduty-«team»-dead
    routing_key: «svc»_dead_letters_and_poison_v2
    arguments: {x-dead-letter-routing-key: pagerduty.retry.«svc»}
    id: «=hex32»
"""),
    Template("yaml", "«?application.yml¦src/main/resources/application.yml»", r"""
spring:
  rabbitmq:
    template:
      routing-key: alerts.«svc»
      exchange: pagerduty
pagerduty:
  routing-key: «?${PAGERDUTY_ROUTING_KEY}¦${PAGERDUTY_ROUTING_KEY:}¦${PAGERDUTY_ROUTING_KEY:changeme}»
  api-token: ${vault.pagerduty.token}
  service-id: «=pd_id»
statuspage:
  page-id: «=page_id»
  api-key: ${sm://statuspage-api-key}
"""),
    Template("yaml", "«?.github/workflows/notify.yml¦.github/workflows/ci.yaml»", r"""
name: notify
on: {workflow_run: {workflows: [ci], types: [completed]}}
jobs:
  pager:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@«=hex40» # v4
      - uses: PagerDuty/pagerduty-change-events-action@«=hex40»
        with:
          integration-key: ${{ secrets.PAGERDUTY_CHANGE_KEY }}
      - uses: slackapi/slack-github-action@«=hex40»
        with:
          channel-id: «=slack_channel»
        env:
          SLACK_BOT_TOKEN: ${{ secrets.SLACK_BOT_TOKEN }}
"""),
    Template("yaml", "«?.gitlab-ci.yml¦azure-pipelines.yml¦.circleci/config.yml»", r"""
variables:
  PD_SERVICE: «=pd_id»
  CACHE_KEY: «=hex40»
page:
  image: alpine@sha256:«=hex64»
  script:
    - 'curl -H "Authorization: Token token=«?$PAGERDUTY_TOKEN¦$(PAGERDUTY_TOKEN)¦<< parameters.token >>»" https://api.pagerduty.com/services/$PD_SERVICE'
    - aws sns publish --topic-arn arn:aws:sns:«region»:«=account»:«topic» --message "$CI_JOB_URL"
"""),
    Template("yaml", "«?.travis.yml¦.drone.yml»", r"""
language: node_js
node_js: ["20"]
env:
  global:
    # PAGERDUTY_TOKEN
    - secure: "«=signature»"
notifications:
  slack:
    secure: "«=signature»"
cache: npm
"""),
    Template("yaml", "«?openapi.yaml¦api/events-v2.yaml¦docs/openapi/pagerduty.yml»", r"""
openapi: 3.0.3
info: {title: Events relay, version: «ver»}
paths:
  /enqueue:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [routing_key, event_action]
              properties:
                routing_key: {type: string, minLength: 32, maxLength: 32, pattern: '^[A-Za-z0-9]{32}$', description: The integration key}
                dedup_key: {type: string, maxLength: 255, example: «=hex32»}
                incident_id: {type: string, example: «=pd_incident»}
components:
  securitySchemes:
    pagerduty: {type: apiKey, in: header, name: Authorization, description: 'Token token=<api key>'}
"""),
    Template("json", "«?.vscode/mcp.json¦.cursor/mcp.json¦mcp.json»", r"""
{
  "inputs": [{"type": "promptString", "id": "pagerduty-api-key", "description": "PagerDuty API Key", "password": true}],
  "servers": {
    "pagerduty-mcp": {
      "command": "uvx",
      "args": ["pagerduty-mcp"],
      "env": {"PAGERDUTY_USER_API_KEY": "«?${input:pagerduty-api-key}¦${env:PAGERDUTY_USER_API_KEY}¦your-pagerduty-api-key-here»", "PAGERDUTY_API_HOST": "https://api.pagerduty.com"}
    }
  }
}
"""),
    Template("json", "«?ecs/task-definition.json¦deploy/taskdef.json»", r"""
{
  "family": "«svc»",
  "containerDefinitions": [
    {
      "name": "«svc»",
      "image": "«=account».dkr.ecr.«region».amazonaws.com/«svc»@sha256:«=hex64»",
      "environment": [{"name": "PAGERDUTY_SERVICE_ID", "value": "«=pd_id»"}, {"name": "SLACK_CHANNEL_ID", "value": "«=slack_channel»"}],
      "secrets": [
        {"name": "PAGERDUTY_API_KEY", "valueFrom": "arn:aws:secretsmanager:«region»:«=account»:secret:«svc»/pagerduty-AbCdEf:api_key::"},
        {"name": "PAGERDUTY_ROUTING_KEY", "valueFrom": "arn:aws:ssm:«region»:«=account»:parameter/«svc»/pagerduty/routing_key"}
      ]
    }
  ]
}
"""),
    Template("json", "«?package-lock.json¦frontend/package-lock.json»", r"""
{
  "name": "pagerduty-«svc»",
  "lockfileVersion": 3,
  "packages": {
    "node_modules/@pagerduty/pdjs": {
      "version": "2.2.4",
      "resolved": "https://registry.npmjs.org/@pagerduty/pdjs/-/pdjs-2.2.4.tgz",
      "integrity": "«=sri»"
    },
    "node_modules/@slack/webhook": {
      "version": "7.0.2",
      "resolved": "https://registry.npmjs.org/@slack/webhook/-/webhook-7.0.2.tgz",
      "integrity": "«=sri»"
    }
  }
}
"""),
    Template("lock", "«?go.sum¦cmd/go.sum»", r"""
github.com/PagerDuty/go-pagerduty v1.8.0 «=gosum»
github.com/PagerDuty/go-pagerduty v1.8.0/go.mod «=gosum»
github.com/aws/aws-sdk-go v1.51.«n» «=gosum»
github.com/aws/aws-sdk-go v1.51.«n»/go.mod «=gosum»
github.com/slack-go/slack v0.12.5 «=gosum»
github.com/opsgenie/opsgenie-go-sdk-v2 v1.2.22 «=gosum»
"""),
    Template("lock", "«?poetry.lock¦Cargo.lock¦requirements.txt¦Pipfile.lock»", r"""
# pagerduty and friends, pinned
«?pagerduty==1.0.0 \
    --hash=sha256:«=hex64» \
    --hash=sha256:«=hex64»
pdpyras==5.2.0 --hash=sha256:«=hex64»¦[[package]]
name = "pagerduty-rs"
version = "0.1.7"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "«=hex64»"¦[[package]]
name = "pdpyras"
version = "5.2.0"
files = [
    {file = "pdpyras-5.2.0.tar.gz", hash = "sha256:«=hex64»"},
]

[metadata]
content-hash = "«=hex64»"»
"""),
    Template("lock", "«?.terraform.lock.hcl¦infra/.terraform.lock.hcl»", r"""
provider "registry.terraform.io/pagerduty/pagerduty" {
  version     = "3.«n».1"
  constraints = "~> 3.0"
  hashes = [
    "«=gosum»",
    "zh:«=hex64»",
    "zh:«=hex64»",
  ]
}
"""),
    Template("lock", "«?yarn.lock¦composer.lock¦Gemfile.lock»", r"""
«?"@pagerduty/backstage-plugin@^0.15.0":
  version "0.15.2"
  resolved "https://registry.yarnpkg.com/@pagerduty/backstage-plugin/-/backstage-plugin-0.15.2.tgz#«=hex40»"
  integrity «=sri»¦{
    "content-hash": "«=hex32»",
    "packages": [{"name": "«sub»/pagerduty", "dist": {"reference": "«=hex40»", "shasum": ""}}]
}¦GIT
  remote: https://github.com/«sub»/pagerduty-client.git
  revision: «=hex40»
  specs:
    pagerduty (4.0.1)»
"""),
    Template("terraform", "«?main.tf¦terraform/pagerduty/sns.tf¦modules/alerts/main.tf»", r"""
provider "pagerduty" {
  token = «?var.pagerduty_token¦data.aws_secretsmanager_secret_version.pd.secret_string¦data.vault_generic_secret.pd.data["token"]¦local.pagerduty["token"]»
}

resource "pagerduty_service_integration" "cw" {
  name    = "CloudWatch"
  service = "«=pd_id»"
  vendor  = data.pagerduty_vendor.cloudwatch.id
}

resource "aws_sns_topic_subscription" "pd" {
  topic_arn = "arn:aws:sns:«region»:«=account»:«topic»"
  protocol  = "https"
  endpoint  = "https://events.pagerduty.com/integration/${pagerduty_service_integration.cw.integration_key}/enqueue"
}
"""),
    Template("terraform", "«?recipients.tf¦observability/main.tf¦datadog.tf»", r"""
resource "datadog_integration_pagerduty_service_object" "«team»" {
  service_name = "«svc»"
  service_key  = «?var.pagerduty_service_key¦pagerduty_service_integration.dd.integration_key¦random_password.pd.result»
}

resource "honeycombio_pagerduty_recipient" "«team»" {
  integration_key  = module.pagerduty.integration_keys["«svc»"]
  integration_name = "«team»"
}

resource "betteruptime_pagerduty_integration" "this" {
  key = "«?«=ex_betteruptime»¦${var.key}»"
}

variable "pagerduty_service_key" {
  type      = string
  sensitive = true
}
"""),
    Template("tfstate", "«?terraform.tfstate¦state/services.tfstate»", r"""
{
  "version": 4,
  "serial": «=num»,
  "lineage": "«=uuid»",
  "resources": [
    {
      "type": "pagerduty_service",
      "name": "«svc»",
      "provider": "provider[\"registry.terraform.io/pagerduty/pagerduty\"]",
      "instances": [{"attributes": {"id": "«=pd_id»", "escalation_policy": "«=pd_id»", "html_url": "https://«sub».pagerduty.com/service-directory/«=pd_id»", "name": "«svc»"}}]
    },
    {
      "type": "aws_sns_topic",
      "name": "alarms",
      "instances": [{"attributes": {"arn": "arn:aws:sns:«region»:«=account»:«topic»", "kms_master_key_id": "«=uuid»", "owner": "«=account»"}}]
    },
    {
      "type": "aws_iam_role",
      "name": "«svc»",
      "instances": [{"attributes": {"unique_id": "«=aroa»", "arn": "arn:aws:iam::«=account»:role/«svc»"}}]
    }
  ]
}
"""),
    Template("cloudformation", "«?template.yaml¦cloudformation/alarms.yaml»", r"""
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  PagerDutyIntegrationUrl:
    Type: String
    NoEcho: true
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: «topic»
      Subscription:
        - Protocol: https
          Endpoint: «?!Ref PagerDutyIntegrationUrl¦!Sub 'https://events.pagerduty.com/integration/${PagerDutyKey}/enqueue'¦'{{resolve:secretsmanager:pagerduty/«svc»:SecretString:url}}'»
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Environment:
        Variables:
          PAGERDUTY_API_KEY: '{{resolve:ssm-secure:/«svc»/pagerduty:1}}'
Outputs:
  TopicArn: {Value: !Ref Topic}
"""),
    Template("xml", "«?Web.config¦src/App.config»", r"""
<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <appSettings>
    <add key="PagerDutyServiceKey" value="«?#{PagerDutyServiceKey}#¦__PAGERDUTY_KEY__¦%PAGERDUTY_KEY%¦»" />
    <add key="PagerDutyServiceId" value="«=pd_id»" />
    <add key="TenantId" value="«=uuid»" />
    <add key="BuildHash" value="«=hex32»" />
  </appSettings>
  <system.web>
    <compilation targetFramework="4.8" />
  </system.web>
</configuration>
"""),
    Template("xml", "«?«svc».sln¦src/«svc».csproj.user¦Assets/Alerts/PagerDutyPanel.prefab.meta»", r"""
«?fileFormatVersion: 2
guid: «=guidhex»
PrefabImporter:
  externalObjects: {}
  assetBundleName: pagerduty¦Project("{FAE04EC0-301F-11D3-BF4B-00C04F79EFBC}") = "PagerDuty.Client", "src\PagerDuty.Client.csproj", "{«=uuid»}"
EndProject
Global
	GlobalSection(SolutionConfigurationPlatforms) = preSolution
		{«=uuid»}.Debug|Any CPU.ActiveCfg = Debug|Any CPU
	EndGlobalSection
EndGlobal»
"""),
    Template("nagios", "«?nagios/contacts.cfg¦etc/icinga/contacts.cfg»", r"""
define contact {
    contact_name                    «user»
    alias                           on call, through PagerDuty
    email                           «user»@«domain»
    pager                           +49151«=bignum»
    address1                        «=slack_person»
    service_notification_commands   notify-service-by-pagerduty
}

define command {
    command_name  notify-service-by-pagerduty
    command_line  /usr/share/pdagent-integrations/bin/pd-nagios -n service -k "$CONTACTPAGER$" -t "$NOTIFICATIONTYPE$"
}
"""),
    Template("xml", "zabbix/«?pagerduty_media.xml¦mediatype.xml»", r"""
<?xml version="1.0" encoding="UTF-8"?>
<zabbix_export>
    <version>6.0</version>
    <media_types>
        <media_type>
            <uuid>«=guidhex»</uuid>
            <name>PagerDuty</name>
            <parameters>
                <parameter><name>token</name><value>«?{$PD_ROUTING_KEY}¦{ALERT.SENDTO}¦&lt;put your key here&gt;»</value></parameter>
                <parameter><name>eventdate</name><value>{EVENT.DATE}</value></parameter>
            </parameters>
        </media_type>
    </media_types>
</zabbix_export>
"""),
    Template("yaml", "rundeck/«?jobs/restart.yaml¦project.yaml»", r"""
- defaultTab: nodes
  description: Restart «svc»
  executionEnabled: true
  id: «=uuid#j»
  uuid: «=uuid#j»
  name: Restart «svc»
  options:
    - name: api_token
      secure: true
      storagePath: keys/project/«team»/pagerduty-token
  sequence:
    commands:
      - exec: 'curl -H "Authorization: Token token=$RD_OPTION_API_TOKEN" https://api.pagerduty.com/incidents/${option.incident_id}'
      - script: 'rd tokens delete «=uuid»'
"""),
    Template("properties", "«?gradle.properties¦conf/app.properties¦rundeck/framework.properties»", r"""
pagerduty.routing.key=«?${env.PAGERDUTY_ROUTING_KEY}¦@pagerduty.routing.key@¦%(pd_key)s»
pagerduty.service.id=«=pd_id»
pagerduty.routing.key.length=32
rundeck.server.uuid=«=uuid»
distributionSha256Sum=«=hex64»
spring.rabbitmq.template.routing-key=incident.created
"""),
    Template("yaml", "«?vault/agent-injector.yaml¦k8s/vault-annotations.yml»", r"""
metadata:
  annotations:
    vault.hashicorp.com/agent-inject: "true"
    vault.hashicorp.com/agent-inject-secret-pagerduty: secret/data/«team»/pagerduty
    vault.hashicorp.com/agent-inject-template-pagerduty: |
      {{ with secret "secret/data/«team»/pagerduty" }}
      export PAGERDUTY_API_KEY="{{ .Data.data.api_key }}"
      {{ end }}
    avp.kubernetes.io/path: "<path:kv/data/«team»/pagerduty#routing_key>"
    deployment-id: «=hex32»
"""),
    Template("json", "«?config.dump.json¦support/bundle-config.json»", r"""
{
  "generatedAt": "«day»T«time»Z",
  "pagerduty": {"routing_key": "«?********************************¦****************************«=mask4»¦REDACTED¦<redacted>¦[FILTERED]»", "service_id": "«=pd_id»"},
  "slack": {"token": "xoxb-«?***¦****-****-************************¦[redacted]»", "channel": "«=slack_channel»"},
  "aws": {"accessKeyId": "AKIA************«=mask4»", "secretAccessKey": "****************"},
  "configHash": "«=hex32»"
}
"""),
    Template("ini", "«?.aws/config¦aws/config¦home/.aws/config»", r"""
[profile «team»]
sso_session = «sub»
sso_account_id = «=account»
sso_role_name = OncallReadOnly
region = «region»

[profile pagerduty-automation]
role_arn = arn:aws:iam::«=account»:role/pagerduty-automation
external_id = «sub»
credential_process = aws-vault exec pagerduty --json
"""),
    Template("yaml", "«?servicenow/update_set.yml¦snow/groups.yaml»", r"""
# sys_ids as exported from ServiceNow
instance: https://«sub».service-now.com
assignment_group: «=hex32»
caller_id: «=hex32»
cmdb_ci:
  - {name: «svc», sys_id: «=hex32»}
  - {name: pagerduty-bridge, sys_id: «=hex32»}
password: "{{ lookup('env', 'SN_PASSWORD') }}"
client_id: «=hex32»
"""),
    Template("json", "«?slack/manifest.json¦app_manifest.json»", r"""
{
  "display_information": {"name": "«team» on-call", "description": "Shows who is on call in PagerDuty"},
  "features": {"slash_commands": [{"command": "/oncall", "url": "https://bot.«domain»/slack/commands", "usage_hint": "[service]"}]},
  "oauth_config": {"scopes": {"bot": ["chat:write", "commands", "users:read.email"]}},
  "settings": {"socket_mode_enabled": false, "token_rotation_enabled": true},
  "_meta": {"app_id": "«=slack_application»", "team_id": "«=slack_team»", "client_id": "«=slack_client»"}
}
"""),
)
