"""Key files of daily operation: shell and curl, CI, monitoring tools, run books, logs, notebooks, captured traffic."""

from core_corpus_text import Template

# The texts are the files: their lines are as long as they are.
# ruff: noqa: E501
# fmt: off

TEMPLATES = (
    Template("shell", "«?scripts/oncall.sh¦bin/pd-oncall¦tools/list_services.sh»", r"""
#!/usr/bin/env bash
set -eu
since=$(date -u -d '7 days ago' +%FT%TZ)
curl -sS --request GET \
  --url "https://api.pagerduty.com/incidents?since=$since&service_ids[]=«=pd_id»" \
  --header 'Accept: application/vnd.pagerduty+json;version=2' \
  --header '«?Authorization: Token token=«!pd_rest»¦Authorization: Bearer «!pd_oauth»¦Authorization: Bearer «!pd_oauth_legacy»»' \
  | jq -r '.incidents[] | [.id, .title] | @tsv'
"""),
    Template("shell", "«?trigger.sh¦scripts/page.sh¦cron/heartbeat-check»", r"""
#!/bin/sh
HOST=$(hostname -f)
«?curl -X POST https://events.pagerduty.com/v2/enqueue -H 'Content-Type: application/json' -d '{
  "routing_key": "«!pd_events»",
  "event_action": "trigger",
  "dedup_key": "«=hex32»",
  "payload": {"summary": "backup failed", "source": "'"$HOST"'", "severity": "critical"}
}'¦KEY="«!pd_hex»"
curl -H "Content-type: application/json" -X POST \
    -d "{\"service_key\": \"$KEY\", \"event_type\": \"trigger\", \"description\": \"$1\"}" \
    "https://events.pagerduty.com/generic/2010-04-15/create_event.json"¦pd-send -k «!pd_events» -t trigger -d "$1" -i "$HOST/disk" -f host="$HOST"¦curl -fsS -X POST "«!pd_url»" -d @"$1"»
logger -t page "sent for $HOST"
"""),
    Template("shell", "«?scripts/change-event.sh¦deploy/after.sh»", r"""
#!/usr/bin/env bash
export PAGERDUTY_CHANGE_INTEGRATION_KEY=«!pd_events»
SHA=${CI_COMMIT_SHA:-«=hex40»}
curl -sf -X POST https://events.pagerduty.com/v2/change/enqueue \
  -H 'Content-Type: application/json' \
  -d "{\"routing_key\":\"$PAGERDUTY_CHANGE_INTEGRATION_KEY\",\"payload\":{\"summary\":\"deployed $SHA\",\"source\":\"«svc»\"}}"
"""),
    Template("shell", "«?status.sh¦scripts/statuspage-update.sh¦bin/set-component»", r"""
#!/bin/bash
PAGE=«=page_id»
COMPONENT=${1:-«=page_id»}
curl -s -X PATCH "https://api.statuspage.io/v1/pages/$PAGE/components/$COMPONENT«?"  \
  -H "Authorization: OAuth «!statuspage»"¦.json?api_key=«!statuspage»"» \
  -d "component[status]=${2:-operational}"
"""),
    Template("shell", "«?opsgenie.sh¦scripts/alert-og.sh¦cron/nightly.sh»", r"""
#!/usr/bin/env bash
curl -X POST https://api.«?¦eu.»opsgenie.com/v2/alerts \
  -H "Content-Type: application/json" \
  -H "Authorization: GenieKey «!opsgenie»" \
  -d '{"message": "«svc» nightly job failed", "alias": "«=hex32»", "responders": [{"id": "«=uuid»", "type": "team"}]}'
"""),
    Template("shell", "«?pendo.sh¦bin/pendo-metadata.sh»", r"""
#!/bin/sh
# «?schema of the account metadata¦visitors seen since yesterday»
curl -s «?-X GET 'https://app.«?¦eu.»pendo.io/api/v1/metadata/schema/account' -H 'x-pendo-integration-key: «!pendo»'¦-X POST https://app.pendo.io/data/track -H 'x-pendo-integration-key: «!pendo_track»' -d '{"type":"track","event":"import","visitorId":"«=uuid»"}'» \
  -H 'content-type: application/json'
"""),
    Template("shell", "«?rundeck/env.sh¦bin/rd-run.sh¦.rd/rd.conf»", r"""
export RD_URL=https://rundeck.«domain»
export RD_TOKEN=«!rundeck»
export RD_PROJECT=«svc»
~~# rd run -j "maintenance/Restart «svc»" -- -host «ip»
"""),
    Template("shell", "«?run-runner.sh¦docker/runner.sh»", r"""
#!/bin/sh
docker run -d --name rundeck-runner \
  -e RUNNER_RUNDECK_CLIENT_ID=«=uuid» \
  -e RUNNER_RUNDECK_SERVER_TOKEN=«!rundeck» \
  -e RUNNER_RUNDECK_SERVER_URL=https://«sub».runbook.pagerduty.cloud \
  rundeckpro/runner:5.«n».0
"""),
    Template("shell", "«?sensu/add-handler.sh¦sensu/handler.sh»", r"""
#!/bin/sh
sensuctl handler create pagerduty --type pipe \
  --command "sensu-pagerduty-handler --token «!«?pd_mixed¦pd_hex»»" \
  --filters is_incident,not_silenced
"""),
    Template("powershell", "«?Send-Page.ps1¦scripts/Notify.ps1»", r"""
param([string]$Summary)
$env:PAGERDUTY_ROUTING_KEY = "«!pd_events»"
$body = @{
    routing_key  = $env:PAGERDUTY_ROUTING_KEY
    event_action = 'trigger'
    payload      = @{ summary = $Summary; source = $env:COMPUTERNAME; severity = 'critical' }
} | ConvertTo-Json
Invoke-RestMethod -Method Post -Uri 'https://events.pagerduty.com/v2/enqueue' -Body $body -ContentType 'application/json'
«?Invoke-RestMethod -Method Post -Uri '«!teams_hook»' -Body (@{ text = $Summary } | ConvertTo-Json)¦Write-Host "sent"»
"""),
    Template("powershell", "«?Get-OnCall.ps1¦Modules/PagerDuty/Settings.ps1»", r"""
$PagerDutyApiToken = '«!pd_rest»'
$headers = @{
    'Authorization' = "Token token=$PagerDutyApiToken"
    'Accept'        = 'application/vnd.pagerduty+json;version=2'
}
$policy = '«=pd_id»'
(Invoke-RestMethod -Uri "https://api.pagerduty.com/oncalls?escalation_policy_ids[]=$policy" -Headers $headers).oncalls |
    Select-Object -ExpandProperty user
"""),
    Template("dockerfile", "«?Dockerfile¦docker/alerts.Dockerfile»", r"""
FROM python:3.12-slim
ARG VERSION=«ver»
ENV PYTHONUNBUFFERED=1
ENV «?PAGERDUTY_API_KEY «!pd_rest»¦PD_API_KEY=«!pd_rest»¦PAGERDUTY_ROUTING_KEY="«!pd_events»"¦SLACK_WEBHOOK_URL=«!slack_hook»»
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . /app
CMD ["python", "/app/main.py"]
"""),
    Template("nagios", "«?nagios/contacts.cfg¦etc/nagios/objects/pagerduty.cfg»", r"""
define contact {
    contact_name                    pagerduty
    alias                           PagerDuty Pseudo-Contact
    service_notification_period     24x7
    host_notification_period        24x7
    service_notification_options    w,u,c,r
    host_notification_options       d,r
    service_notification_commands   notify-service-by-pagerduty
    host_notification_commands      notify-host-by-pagerduty
    «?pager                           ¦address1                        »«!pd_events»
}

define contactgroup {
    contactgroup_name   admins
    members             «team»,pagerduty
}
"""),
    Template("nagios", "«?icinga2/conf.d/users.conf¦zones.d/master/pagerduty.conf»", r"""
object User "pagerduty" {
  pager = "«!pd_events»"
  groups = [ "icingaadmins" ]
  display_name = "PagerDuty Notification User"
  states = [ OK, Warning, Critical, Unknown, Up, Down ]
  types = [ Problem, Acknowledgement, Recovery ]
}

apply Notification "pagerduty-service" to Service {
  command = "notify-service-by-pagerduty"
  users = [ "pagerduty" ]
  assign where service.vars.enable_pagerduty == true
}
"""),
    Template("nagios", "nagios/«?commands.cfg¦objects/pd_commands.cfg»", r"""
define command {
    command_name    notify-service-by-pagerduty
    command_line    /usr/share/pdagent-integrations/bin/pd-nagios -n service -k «!pd_events» -t "$NOTIFICATIONTYPE$" -f SERVICEDESC="$SERVICEDESC$" -f HOSTNAME="$HOSTNAME$"
}
"""),
    Template("xml", "zabbix/«?export.xml¦media_types.xml»", r"""
<?xml version="1.0" encoding="UTF-8"?>
<zabbix_export>
    <version>6.0</version>
    <media_types>
        <media_type>
            <name>PagerDuty</name>
            <type>WEBHOOK</type>
            <parameters>
                <parameter>
                    <name>eventid</name>
                    <value>{EVENT.ID}</value>
                </parameter>
                <parameter>
                    <name>«?token¦routing_key»</name>
                    <value>«!pd_events»</value>
                </parameter>
                <parameter>
                    <name>url</name>
                    <value>https://events.pagerduty.com/v2/enqueue</value>
                </parameter>
            </parameters>
        </media_type>
    </media_types>
</zabbix_export>
"""),
    Template("ansible", "«?playbooks/deploy.yml¦ansible/site.yml¦playbooks/«svc».yml»", r"""
- name: Deploy «svc»
  hosts: «svc»
  become: true
  tasks:
    - name: Open maintenance window
      community.general.pagerduty:
        name: «sub»
        user: «user»@«domain»
        token: «!pd_rest»
        state: running
        service: «=pd_id»
    - name: Install package
      ansible.builtin.apt: {name: "«svc»=«ver»", state: present}
    - name: Record the change
      community.general.«?pagerduty_change¦pagerduty_alert»:
        integration_key: «!pd_events»
        summary: "Deployed «svc» «ver»"
      delegate_to: localhost
"""),
    Template("ansible", "«?roles/slack/tasks/main.yml¦tasks/notify.yml»", r"""
- name: Tell by web API
  community.general.slack:
    token: "«!slack_bot»"
    channel: "#«team»"
    msg: finished
- name: Open ticket
  servicenow.itsm.incident:
    instance:
      host: https://«sub».service-now.com
      username: ansible
      password: "«!snow_password»"
    state: new
    short_description: "Patch run of «day»"
"""),
    Template("markdown", "«?docs/runbook.md¦runbooks/«svc».md¦README.md¦wiki/oncall-handbook.md»", r"""
# Run book: «svc»

## Paging by hand

If the monitor does not fire, open an incident yourself:

```sh
curl -X POST https://events.pagerduty.com/v2/enqueue \
  -d '{"routing_key":"«!pd_events»","event_action":"trigger","payload":{"summary":"«svc» down","source":"manual","severity":"critical"}}'
```

~~The REST key for the reports is `«!pd_rest»` (owner: «user»).

| What | Where |
| --- | --- |
| Service | https://«sub».pagerduty.com/service-directory/«=pd_id» |
| Policy | «=pd_id» |
| Channel | «=slack_channel» |
"""),
    Template("markdown", "«?docs/alerting.md¦docs/setup/monitoring.md¦ops/NOTES.md»", r"""
# Alert routing

%%- PagerDuty e-mail integration: «!pd_email»
%%- CloudWatch alarms go to «!pd_url»
%%- Slack: «!slack_hook»
%%- Status page: https://«=page_id».statuspage.io

## History

«day»: moved «svc» from Opsgenie. Incident https://«sub».pagerduty.com/incidents/«=pd_incident» was the last one.
"""),
    Template("markdown", "«?docs/calendar.md¦team/oncall.md»", r"""
# On-call calendar of «team»

Subscribe in your calendar application:

- primary: «!pd_ical»
- secondary: «!pd_ical»

Swap shifts in the web interface, schedule `«=pd_id»`. Ask «user» before the weekend.
"""),
    Template("markdown", "«?CONTRIBUTING.md¦docs/local-setup.md¦docs/INSTALL.md»", r"""
## Local set-up

1. `docker compose up -d db`
2. Put this into `.env`:

       PAGERDUTY_API_TOKEN=«!pd_rest»
       STATUSPAGE_API_KEY=«!statuspage»

3. `npm ci && npm start`, then open http://localhost:3000

The Pendo snippet in `index.html` has the public application key; leave it.
"""),
    Template("log", "«?logs/«svc».log¦var/log/alert-relay.log¦debug/output.txt»", r"""
«day»T«time»Z INFO  starting alert-relay «ver» commit=«=hex7»
«day»T«time»Z DEBUG config: {"pagerduty": {"routing_key": "«!pd_events»"}, "poll": «n»}
«day»T«time»Z INFO  incident «=pd_incident» incident_key=«=hex32» service=«=pd_id»
«day»T«time»Z DEBUG POST https://events.pagerduty.com/v2/enqueue 202 {"status":"success","message":"Event processed","dedup_key":"«=hex32»"}
«day»T«time»Z WARN  retry in «n»s request_id=«=uuid»
"""),
    Template("log", "«?logs/http-trace.log¦trace.txt¦ci/build-«day».log»", r"""
> GET /incidents?limit=«n» HTTP/1.1
> Host: api.pagerduty.com
> User-Agent: python-requests/2.31.0
> Authorization: Token token=«!pd_rest»
> Accept: application/vnd.pagerduty+json;version=2
>
< HTTP/1.1 200 OK
< x-request-id: «=hex32»
< etag: W/"«=hex32»"
< content-type: application/json; charset=utf-8
"""),
    Template("log", "«?logs/terraform-apply.log¦ci/plan.txt»", r"""
Terraform used the selected providers to generate the following execution plan.

  # aws_sns_topic_subscription.pd will be created
  + resource "aws_sns_topic_subscription" "pd" {
      + arn                    = (known after apply)
      + endpoint               = "«!pd_url»"
      + endpoint_auto_confirms = true
      + protocol               = "https"
      + topic_arn              = "arn:aws:sns:«region»:«=account#a»:«topic»"
    }

Plan: 1 to add, 0 to change, 0 to destroy.
aws_sns_topic_subscription.pd: Creation complete after 2s [id=arn:aws:sns:«region»:«=account#a»:«topic»:«!sns_subscription»]
"""),
    Template("json", "«?captures/pd.har¦debug/session.har»", r"""
{
  "log": {
    "version": "1.2",
    "creator": {"name": "Firefox", "version": "12«n».0"},
    "entries": [
      {
        "startedDateTime": "«day»T«time».120Z",
        "request": {
          "method": "GET",
          "url": "https://api.pagerduty.com/users/«=pd_id»",
          "headers": [
            {"name": "Host", "value": "api.pagerduty.com"},
            {"name": "Authorization", "value": "«?Token token=«!pd_rest»¦Bearer «!pd_oauth»»"},
            {"name": "X-Request-Id", "value": "«=uuid»"}
          ]
        },
        "response": {"status": 200, "content": {"mimeType": "application/json", "text": "{\"user\":{\"id\":\"«=pd_id»\"}}"}}
      }
    ]
  }
}
"""),
    Template("json", "«?captures/token-response.json¦debug/oauth.json¦cassettes/oauth_token.json»", r"""
{
  "request": {"method": "POST", "uri": "https://identity.pagerduty.com/oauth/token", "body": {"grant_type": "authorization_code", "client_id": "«=uuid»"}},
  "response": {
    "status": 200,
    "body": {
      "client_info": "prefix_legacy_app",
      "token_type": "bearer",
      "access_token": "«!pd_oauth»",
      "refresh_token": "«!pd_refresh»",
      "scope": "openid incidents.read",
      "expires_in": 864000
    }
  }
}
"""),
    Template("json", "«?exports/services.json¦backup/pagerduty-services-«day».json»", r"""
{
  "services": [
    {
      "id": "«=pd_id»",
      "name": "«svc»",
      "status": "active",
      "integrations": [
        {
          "id": "«=pd_id»",
          "type": "events_api_v2_inbound_integration",
          "integration_key": "«!pd_events»",
          "integration_email": null,
          "created_at": "«day»T«time»Z"
        },
        {
          "id": "«=pd_id»",
          "type": "generic_email_inbound_integration",
          "integration_email": "«!pd_email»"
        }
      ],
      "teams": [{"id": "«=pd_id»", "type": "team_reference"}]
    }
  ],
  "limit": 25, "offset": 0, "more": false
}
"""),
    Template("json", "«?exports/orchestrations.json¦responses/orchestration_integrations.json»", r"""
{
  "integrations": [
    {
      "id": "«=uuid»",
      "label": "«svc»",
      "parameters": {"routing_key": "«!pd_orchestration»", "type": "global"}
    },
    {
      "id": "«=uuid»",
      "label": "«svc#2»",
      "parameters": {"routing_key": "«!pd_orchestration»", "type": "global"}
    }
  ],
  "total": 2
}
"""),
    Template("json", "«?responses/webhook_subscription.json¦captures/create-webhook.json»", r"""
{
  "webhook_subscription": {
    "id": "«=pd_incident»",
    "type": "webhook_subscription",
    "active": true,
    "delivery_method": {
      "type": "http_delivery_method",
      "url": "https://hooks.«domain»/pagerduty",
      "secret": "«!pd_webhook_secret»",
      "custom_headers": []
    },
    "events": ["incident.triggered", "incident.resolved"],
    "filter": {"id": "«=pd_id»", "type": "service_reference"}
  }
}
"""),
    Template("json", "«?responses/runner.json¦automation/runner-created.json»", r"""
{
  "runner": {
    "id": "01«=pd_incident»",
    "name": "«team» sidecar",
    "runner_type": "sidecar",
    "status": "NotConfigured",
    "creation_time": "«day»T«time».114Z",
    "secret": "«!runner_secret»"
  },
  "links": "https://api.pagerduty.com/automation_actions/runners"
}
"""),
    Template("notebook", "«?notebooks/incidents.ipynb¦analysis/mttr-«day».ipynb»", r"""
{
 "cells": [
  {
   "cell_type": "markdown",
   "metadata": {},
   "source": ["# Mean time to resolve, «svc»"]
  },
  {
   "cell_type": "code",
   "execution_count": «n»,
   "metadata": {},
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "200\n",
      "{'id': '«=pd_incident»', 'incident_key': '«=hex32»'}\n"
     ]
    }
   ],
   "source": [
    "import requests\n",
    "«?token = '«!pd_rest#t»'¦headers = {\"Authorization\": \"Token token=«!pd_rest#t»\"}»\n",
    "r = requests.get('https://api.pagerduty.com/incidents', «?headers={'Authorization': f'Token token={token}'}¦headers=headers»)\n",
    "print(r.status_code)\n",
    "print(r.json()['incidents'][0])"
   ]
  }
 ],
 "metadata": {"kernelspec": {"display_name": "Python 3", "name": "python3"}},
 "nbformat": 4,
 "nbformat_minor": 5
}
"""),
    Template("notebook", "«?notebooks/pendo.ipynb¦analysis/env.ipynb»", r"""
{
 "cells": [
  {
   "cell_type": "code",
   "execution_count": 2,
   "metadata": {},
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "PENDO_INTEGRATION_KEY=«!pendo»\n",
      "SLACK_BOT_TOKEN=«!slack_bot»\n",
      "HOSTNAME=«=hex12»\n"
     ]
    }
   ],
   "source": ["!env | grep -E 'PENDO|SLACK|HOST'"]
  }
 ],
 "metadata": {"language_info": {"name": "python", "version": "3.11.4"}},
 "nbformat": 4,
 "nbformat_minor": 5
}
"""),
    Template("text", "«?notes.txt¦TODO¦docs/handover-«day».txt»", r"""
Handover «day», «user»

- pager for «svc» is «=pd_id», escalation policy «=pd_id»
- pagerduty api key: «!pd_rest»
- «?rundeck token: «!rundeck»¦discord webhook for #alerts: «!discord_hook»¦google chat: «!gchat_hook»»
- next rotation in «n» days, ask «user#2»
"""),
    Template("text", "«?mail/forwarding.txt¦postfix/virtual¦etc/aliases»", r"""
# «domain» aliases
postmaster:     root
root:           «user»@«domain»
«svc»-alerts:   «!«?pd_email¦pd_key_email»»
abuse:          «user#2»@«domain»
"""),
    Template("shell", "«?scripts/snow-ticket.sh¦bin/create_incident.sh»", r"""
#!/bin/bash
# ticket for every failed backup
curl "https://«sub».service-now.com/api/now/table/incident" \
  --request POST \
  --header "Content-Type: application/json" \
  --user '«?svc_pagerduty¦api.user¦admin»:«!snow_password»' \
  --data "{\"short_description\": \"$1\", \"assignment_group\": \"«=hex32»\"}"
"""),
    Template("shell", "«?scripts/slack.sh¦bin/say¦hooks/post-receive»", r"""
#!/bin/sh
curl -s -X POST -H 'Content-type: application/json' --data "{\"text\":\"$*\"}" «?«!slack_hook»¦"«!slack_trigger»"»
curl -s https://slack.com/api/chat.postMessage -H "Authorization: Bearer «!slack_«?bot¦user»»" -d channel=«=slack_channel» -d text="$*" >/dev/null
"""),
    Template("yaml", "«?argocd/notifications-cm.yaml¦k8s/argocd-notifications-cm.yml»", r"""
apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-notifications-cm
data:
  service.pagerduty: |
    token: «!pd_rest»
    from: «user»@«domain»
  service.pagerdutyv2: |
    serviceKeys:
      «svc»: «!pd_events»
      «svc#2»: $pagerduty-key-«svc#2»
  trigger.on-sync-failed: |
    - when: app.status.operationState.phase in ['Error', 'Failed']
      send: [pagerduty]
"""),
    Template("yaml", "«?gcp/notification-channel.yaml¦config-connector/pagerduty.yaml»", r"""
apiVersion: monitoring.cnrm.cloud.google.com/v1beta1
kind: MonitoringNotificationChannel
metadata:
  name: pagerduty-«team»
  labels: {team: «team»}
spec:
  type: pagerduty
  enabled: true
  sensitiveLabels:
    serviceKey:
      value: «!pd_events»
"""),
    Template("yaml", "«?newrelic/destination.yml¦serverless.yml»", r"""
service: «svc»
provider:
  name: aws
  runtime: python3.12
  region: «region»
  environment:
    STAGE: ${opt:stage, 'dev'}
    PAGERDUTY_TOKEN: «!pd_rest»
    DB_PASSWORD: ${ssm:/«svc»/db}
functions:
  poll:
    handler: poll.handler
    events: [{schedule: rate(5 minutes)}]
"""),
    Template("yaml", "«?github/hooks.yml¦.github/settings.yml¦terraform/github/webhooks.yaml»", r"""
repository:
  name: «svc»
  private: true
hooks:
  - events: [push, pull_request]
    config:
      url: «!pd_change_url»
      content_type: json
      insecure_ssl: "0"
branches:
  - name: main
    protection: {enforce_admins: true}
"""),
)
