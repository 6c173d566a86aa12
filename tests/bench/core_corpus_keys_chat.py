"""Key files around chat rooms, product analytics and lone key ids: the kinds that the other modules hold too few of."""

from core_corpus_text import Template

# The texts are the files: their lines are as long as they are.
# ruff: noqa: E501
# fmt: off

TEMPLATES = (
    Template("python", "«?notify/gchat.py¦scripts/chat_card.py¦airflow/plugins/chat.py»", r'''
"""Posts failed runs of «svc» to a chat room."""
import requests

WEBHOOK = "«?«!gchat_hook»¦«!teams_hook»¦«!logic_app»¦«!gchat_hook»»"


def on_failure(context: dict) -> None:
    run = context["dag_run"]
    text = f"*{run.dag_id}* failed at {run.execution_date}, try {context['try_number']}"
    requests.post(WEBHOOK, json={"text": text}, timeout=10)
'''),
    Template("yaml", "«?flux/alerts.yaml¦clusters/«cluster»/notifications.yaml»", r"""
apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Provider
metadata:
  name: chat
  namespace: flux-system
spec:
  type: «?googlechat
  address: «!gchat_hook»¦msteams
  address: «!teams_hook»¦discord
  address: «!discord_hook»¦slack
  address: «!slack_hook»»
---
apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Alert
metadata:
  name: chat-alert
  namespace: flux-system
spec:
  providerRef: {name: chat}
  eventSeverity: error
  eventSources: [{kind: Kustomization, name: '*'}]
"""),
    Template("json", "«?n8n/workflow.json¦automation/flows/notify.json»", r"""
{
  "name": "«svc» to chat",
  "nodes": [
    {
      "id": "«=uuid»",
      "name": "HTTP Request",
      "type": "n8n-nodes-base.httpRequest",
      "parameters": {"method": "POST", "url": "«?«!logic_app»¦«!gchat_hook»¦«!slack_trigger»¦«!rundeck_hook»»", "sendBody": true},
      "position": [460, 300]
    },
    {"id": "«=uuid»", "name": "Webhook", "type": "n8n-nodes-base.webhook", "webhookId": "«=uuid»", "parameters": {"path": "«svc»"}}
  ],
  "meta": {"instanceId": "«=hex64»"}
}
"""),
    Template("terraform", "«?teams.tf¦terraform/azure/logic_app.tf¦chat.tf»", r"""
resource "azurerm_monitor_action_group" "chat" {
  name                = "chat-«team»"
  resource_group_name = "rg-«svc»"
  short_name          = "chat"

  webhook_receiver {
    name        = "teams"
    service_uri = "«?«!logic_app»¦«!teams_hook»»"
  }
}
"""),
    Template("javascript", "«?server/slack.js¦src/app.js¦bolt/index.js»", r"""
const { App } = require('@slack/bolt');

const app = new App({
  token: process.env.SLACK_BOT_TOKEN || '«!slack_bot»',
  appToken: '«!slack_app»',
  socketMode: true,
});

app.message('who is on call', async ({ say }) => {
  await say({ text: '<@«=slack_person»>', channel: '«=slack_channel»' });
});

app.start();
"""),
    Template("properties", "«?slack.properties¦conf/chat.properties¦src/main/resources/slack.properties»", r"""
%%slack.signing-secret=«!slack_signing»
%%slack.client-id=«=slack_client»
%%slack.«?user-token=«!slack_user»¦bot-token=«!slack_bot»¦app-token=«!slack_app»»
%%slack.team=«=slack_team»
"""),
    Template("typescript", "«?src/bot.ts¦apps/discord/src/index.ts»", r"""
import { Client, GatewayIntentBits, WebhookClient } from 'discord.js';

const GUILD_ID = '«=snowflake»';
const client = new Client({ intents: [GatewayIntentBits.Guilds] });
export const alerts = new WebhookClient({ url: '«!discord_hook»' });

client.once('ready', () => console.log(`ready in ${GUILD_ID}`));
void client.login(process.env.DISCORD_TOKEN ?? '«!discord_bot»');
"""),
    Template("ruby", "«?app/jobs/pendo_sync_job.rb¦lib/pendo_client.rb»", r"""
require 'net/http'

class PendoClient
  HOST = 'app.pendo.io'

  def visitor(id)
    request = Net::HTTP::Get.new("/api/v1/visitor/#{id}")
    request['x-pendo-integration-key'] = '«!pendo»'
    request['content-type'] = 'application/json'
    Net::HTTP.start(HOST, 443, use_ssl: true) { |http| http.request(request) }
  end
end

PendoClient.new.visitor('«=uuid»') if $PROGRAM_NAME == __FILE__
"""),
    Template("go", "«?internal/pendo/client.go¦pkg/analytics/pendo.go»", r"""
package pendo

import (
	"net/http"
	"strings"
)

«?const integrationKey = "«!pendo»"

func newRequest() *http.Request {
	req, _ := http.NewRequest("GET", "https://app.«?¦eu.»pendo.io/api/v1/metadata/schema/visitor", nil)
	req.Header.Set("x-pendo-integration-key", integrationKey)
	return req
}¦func newRequest(body string) *http.Request {
	req, _ := http.NewRequest("POST", "https://app.pendo.io/data/track", strings.NewReader(body))
	req.Header.Set("X-Pendo-Integration-Key", "«!pendo_track»")
	req.Header.Set("Content-Type", "application/json")
	return req
}»
"""),
    Template("json", "«?postman/pendo.json¦insomnia/pendo-track.json»", r"""
{
  "name": "Pendo «?track¦track events¦server-side track»",
  "request": {
    "method": "POST",
    "header": [
      {"key": "x-pendo-integration-key", "value": "«!pendo_track»", "type": "text"},
      {"key": "content-type", "value": "application/json", "type": "text"}
    ],
    "body": {"mode": "raw", "raw": "{\"type\":\"track\",\"event\":\"import\",\"visitorId\":\"«=uuid»\"}"},
    "url": {"raw": "https://app.pendo.io/data/track", "host": ["app", "pendo", "io"], "path": ["data", "track"]}
  }
}
"""),
    Template("html", "«?views/layout.ejs¦public/status.html¦src/legacy/index.html»", r"""
<!doctype html>
<html>
<head>
  <title>«svc»</title>
  <script>
    pendo.initialize({ apiKey: '«=uuid»', visitor: { id: '«=uuid»' }, account: { id: '«sub»' } });
  </script>
  <script>
    async function oncall() {
      const r = await fetch('https://api.pagerduty.com/oncalls?schedule_ids[]=«=pd_id»', {
        headers: { Authorization: 'Token token=«!pd_rest»', Accept: 'application/vnd.pagerduty+json;version=2' },
      });
      return (await r.json()).oncalls;
    }
  </script>
</head>
<body onload="oncall()"></body>
</html>
"""),
    Template("shell", "«?scripts/refresh-calendar.sh¦cron/ical-sync»", r"""
#!/bin/sh
# copies the shifts of «team» into the wiki
curl -fsS '«!pd_ical»' -o "$TMPDIR/oncall.ics"
grep -c BEGIN:VEVENT "$TMPDIR/oncall.ics"
"""),
    Template("log", "«?logs/aws-debug.log¦audit/access-keys-«day».txt»", r"""
«day» «time» botocore.auth DEBUG CanonicalRequest: POST / content-type:application/x-www-form-urlencoded host:sns.«region».amazonaws.com
«day» «time» botocore.auth DEBUG Authorization: AWS4-HMAC-SHA256 Credential=«?«!aws_id»¦«!aws_temp_id»»/20250314/«region»/sns/aws4_request, SignedHeaders=host;x-amz-date, Signature=«=hex64»
«day» «time» urllib3 DEBUG https://sns.«region».amazonaws.com:443 "POST / HTTP/1.1" 200 299
«day» «time» botocore.parsers DEBUG MessageId «=uuid» RequestId «=uuid»
"""),
    Template("python", "«?sync/pd_oauth.py¦services/token_store.py»", r'''
"""Talks to PagerDuty as a scoped app."""
import requests

CLIENT_ID = "«=uuid»"
«?PAGERDUTY_CLIENT_SECRET = "«!pd_client_secret»"


def token() -> str:
    form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": PAGERDUTY_CLIENT_SECRET,
            "scope": "as_account-us.«sub» incidents.read"}
    return requests.post("https://identity.pagerduty.com/oauth/token", data=form, timeout=10).json()["access_token"]¦SESSION = requests.Session()
SESSION.headers["Authorization"] = "Bearer «?«!pd_oauth»¦«!pd_oauth_legacy»»"


def me() -> dict:
    return SESSION.get("https://api.pagerduty.com/users/me", timeout=10).json()["user"]¦REFRESH_TOKEN = "«!pd_refresh»"


def refresh() -> dict:
    form = {"grant_type": "refresh_token", "client_id": CLIENT_ID, "refresh_token": REFRESH_TOKEN}
    return requests.post("https://identity.pagerduty.com/oauth/token", data=form, timeout=10).json()»
'''),
    Template("yaml", "«?sns/subscriptions.yml¦inventory/sns.yaml¦backup/subscriptions.yml»", r"""
# aws sns list-subscriptions, «day»
subscriptions:
  - arn: arn:aws:sns:«region»:«=account#a»:«topic»:«!sns_subscription»
    protocol: https
    endpoint: «?«!sns_userpass»¦«!pd_ere»»
  - arn: PendingConfirmation
    protocol: email
    endpoint: «user»@«domain»
topics:
  - arn:aws:sns:«region»:«=account#a»:«topic»
"""),
)
