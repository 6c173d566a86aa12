"""Look-alike files of daily operation: documentation, logs, API answers, digests, public keys, captured messages."""

from core_corpus_text import Template

# The texts are the files: their lines are as long as they are.
# ruff: noqa: E501
# fmt: off

TEMPLATES = (
    Template("markdown", "«?docs/key-rotation.md¦runbooks/rotate-pagerduty-keys.md¦SECURITY.md»", r"""
# Rotating the PagerDuty keys

A REST key has 20 characters, an integration key 32. Both live in Vault under `secret/«team»/pagerduty`.

1. Services → «svc» → Integrations → *Generate a new integration key*. The old key stops at once.
2. `vault kv put secret/«team»/pagerduty routing_key=@new.txt`
3. Restart the relay: `kubectl -n «ns» rollout restart deploy/alert-relay`
4. Note the rotation in the log below.

| Date | Service | By | Change |
| --- | --- | --- | --- |
| «day» | «=pd_id» | «user» | «=hex40» |
"""),
    Template("markdown", "«?docs/pagerduty.md¦README.md¦docs/api-examples.md»", r"""
# PagerDuty API by example

The vendor's own example, which opens nothing:

```sh
curl -H 'Authorization: Token token=«?«=ex_pd_rest»¦YOUR_API_KEY¦<your api key>¦$PAGERDUTY_TOKEN»' \
     -H 'Accept: application/vnd.pagerduty+json;version=2' https://api.pagerduty.com/users
```

An event:

```json
{"routing_key": "«?«=ex_pd_events»¦YOUR_INTEGRATION_KEY_HERE¦<YOUR SERVICE KEY HERE>¦samplekeyhere»", "event_action": "trigger", "dedup_key": "«=hex32»"}
```

~~OAuth: `Authorization: Bearer «=ex_pd_oauth»`
"""),
    Template("markdown", "«?docs/chat.md¦docs/google-chat-webhooks.md¦docs/notifications.md»", r"""
# Chat notifications

%%* Slack: `«=ex_slack_hook»`
%%* Discord (from its documentation): `«=ex_discord_hook»`
%%* Google Chat: `https://chat.googleapis.com/v1/spaces/SPACE_ID/messages?key=KEY&token=TOKEN`
%%* Teams: `https://<tenant>.webhook.office.com/webhookb2/<group>@<tenant>/IncomingWebhook/<id>/<user>`
%%* Weekly meeting: https://teams.microsoft.com/l/meetup-join/19%3ameeting_«=hex32»%40thread.v2/0?context=%7b%22Tid%22%3a%22«=uuid»%22%7d
%%* Archive: https://«sub».slack.com/archives/«=slack_channel»/p«=epoch»123456

The webhook contains a secret: keep it in the vault, never here.
"""),
    Template("markdown", "«?CHANGELOG.md¦docs/releases.md»", r"""
# Changelog

## «ver» - «day»

- Read `PAGERDUTY_ROUTING_KEY` from a file when `PAGERDUTY_ROUTING_KEY_FILE` is set (`«=hex7»`)
- Mask `routing_key` and `Authorization: Token token=…` in debug logs (#«=num»)
- Use `EventsApiV2Client` instead of `pdpyras.EventsAPISession`, commit «=hex40»
- Image: sha256:«=hex64»
- Demo: https://www.youtube.com/watch?v=«=youtube»
"""),
    Template("markdown", "«?postmortems/«day».md¦docs/incidents/«=pd_incident#i».md»", r"""
# Incident «=pd_incident#i»: «svc» unavailable

PagerDuty incident key: `«=hex32»`
Opsgenie alert: `«=uuid»-«=epoch»000`
Status page incident: `«=page_id»`, https://status.«domain»/incidents/«=page_id»
Slack thread: https://«sub».slack.com/archives/«=slack_channel»/p«=epoch»004500

| Time | Event |
| --- | --- |
| «time» | alarm from arn:aws:sns:«region»:«=account»:«topic» |
| «time#2» | «user» acknowledges (log entry «=pd_log») |
| «time#3» | rollback to «=hex40», instance «=instance» replaced |
"""),
    Template("json", "«?responses/incidents.json¦samples/pagerduty-incidents.json¦cassettes/list_incidents.json»", r"""
{
  "incidents": [
    {
      "id": "«=pd_incident»",
      "type": "incident",
      "summary": "[#«=num»] «svc» latency",
      "html_url": "https://«sub».pagerduty.com/incidents/«=pd_incident»",
      "incident_number": «=num»,
      "incident_key": "«=hex32»",
      "service": {"id": "«=pd_id»", "type": "service_reference"},
      "assignments": [{"at": "«day»T«time»Z", "assignee": {"id": "«=pd_id»", "type": "user_reference"}}],
      "last_status_change_by": {"id": "«=pd_id»"},
      "first_trigger_log_entry": {"id": "«=pd_log»"},
      "alert_counts": {"all": «n», "triggered": 0},
      "alerts": [{"id": "«=pd_incident»", "alert_key": "«=hex32»"}]
    }
  ],
  "limit": 25, "offset": 0, "total": null, "more": false
}
"""),
    Template("json", "«?responses/webhook_v3.json¦events/pagerduty-webhook.json¦samples/incident-triggered.json»", r"""
{
  "headers": {"X-PagerDuty-Signature": "v1=«?«=hex64»¦«=hex64»,v1=«=hex64»¦«=ex_pd_signature»»", "X-Webhook-Id": "«=uuid»", "User-Agent": "PagerDuty-Webhook/V3.0"},
  "event": {
    "id": "01«=pd_incident»ABCDEFGHIJ",
    "event_type": "incident.triggered",
    "agent": {"id": "«=pd_id»", "type": "user_reference"},
    "data": {"id": "«=pd_incident»", "incident_key": "«=hex32»", "number": «=num», "service": {"id": "«=pd_id»"}, "conference_bridge": null}
  }
}
"""),
    Template("json", "«?responses/enqueue.json¦captures/events-v2-response.json»", r"""
[
  {"request": {"url": "https://events.pagerduty.com/v2/enqueue", "body": {"routing_key": "[FILTERED]", "event_action": "trigger", "dedup_key": "«=hex32#a»"}},
   "response": {"status": "success", "message": "Event processed", "dedup_key": "«=hex32#a»"}},
  {"request": {"url": "https://events.pagerduty.com/v2/enqueue", "body": {"routing_key": "«?****************¦<redacted>¦XXXXXXXX»", "event_action": "resolve", "dedup_key": "«=hex32#b»"}},
   "response": {"status": "invalid event", "message": "Event object is invalid", "errors": ["Length of 'routing_key' is incorrect (should be 32 characters)"]}}
]
"""),
    Template("json", "«?responses/opsgenie-alerts.json¦samples/opsgenie_alert.json»", r"""
{
  "data": [
    {
      "id": "«=uuid»-«=epoch»123",
      "tinyId": "«=num»",
      "alias": "«=hex32»",
      "message": "«svc» is slow",
      "status": "open",
      "teams": [{"id": "«=uuid»"}],
      "integration": {"id": "«=uuid»", "name": "prometheus", "type": "Prometheus"},
      "responders": [{"type": "team", "id": "«=uuid»"}]
    }
  ],
  "took": 0.«n», "requestId": "«=uuid»"
}
"""),
    Template("json", "«?responses/statuspage-summary.json¦status/summary.json»", r"""
{
  "page": {"id": "«=page_id#p»", "name": "«sub»", "url": "https://status.«domain»", "updated_at": "«day»T«time»Z"},
  "components": [
    {"id": "«=page_id»", "name": "«svc»", "status": "operational", "page_id": "«=page_id#p»", "group_id": "«=page_id»"},
    {"id": "«=page_id»", "name": "«svc#2»", "status": "degraded_performance", "page_id": "«=page_id#p»", "group_id": null}
  ],
  "incidents": [{"id": "«=page_id»", "shortlink": "https://stspg.io/«=hex12»", "incident_updates": [{"id": "«=page_id»"}]}]
}
"""),
    Template("json", "«?events/sns.json¦lambda/events/sns-event.json¦samples/sns-lambda.json»", r"""
{
  "Records": [
    {
      "EventSource": "aws:sns",
      "EventVersion": "1.0",
      "EventSubscriptionArn": "arn:aws:sns:«region»:{{{accountId}}}:ExampleTopic",
      "Sns": {
        "Type": "Notification",
        "MessageId": "«=uuid»",
        "TopicArn": "arn:aws:sns:«region»:«=account»:«topic»",
        "Subject": "ALARM",
        "Message": "{\"AlarmName\":\"«svc»\",\"AWSAccountId\":\"«=account»\"}",
        "Timestamp": "«day»T«time».000Z",
        "SignatureVersion": "1",
        "Signature": "«=signature»",
        "SigningCertUrl": "https://sns.«region».amazonaws.com/SimpleNotificationService-«=hex32».pem",
        "UnsubscribeUrl": "EXAMPLE"
      }
    }
  ]
}
"""),
    Template("json", "«?audit/cloudtrail.json¦events/assumed-role.json»", r"""
{
  "eventVersion": "1.09",
  "userIdentity": {
    "type": "AssumedRole",
    "principalId": "«=aroa#r»:pagerduty-automation",
    "arn": "arn:aws:sts::«=account#a»:assumed-role/pagerduty-automation/session",
    "accountId": "«=account#a»",
    "sessionContext": {"sessionIssuer": {"type": "Role", "principalId": "«=aroa#r»", "arn": "arn:aws:iam::«=account#a»:role/pagerduty-automation"}}
  },
  "eventName": "Publish",
  "requestParameters": {"topicArn": "arn:aws:sns:«region»:«=account#a»:«topic»"},
  "responseElements": {"messageId": "«=uuid»"},
  "requestID": "«=uuid»",
  "eventID": "«=uuid»"
}
"""),
    Template("json", "«?policies/bucket.json¦iam/«svc»-policy.json»", r"""
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Deny",
      "Principal": "*",
      "Action": "sns:Publish",
      "Resource": "arn:aws:sns:«region»:«=account»:«topic»",
      "Condition": {"StringNotLike": {"aws:userId": ["«=aroa»:*", "«=aida»", "«=anpa»", "«=account»"]}}
    },
    {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:«region»:«=account»:key/«=uuid»"}
  ]
}
"""),
    Template("json", "«?slack/event.json¦samples/slack-event-callback.json»", r"""
{
  "team_id": "«=slack_team»",
  "api_app_id": "«=slack_application»",
  "event": {
    "type": "message",
    "user": "«=slack_person»",
    "text": "PagerDuty incident <https://«sub».pagerduty.com/incidents/«=pd_incident»|«=pd_incident»>",
    "ts": "«=slack_ts»",
    "channel": "«=slack_channel»",
    "client_msg_id": "«=uuid»"
  },
  "event_id": "Ev0«=pd_incident»",
  "event_time": «=epoch»,
  "headers": {"X-Slack-Signature": "v0=«=hex64»", "X-Slack-Request-Timestamp": "«=epoch»"}
}
"""),
    Template("csv", "«?reports/incidents-«day».csv¦data/pagerduty_incidents.csv»", r"""
id,incident_number,incident_key,service_id,service_name,created_on,resolved_by
«=pd_incident»,«=num»,«=hex32»,«=pd_id»,«svc»,«day»T«time»Z,«user»
«=pd_incident»,«=num»,«=hex32»,«=pd_id»,«svc#2»,«day»T«time»Z,«user#2»
«=pd_incident»,«=num»,«svc»-disk-«n»,«=pd_id»,«svc»,«day»T«time»Z,
«=pd_incident»,«=num»,«=hex32»,«=pd_id»,«svc#3»,«day»T«time»Z,auto
"""),
    Template("csv", "«?analytics/pendo_visitors.csv¦exports/visitors.csv»", r"""
visitor_id,account_id,pendo_app_id,first_visit,last_page
«=uuid»,«=uuid»,-323232,«day»,/dashboard
«=uuid»,«=uuid»,-323232,«day»,/settings/integrations
«=uuid»,«=uuid»,-323232,«day»,/incidents/«=pd_incident»
«=uuid»,«=uuid»,-323232,«day»,/billing
"""),
    Template("log", "«?logs/relay.log¦var/log/pd-bridge.log¦output.log»", r"""
«day» «time» INFO  pagerduty relay started, routing key ****«=mask4», build «=hex40»
«day» «time» INFO  X-PagerDuty-Signature ok: v1=«=hex64»
«day» «time» DEBUG enqueue 202 dedup_key=«=hex32» request_id=«=hex32»
«day» «time» DEBUG Authorization: Token token=«?***¦[REDACTED]¦********************»
«day» «time» WARN  401 from api.pagerduty.com, X-Request-Id «=uuid»
«day» «time» INFO  alert_key «=hex32» -> incident «=pd_incident» (service «=pd_id»)
"""),
    Template("log", "«?ci/terraform-plan.txt¦logs/apply.log»", r"""
  # pagerduty_service_integration.«svc» will be created
  + resource "pagerduty_service_integration" "«svc»" {
      + id                = (known after apply)
      + integration_email = (known after apply)
      + integration_key   = (sensitive value)
      + service           = "«=pd_id»"
    }
  ~ resource "aws_sns_topic_subscription" "pd" {
        id       = (sensitive value)
      ~ endpoint = (sensitive value)
    }
Plan: 1 to add, 1 to change, 0 to destroy. Saved to plan-«=hex12»
"""),
    Template("digest", "«?SHA256SUMS¦checksums.txt¦dist/pdagent.sha256»", r"""
«=hex64»  pdagent_1.«n»_all.deb
«=hex64»  pdagent-integrations_1.«n».rpm
«=hex64»  pagerduty-mcp-«ver».tar.gz
«=hex64»  rundeck-5.«n».war
"""),
    Template("digest", "«?MD5SUMS¦pagerduty/files.md5¦debian/md5sums»", r"""
«=hex32»  usr/share/pdagent/bin/pd-send
«=hex32»  usr/share/pdagent-integrations/bin/pd-nagios
«=hex32»  etc/pdagent.conf
«=hex32»  usr/share/doc/pagerduty/routing_key.txt
"""),
    Template("text", "«?datasets/index.txt¦annex/listing.txt»", r"""
incidents-2024.parquet -> ../.git/annex/objects/«?Xk/9q¦fW/0z¦8m/Qv»/MD5E-s«=bignum»--«=hex32».parquet/MD5E-s«=bignum»--«=hex32».parquet
pagerduty-log-entries.csv -> ../.git/annex/objects/Gk/1J/SHA256E-s«=bignum»--«=hex64».csv
onboarding.mp4 https://youtu.be/«=youtube»
handover.mp4 https://www.youtube.com/watch?v=«=youtube»&list=PL«=hexupper32»
"""),
    Template("pem", "«?certs/sns-signing.pem¦keys/pagerduty-webhook-public.pem¦tls/ca.crt»", r"""
«?-----BEGIN CERTIFICATE-----
«=pem»
-----END CERTIFICATE-----¦-----BEGIN PUBLIC KEY-----
«=pem»
-----END PUBLIC KEY-----»
"""),
    Template("text", "«?.ssh/known_hosts¦ansible/files/known_hosts¦rundeck/authorized_keys»", r"""
rundeck.«domain» ssh-ed25519 «=openssh»
|1|«=b64_16»|«=b64_16» ssh-ed25519 «=openssh»
ssh-ed25519 «=openssh» rundeck@«domain»
"""),
    Template("text", "«?config/credentials.yml.enc¦secrets/pagerduty.enc¦config/credentials/production.yml.enc»", r"""
«?«=signature»--«=b64_16»--«=b64_16»¦«=salted»»
"""),
    Template("text", "«?.sops.yaml¦.age-recipients»", r"""
creation_rules:
  - path_regex: secrets/pagerduty.*\.yaml$
    age: >-
      «=age_recipient»,
      «=age_recipient»
    kms: arn:aws:kms:«region»:«=account»:key/«=uuid»
"""),
    Template("json", "«?alerts/alertmanager-api.json¦samples/alerts.json»", r"""
[
  {
    "fingerprint": "«=hex16»",
    "labels": {"alertname": "HighLatency", "service": "«svc»", "team": "«team»", "pagerduty_service": "«=pd_id»"},
    "receivers": [{"name": "pagerduty-«team»"}],
    "status": {"state": "active", "silencedBy": ["«=uuid»"], "inhibitedBy": []},
    "generatorURL": "https://prometheus.«domain»/graph?g0.expr=up&g0.tab=1",
    "annotations": {"dedup_key": "«=hex32»", "runbook": "https://wiki.«domain»/x/«=hex12»"}
  }
]
"""),
    Template("json", "«?i18n/en.json¦locales/en/integrations.json»", r"""
{
  "integrations.pagerduty.title": "PagerDuty",
  "integrations.pagerduty.routing_key": "Routing key",
  "integrations.pagerduty.routing_key_help": "The integration key has 32 characters",
  "integrations.pagerduty.api_token": "REST API token",
  "integrations.pagerduty.api_token_placeholder": "y_XXXXXXXXXXXXXXXXXX",
  "integrations.slack.webhook_placeholder": "https://hooks.slack.com/services/T.../B.../...",
  "integrations.opsgenie.api_key": "Opsgenie API key (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)",
  "_hash": "«=hex32»"
}
"""),
    Template("text", "«?schema.graphql¦proto/pagerduty.proto»", r"""
«?type PagerDutyIntegration {
  id: ID!
  routingKey: String! @sensitive
  apiToken: String
  serviceId: String # such as «=pd_id»
  dedupKey: String # such as «=hex32»
}¦syntax = "proto3";
package «sub».pagerduty.v1;

message Event {
  string routing_key = 1; // 32 characters
  string dedup_key = 2;   // e.g. «=hex32»
  string service_id = 3;  // e.g. «=pd_id»
}»
"""),
    Template("json", "«?postman/collection.json¦docs/PagerDuty.postman_collection.json»", r"""
{
  "info": {"_postman_id": "«=uuid»", "name": "PagerDuty", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
  "item": [
    {
      "name": "list services",
      "request": {
        "method": "GET",
        "header": [{"key": "Authorization", "value": "Token token={{pd_api_key}}"}],
        "url": "https://api.pagerduty.com/services/«=pd_id»"
      }
    }
  ],
  "variable": [{"key": "routing_key", "value": "«?{{vault:pd}}¦¦<routing key>»"}, {"key": "page_id", "value": "«=page_id»"}]
}
"""),
    Template("log", "«?git-log.txt¦docs/history.txt»", r"""
commit «=hex40»
Author: «user» <«user»@«domain»>
Date:   «day» «time» +0000

    Remove the PagerDuty routing key from values.yaml, it is rotated

commit «=hex40»
Merge: «=hex7» «=hex7»
Author: «user#2» <«user#2»@«domain»>

    pagerduty: read the api key from Vault (PD-«=num»)
"""),
    Template("json", "«?responses/users.json¦samples/oncalls.json»", r"""
{
  "oncalls": [
    {
      "user": {"id": "«=pd_id»", "type": "user_reference", "summary": "«user»", "html_url": "https://«sub».pagerduty.com/users/«=pd_id»"},
      "schedule": {"id": "«=pd_id»", "type": "schedule_reference"},
      "escalation_policy": {"id": "«=pd_id»"},
      "avatar_url": "https://secure.gravatar.com/avatar/«=hex32».png?d=mm&r=PG",
      "contact_methods": [{"id": "«=pd_id»", "address": "«user»@«domain»"}]
    }
  ],
  "limit": 100, "more": false
}
"""),
    Template("markdown", "«?docs/aws.md¦docs/sns-pagerduty.md»", r"""
# CloudWatch to PagerDuty

Credentials in the examples are those of the AWS documentation:

    aws_access_key_id = «=ex_aws_id»
    aws_secret_access_key = «=ex_aws_secret»

Status pages answer to `Authorization: OAuth «=ex_statuspage»` and Rundeck to
`X-Rundeck-Auth-Token: «=ex_rundeck»`, if one believes their manuals.

Subscribe `https://events.pagerduty.com/integration/[YOUR_INTEGRATION_KEY_HERE]/enqueue` to
`arn:aws:sns:«region»:«=account»:«topic»`. The role is `«=aroa»`, the hosted zone `«=hostedzone»`.
Questions: «?support¦sales»@pagerduty.com or «user»@«domain».
"""),
)
