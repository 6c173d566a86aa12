"""Key files in configuration syntaxes: env files, YAML, JSON, TOML, XML, properties, Kubernetes, Helm."""

from core_corpus_text import Template

# The texts are the files: their lines are as long as they are.
# ruff: noqa: E501
# fmt: off

TEMPLATES = (
    Template("dotenv", "«?.env¦.env.production¦deploy/«svc».env¦services/«svc»/.env.local»", r"""
# «svc» - «env»
%%APP_NAME=«svc»
%%LOG_LEVEL=«?info¦warn¦debug»
%%PORT=«?8080¦3000¦9000»
%%DATABASE_POOL_SIZE=«n»
%%~~SENTRY_ENVIRONMENT=«env»
%%«?PAGERDUTY_API_KEY¦PAGERDUTY_TOKEN¦PD_API_KEY¦PAGERDUTY_API_TOKEN¦PD_TOKEN»=«!pd_rest»
%%«?PAGERDUTY_ROUTING_KEY¦PAGERDUTY_INTEGRATION_KEY¦PAGERDUTY_SERVICE_KEY¦PD_SERVICE_KEY»=«!pd_events»
%%~~PAGERDUTY_SERVICE_ID=«=pd_id»
%%PAGERDUTY_FROM_EMAIL=«user»@«domain»
"""),
    Template("dotenv", "«?.env¦config/.env.«env»¦ops/alerting.env»", r"""
%%SLACK_CHANNEL=«=slack_channel»
%%SLACK_«?BOT_TOKEN¦TOKEN¦OAUTH_TOKEN»="«!slack_bot»"
%%SLACK_«?SIGNING_SECRET¦APP_SIGNING_SECRET»="«!slack_signing»"
%%~~SLACK_CLIENT_ID=«=slack_client»
%%BOT_NAME="«team»-bot"
%%TZ=Europe/Berlin
%%REDIS_URL=redis://«ip»:6379/0
"""),
    Template("dotenv", "«?.env¦«svc»/.env.production¦docker/env.list»", r"""
# Used by the alert «?router¦relay¦bridge»
%%NODE_ENV=production
%%PAGERDUTY_TOKEN=«!pd_events»
%%SENSU_BACKEND_URL=ws://«ip»:8081
%%SENSU_NAMESPACE=«ns»
%%~~SENSU_SUBSCRIPTIONS=system,«svc»
"""),
    Template("dotenv", "«?.env¦.env.local¦tools/status/.env»", r"""
STATUSPAGE_PAGE_ID=«=page_id»
«?STATUSPAGE_API_KEY¦STATUSPAGE_TOKEN¦STATUS_PAGE_TOKEN»=«!statuspage»
~~STATUSPAGE_COMPONENT_API=«=page_id»
STATUSPAGE_SUBDOMAIN=status-«sub»
"""),
    Template("dotenv", "«?.env¦analytics/.env¦etl/«svc».env»", r"""
PENDO_REGION=«?us¦eu»
«?PENDO_INTEGRATION_KEY¦PENDO_API_KEY»=«!pendo»
NEXT_PUBLIC_PENDO_APP_KEY=«=uuid»
WAREHOUSE_SCHEMA=product_usage
BATCH_SIZE=«n»00
"""),
    Template("dotenv", "«?.envrc¦scripts/env.sh¦.env.aws»", r"""
export AWS_REGION="«region»"
export AWS_ACCESS_KEY_ID="«%aws_id»"
export AWS_SECRET_ACCESS_KEY="«!aws_secret»"
~~export AWS_PAGER=""
~~export KUBECONFIG="$PWD/kube/«cluster»"
"""),
    Template("dotenv", "«?frontend/.env¦web/.env.production¦dashboard/.env»", r"""
GENERATE_SOURCEMAP=false
REACT_APP_VERSION=«ver»
REACT_APP_PAGERDUTY_API_TOKEN=«!pd_rest»
REACT_APP_SCHEDULE_IDS=«=pd_id»,«=pd_id»
"""),
    Template("dotenv", "«?.env¦bot/.env¦services/discord-bot/.env»", r"""
DISCORD_CLIENT_ID=«=snowflake»
DISCORD_GUILD_ID=«=snowflake»
«?DISCORD_TOKEN¦DISCORD_BOT_TOKEN»=«!discord_bot»
DISCORD_PUBLIC_KEY=«=hex64»
~~DISCORD_WEBHOOK_URL=«!discord_hook»
"""),
    Template("dotenv", "«?.env¦integrations/snow/.env»", r"""
SN_INSTANCE=«sub»«?¦dev¦uat»
SN_USERNAME=«?svc_pagerduty¦integration.user¦api_events»
SN_PASSWORD=«!snow_password»
~~SN_TABLE=incident
"""),
    Template("compose", "«?docker-compose.yml¦compose.yaml¦deploy/docker-compose.prod.yml»", r"""
version: "3.8"
services:
  «svc»:
    image: registry.«domain»/«svc»:«ver»
    restart: unless-stopped
    environment:
%%      - PAGERDUTY_ROUTING_KEY=«!pd_events»
%%      - LOG_FORMAT=json
%%      - SLACK_WEBHOOK_URL=«!slack_hook»
%%      - DB_HOST=db
    ports:
      - "8080:8080"
  db:
    image: postgres:15
    environment:
      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD}
volumes:
  pgdata: {}
"""),
    Template("compose", "«?docker-compose.yml¦stack.yml¦monitoring/compose.yml»", r"""
services:
  oncall-exporter:
    image: ghcr.io/«sub»/oncall-exporter:«ver»
    environment:
      PAGERDUTY_API_KEY: ${PAGERDUTY_API_KEY:-«!pd_rest»}
      SCHEDULES: "«=pd_id»,«=pd_id»"
      INTERVAL: «n»s
    depends_on: [prometheus]
  prometheus:
    image: prom/prometheus:v2.51.0
    volumes:
      - ./prometheus.yml:/etc/prometheus/prometheus.yml:ro
"""),
    Template("kubernetes", "«?k8s/secret.yaml¦manifests/«ns»/secret.yaml¦deploy/base/secrets.yml»", r"""
apiVersion: v1
kind: Secret
metadata:
  name: «?pagerduty¦alerting-credentials¦«svc»-secrets»
  namespace: «ns»
  labels:
    app.kubernetes.io/part-of: «svc»
type: Opaque
data:
  «?routing_key¦pagerduty-routing-key¦PAGERDUTY_INTEGRATION_KEY¦pagerduty_service_key»: «!pd_events@«?b64¦b64n»»
"""),
    Template("kubernetes", "«?k8s/secret.yaml¦clusters/«cluster»/pagerduty-secret.yaml»", r"""
apiVersion: v1
data:
  PAGERDUTY_API_KEY: «!pd_rest@«?b64¦b64n»»
  PAGERDUTY_FROM: «?b3BzQGV4YW1wbGU=¦c3JlQHRlYW0=»
kind: Secret
metadata:
  creationTimestamp: "«day»T«time»Z"
  name: pagerduty-api
  namespace: «ns»
  resourceVersion: "«=bignum»"
  uid: «=uuid»
type: Opaque
"""),
    Template("kubernetes", "«?k8s/argocd-notifications-secret.yaml¦argocd/notifications/secret.yml»", r"""
apiVersion: v1
kind: Secret
metadata:
  name: argocd-notifications-secret
  namespace: argocd
stringData:
  pagerduty-key-«svc»: «!pd_events»
  pagerduty-key-«svc#2»: «!pd_events»
  slack-token: «!slack_bot»
"""),
    Template("kubernetes", "«?k8s/deployment.yaml¦charts/raw/«svc».yaml¦apps/«svc»/deploy.yml»", r"""
apiVersion: apps/v1
kind: Deployment
metadata:
  name: «svc»
spec:
  replicas: 2
  selector:
    matchLabels: {app: «svc»}
  template:
    metadata:
      labels: {app: «svc»}
    spec:
      containers:
        - name: «svc»
          image: registry.«domain»/«team»/«svc»:«=hex7»
          env:
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef: {name: «svc»-db, key: url}
            - name: «?PAGERDUTY_ROUTING_KEY¦PD_ROUTING_KEY¦PAGERDUTY_INTEGRATION_KEY»
              value: «?"«!pd_events#a»"¦«!pd_events#a»»
            - name: LOG_LEVEL
              value: info
~~            - name: OPSGENIE_API_KEY
~~              value: "«!opsgenie»"
          resources:
            limits: {cpu: 500m, memory: 256Mi}
"""),
    Template("kubernetes", "«?cronjobs/oncall-report.yaml¦k8s/cronjob-handover.yml»", r"""
apiVersion: batch/v1
kind: CronJob
metadata:
  name: oncall-handover
  namespace: «ns»
spec:
  schedule: "0 8 * * 1"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: report
              image: registry.«domain»/oncall-report:«ver»
              env:
                - name: PD_API_KEY
                  value: «!pd_rest»
                - name: SLACK_WEBHOOK
                  value: «!slack_hook»
                - name: SCHEDULE_ID
                  value: «=pd_id»
"""),
    Template("helm", "«?values.yaml¦helm/values-«env».yaml¦charts/falcosidekick/values.yaml»", r"""
# falcosidekick
replicaCount: 2
config:
  debug: false
  customfields: "cluster:«cluster»"
  pagerduty:
    routingKey: "«!pd_events»"
    region: us
    minimumpriority: "critical"
  slack:
    webhookurl: "«?¦«!slack_hook»»"
    footer: ""
    minimumpriority: warning
  opsgenie:
    apikey: ""
    region: us
webui:
  enabled: true
"""),
    Template("helm", "«?kube-prometheus-stack/values.yaml¦helm/monitoring-values.yaml¦values/«cluster».yaml»", r"""
prometheus:
  prometheusSpec:
    retention: «n»d
    externalLabels:
      cluster: «cluster»
alertmanager:
  config:
    route:
      receiver: default
      group_by: [alertname, namespace]
      routes:
        - matchers: [severity="critical"]
          receiver: pagerduty-«team»
    receivers:
      - name: default
        slack_configs:
          - api_url: «!slack_hook»
            channel: "#«team»-alerts"
      - name: pagerduty-«team»
        pagerduty_configs:
          - «?routing_key¦service_key»: «!pd_events»
            description: '{{ template "pagerduty.default.description" . }}'
grafana:
  adminPassword: "${GRAFANA_ADMIN}"
"""),
    Template("helm", "«?robusta/generated_values.yaml¦helm/robusta-values.yaml»", r"""
clusterName: «cluster»
isSmallCluster: false
globalConfig:
  account_id: «=uuid»
sinksConfig:
  - pagerduty_sink:
      name: main_pagerduty_sink
      api_key: «!pd_events»
~~  - ms_teams_sink:
~~      name: teams
~~      webhook_url: «!teams_hook»
enablePrometheusStack: false
"""),
    Template("alertmanager", "«?alertmanager.yml¦prometheus/alertmanager.yaml¦roles/alertmanager/files/alertmanager.yml»", r"""
global:
  resolve_timeout: 5m
~~  pagerduty_url: https://events.pagerduty.com/v2/enqueue
route:
  receiver: «team»-slack
  group_by: ['alertname', 'cluster']
  group_wait: «n»s
  routes:
    - match: {severity: critical}
      receiver: «team»-pager
    - match: {team: «team#2»}
      receiver: victorops
receivers:
  - name: «team»-slack
    slack_configs:
      - api_url: '«!slack_hook»'
        channel: '#alerts-«team»'
        send_resolved: true
  - name: «team»-pager
    pagerduty_configs:
      - «?service_key¦routing_key»: «?'«!pd_events#a»'¦"«!pd_events#a»"¦«!pd_events#a»»
        severity: '{{ .CommonLabels.severity }}'
  - name: victorops
    victorops_configs:
      - api_key_file: /etc/alertmanager/victorops
        routing_key: «team#2»
"""),
    Template("alertmanager", "«?alertmanager.yml¦monitoring/alertmanager/config.yml»", r"""
global:
  opsgenie_api_key: «!opsgenie»
  opsgenie_api_url: https://api.«?¦eu.»opsgenie.com/
route:
  receiver: opsgenie
receivers:
  - name: opsgenie
    opsgenie_configs:
      - message: '{{ .GroupLabels.alertname }}'
        responders:
          - name: «team»
            type: team
~~  - name: discord
~~    discord_configs:
~~      - webhook_url: «!discord_hook»
  - name: blackhole
inhibit_rules:
  - source_match: {severity: critical}
    target_match: {severity: warning}
    equal: [alertname]
"""),
    Template("alertmanager", "«?k8s/alertmanagerconfig.yaml¦alertmanager/config.yml»", r"""
route:
  receiver: 'null'
  routes:
    - receiver: teams
      matchers: ['team="«team»"']
    - receiver: pd
receivers:
  - name: 'null'
  - name: pd
    pagerduty_configs:
      - routing_key: «!pd_orchestration»
        url: https://events.«?¦eu.»pagerduty.com/v2/enqueue
        details:
          dedup: '«=hex32»'
  - name: teams
    msteams_configs:
      - webhook_url: «!teams_hook»
"""),
    Template("grafana", "«?provisioning/alerting/contactpoints.yaml¦grafana/provisioning/alerting/contact.yml»", r"""
apiVersion: 1
contactPoints:
  - orgId: 1
    name: «team»-pager
    receivers:
      - uid: «=page_id»
        type: pagerduty
        settings:
          integrationKey: «!pd_events»
          severity: critical
          class: ping failure
          component: «svc»
        disableResolveMessage: false
  - orgId: 1
    name: «team»-chat
    receivers:
      - uid: «=page_id»
        type: «?googlechat
        settings:
          url: «!gchat_hook»¦slack
        settings:
          url: «!slack_hook»¦discord
        settings:
          url: «!discord_hook»¦slack
        settings:
          recipient: "«=slack_channel»"
          token: «!slack_bot»»
"""),
    Template("grafana", "«?grafana/contact-points.json¦exports/grafana-alerting.json»", r"""
{
  "apiVersion": 1,
  "contactPoints": [
    {
      "orgId": 1,
      "name": "pagerduty-«team»",
      "receivers": [
        {
          "uid": "«=page_id»",
          "type": "pagerduty",
          "settings": {
            "client": "Grafana",
            "integrationKey": "«!pd_events»",
            "severity": "critical"
          },
          "disableResolveMessage": false
        },
        {
          "uid": "«=page_id»",
          "type": "opsgenie",
          "settings": {"apiKey": "«!opsgenie»", "apiUrl": "https://api.opsgenie.com/v2/alerts", "sendTagsAs": "tags"}
        }
      ]
    }
  ]
}
"""),
    Template("yaml", "«?config/gatus.yaml¦gatus/config.yml»", r"""
web:
  port: 8080
alerting:
  pagerduty:
    integration-key: "«!pd_events»"
    default-alert:
      description: "health check failed"
      failure-threshold: «n»
  discord:
    webhook-url: "«?${DISCORD_WEBHOOK}¦«!discord_hook»»"
endpoints:
  - name: «svc»
    url: "https://«svc».«domain»/health"
    interval: 60s
    conditions: ["[STATUS] == 200"]
    alerts: [{type: pagerduty}]
"""),
    Template("yaml", "«?elastalert/rules/«svc»-errors.yaml¦rules/error_rate.yml»", r"""
name: «svc» error rate
type: frequency
index: logs-«svc»-*
num_events: «n»
timeframe: {minutes: 5}
filter:
  - term: {level: error}
alert: [pagerduty]
pagerduty_service_key: «!pd_hex»
pagerduty_client_name: «svc»
pagerduty_incident_key: "«?«=hex32»¦{0}-{1}»"
"""),
    Template("yaml", "«?catalog-info.yaml¦services/«svc»/catalog-info.yaml»", r"""
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: «svc»
  description: The «svc» service of «team»
  annotations:
    github.com/project-slug: «sub»/«svc»
    pagerduty.com/integration-key: «!pd_events»
~~    pagerduty.com/service-id: «=pd_id»
    backstage.io/techdocs-ref: dir:.
  tags: [go, «team»]
spec:
  type: service
  lifecycle: production
  owner: «team»
"""),
    Template("yaml", "«?app-config.production.yaml¦backstage/app-config.yaml»", r"""
app:
  title: «sub» developer portal
  baseUrl: https://portal.«domain»
backend:
  listen: {port: 7007}
  database:
    client: pg
    connection: {host: "${POSTGRES_HOST}", password: "${POSTGRES_PASSWORD}"}
pagerDuty:
  apiToken: «!pd_rest»
  eventsBaseUrl: https://events.pagerduty.com/v2
proxy:
  endpoints:
    '/pagerduty':
      target: https://api.pagerduty.com
      headers:
        Authorization: Token token=«!pd_rest»
"""),
    Template("yaml", "«?application.yml¦src/main/resources/application-«env».yml»", r"""
spring:
  application:
    name: «svc»
  datasource:
    url: jdbc:postgresql://${DB_HOST:localhost}:5432/«svc»
    password: ${DB_PASSWORD}
alerting:
  pagerduty:
    enabled: true
    integration-key: ${PAGERDUTY_KEY:«!pd_events»}
  opsgenie:
    api-key: «?${OPSGENIE_KEY}¦«!opsgenie»»
management:
  endpoints.web.exposure.include: health,prometheus
"""),
    Template("yaml", "«?config/notifiers.yaml¦settings/notify.yml¦conf/apprise.yml»", r"""
# apprise targets
urls:
  - pagerduty://«!pd_hex»@«!pd_rest»/«svc»/«cluster»:
      - tag: critical
  - mailto://smtp.«domain»:
      - tag: digest
~~  - opsgenie://«!opsgenie»/#«team»:
~~      - tag: oncall
"""),
    Template("yaml", "«?ansible/roles/alerting/vars/main.yml¦group_vars/«env».yml¦inventory/group_vars/all.yml»", r"""
---
ntp_servers: [0.pool.ntp.org, 1.pool.ntp.org]
monitoring_user: svc-monitor
«?pagerduty_service_key¦pagerduty_integration_key¦alertmanager_pagerduty_key»: "«!pd_events»"
«?pagerduty_api_key¦pagerduty_token»: "«!pd_rest»"
grafana_admin_password: "{{ vault_grafana_admin_password }}"
"""),
    Template("yaml", "«?.github/workflows/deploy.yml¦.github/workflows/release.yaml»", r"""
name: deploy
on:
  push:
    branches: [main]
env:
  AWS_REGION: «region»
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: deploy
        run: make deploy
        env:
          DEPLOY_TOKEN: ${{ secrets.DEPLOY_TOKEN }}
      - name: Send PagerDuty «?change event¦incident»
        if: «?success()¦failure()»
        uses: «?PagerDuty/pagerduty-change-events-action@v1.2.0¦Entle/action-pagerduty-alert@1.0.4»
        with:
          «?integration-key¦pagerduty-integration-key»: «!pd_events»
"""),
    Template("yaml", "«?.gitlab-ci.yml¦ci/notify.yml»", r"""
stages: [build, deploy, notify]
variables:
  DOCKER_TLS_CERTDIR: "/certs"
  SLACK_WEBHOOK: "«!slack_hook»"
  RD_URL: https://rundeck.«domain»
  RD_TOKEN: «!rundeck»
notify:
  stage: notify
  image: alpine:3.19
  script:
    - rd run -p «svc» -j "Warm caches"
    - 'curl -fsS -X POST -H "Content-type: application/json" -d "{\"text\":\"$CI_COMMIT_TITLE\"}" $SLACK_WEBHOOK'
  only: [main]
"""),
    Template("json", "«?.cursor/mcp.json¦.mcp.json¦claude_desktop_config.json»", r"""
{
  "mcpServers": {
    "pagerduty": {
      "command": "uvx",
      "args": ["pagerduty-mcp", "--enable-write-tools"],
      "env": {
        "PAGERDUTY_USER_API_KEY": "«!pd_rest»",
        "PAGERDUTY_API_HOST": "https://api.«?¦eu.»pagerduty.com"
      }
    },
    "filesystem": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "."]}
  }
}
"""),
    Template("json", "«?.vscode/mcp.json¦.vscode/settings.json»", r"""
{
  "editor.formatOnSave": true,
  "servers": {
    "pagerduty-remote": {
      "type": "http",
      "url": "https://mcp.pagerduty.com/mcp",
      "headers": {"Authorization": "Token token=«!pd_rest»"}
    }
  },
  "files.exclude": {"**/.git": true}
}
"""),
    Template("json", "«?appsettings.json¦src/«svc»/appsettings.Production.json»", r"""
{
  "Logging": {"LogLevel": {"Default": "Information", "Microsoft": "Warning"}},
  "AllowedHosts": "*",
  "PagerDuty": {
    "«?RoutingKey¦IntegrationKey¦ServiceKey»": "«!pd_events»",
    "Source": "«svc»"
  },
  "«?Teams¦Notifications»": {
    "WebhookUrl": "«?«!teams_hook»¦«!logic_app»»"
  },
  "ConnectionStrings": {"Default": "Server=tcp:«svc».database.windows.net;Authentication=Active Directory Default;"}
}
"""),
    Template("json", "«?config.json¦config/«env».json¦settings.json»", r"""
{
  "name": "«svc»",
  "port": 8443,
%%  "pagerduty": {"«?serviceKey¦routing_key¦integrationKey»": "«!pd_events»", "enabled": true},
%%  "statuspage": {"pageId": "«=page_id»", "apiKey": "«!statuspage»"},
%%  "retries": {"max": 5, "backoffMs": «n»00},
  "buildId": "«=hex40»"
}
"""),
    Template("json", "«?postman/PagerDuty.postman_collection.json¦docs/postman/«team».postman_environment.json»", r"""
{
  "id": "«=uuid»",
  "name": "PagerDuty «env»",
  "values": [
    {"key": "base_url", "value": "https://api.pagerduty.com", "enabled": true},
    {"key": "«?pd_api_key¦pagerduty_api_key¦api_token_pagerduty»", "value": "«!pd_rest»", "type": "secret", "enabled": true},
    {"key": "service_id", "value": "«=pd_id»", "enabled": true},
    {"key": "routing_key", "value": "«!pd_events»", "enabled": true}
  ],
  "_postman_variable_scope": "environment",
  "_postman_exported_at": "«day»T«time».114Z"
}
"""),
    Template("json", "«?uptime-kuma/backup.json¦backups/kuma-«day».json»", r"""
{"version":"1.23.«n»","notificationList":[{"id":1,"name":"«team» pager","isDefault":true,"config":"{\"name\":\"«team» pager\",\"type\":\"PagerDuty\",\"pagerdutyIntegrationUrl\":\"https://events.pagerduty.com/v2/enqueue\",\"pagerdutyIntegrationKey\":\"«!pd_events»\",\"pagerdutyPriority\":\"critical\",\"pagerdutyAutoResolve\":\"resolve\"}"},{"id":2,"name":"chat","config":"{\"type\":\"slack\",\"slackwebhookURL\":\"«!slack_hook»\",\"slackchannel\":\"#«team»\"}"}],"monitorList":[{"id":4,"name":"«svc»","url":"https://«svc».«domain»/health","interval":60,"pushToken":null}]}
"""),
    Template("json", "«?ecs/task-definition.json¦deploy/taskdef-«svc».json»", r"""
{
  "family": "«svc»",
  "networkMode": "awsvpc",
  "executionRoleArn": "arn:aws:iam::«=account#a»:role/ecsTaskExecutionRole",
  "containerDefinitions": [
    {
      "name": "«svc»",
      "image": "«=account#a».dkr.ecr.«region».amazonaws.com/«svc»:«=hex7»",
      "essential": true,
      "environment": [
        {"name": "APP_ENV", "value": "«env»"},
        {"name": "«?PAGERDUTY_INTEGRATION_KEY¦PAGERDUTY_KEY¦PAGERDUTY_SERVICE_KEY»", "value": "«!pd_events»"},
        {"name": "OPSGENIE_API_KEY", "value": "«!opsgenie»"}
      ],
      "secrets": [
        {"name": "DB_PASSWORD", "valueFrom": "arn:aws:secretsmanager:«region»:«=account#a»:secret:«svc»/db-Xa8QkP"}
      ]
    }
  ]
}
"""),
    Template("json", "sensu/«?handlers/pagerduty.json¦conf.d/pagerduty.json»", r"""
{
  "pagerduty": {
    "«?api_key¦routing_key»": "«!pd_events»",
    "team_name_here": null,
    "dynamic_description_prefix_key": "name"
  },
  "handlers": {
    "pagerduty": {"type": "pipe", "command": "handler-pagerduty.rb", "severities": ["critical", "ok"]}
  }
}
"""),
    Template("toml", "«?config.toml¦kapacitor/kapacitor.conf¦etc/«svc».toml»", r"""
hostname = "kapacitor.«domain»"
[http]
  bind-address = ":9092"
[pagerduty2]
  enabled = true
  url = "https://events.pagerduty.com/v2/enqueue"
  «?routing-key¦service-key» = "«!pd_events»"
  global = false
[slack]
  enabled = true
  url = "«!slack_hook»"
  channel = "#«team»"
[smtp]
  enabled = false
"""),
    Template("ini", "«?pdagent.conf¦etc/pdagent/«team».ini¦config/alerts.ini»", r"""
[Main]
log_level = INFO
send_interval_secs = 10
[«?pagerduty¦PagerDuty»]
«?service_key¦routing_key¦integration_key» = «!pd_events»
region = us
[statsd]
host = «ip»
port = 8125
"""),
    Template("ini", "«?.aws/credentials¦aws/credentials¦home/.aws/credentials»", r"""
[default]
region = «region»
aws_access_key_id = «%aws_id»
aws_secret_access_key = «!aws_secret»

[«team»-«?deploy¦admin»]
role_arn = arn:aws:iam::«=account»:role/«team»
source_profile = default
"""),
    Template("ini", "«?.aws/credentials¦ci/aws-credentials.ini»", r"""
[«team»-sso]
aws_access_key_id=«%aws_temp_id»
aws_secret_access_key=«!aws_secret»
aws_session_token=«!aws_session»
"""),
    Template("properties", "«?application.properties¦src/main/resources/alerting.properties¦conf/«svc».properties»", r"""
server.port=8080
spring.application.name=«svc»
%%pagerduty.«?integration.key¦routing-key¦serviceKey»=«!pd_events»
%%pagerduty.«?token¦api.token¦api-key»=«!pd_rest»
%%pagerduty.service.id=«=pd_id»
%%slack.channel=«=slack_channel»
management.endpoint.health.show-details=always
"""),
    Template("properties", "«?runner/runner.properties¦rundeck/rundeck-runner.properties»", r"""
runner.rundeck.server.url=https://«sub».runbook.pagerduty.cloud
runner.rundeck.client.id=«=uuid»
runner.rundeck.server.token=«!rundeck»
logging.level.root=INFO
"""),
    Template("xml", "«?Web.config¦src/«svc»/App.config»", r"""
<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <appSettings>
    <add key="Environment" value="«env»" />
    <add key="«?PagerDutyServiceKey¦PagerDuty:RoutingKey¦PagerDutyIntegrationKey»" value="«!pd_events»" />
    <add key="«?PagerDutyApiKey¦PagerDuty:ApiToken»" value="«!pd_rest»" />
    <add key="webpages:Version" value="3.0.0.0" />
  </appSettings>
  <runtime>
    <assemblyBinding xmlns="urn:schemas-microsoft-com:asm.v1">
      <dependentAssembly>
        <assemblyIdentity name="Newtonsoft.Json" publicKeyToken="30ad4fe6b2a6aeed" culture="neutral" />
      </dependentAssembly>
    </assemblyBinding>
  </runtime>
</configuration>
"""),
    Template("xml", "«?ios/Config/Alerts.plist¦macos/«svc»/Info.plist»", r"""
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>BuildNumber</key>
	<string>«=num»</string>
	<key>PagerDutyRoutingKey</key>
	<string>«!pd_events»</string>
	<key>SlackWebhookURL</key>
	<string>«!slack_hook»</string>
	<key>PendoAppKey</key>
	<string>«=uuid»</string>
</dict>
</plist>
"""),
    Template("xml", "«?jenkins/config.xml¦jobs/«svc»/config.xml»", r"""
<?xml version='1.1' encoding='UTF-8'?>
<project>
  <description>nightly «svc» build</description>
  <publishers>
    <org.jenkinsci.plugins.pagerduty.PagerDutyTrigger plugin="pagerduty@0.7.1">
      <«?routingKey>«!pd_events»</routingKey¦serviceKey>«!pd_events»</serviceKey»>
      <triggerOnFailure>true</triggerOnFailure>
      <incDescription>$JOB_NAME failed</incDescription>
      <numPreviousBuildsToProbe>1</numPreviousBuildsToProbe>
    </org.jenkinsci.plugins.pagerduty.PagerDutyTrigger>
  </publishers>
</project>
"""),
    Template("yaml", "«?snow/connection.yml¦integrations/servicenow.yaml»", r"""
servicenow:
  instance: https://«sub».service-now.com
  auth:
    type: oauth
    token_url: https://«sub».service-now.com/oauth_token.do
    client_id: «=hex32»
    client_secret: «!snow_secret»
    username: svc_events
    password: «!snow_password»
  table: incident
  assignment_group: «=hex32»
"""),
    Template("yaml", "«?config/pagerduty_oauth.yml¦services/sync/config.yaml»", r"""
pagerduty:
  subdomain: «sub»
  oauth:
    token_url: https://identity.pagerduty.com/oauth/token
    client_id: «=uuid»
    client_secret: «!pd_client_secret»
    scope: as_account-us.«sub» incidents.read services.read
~~    access_token: «!pd_oauth»
sync_interval: «n»m
"""),
)
