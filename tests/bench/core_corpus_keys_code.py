"""Key files in programming languages: SDK calls, constructors, defaults of environment look-ups, request headers."""

from core_corpus_text import Template

# The texts are the files: their lines are as long as they are.
# ruff: noqa: E501, Q001
# fmt: off

TEMPLATES = (
    Template("python", "«?src/«svc»/oncall.py¦oncall.py¦scripts/who_is_oncall.py»", r'''
"""Prints who is on call."""
«?from pagerduty import RestApiV2Client

client = RestApiV2Client("«!pd_rest»")¦import pagerduty

client = pagerduty.RestApiV2Client(api_key="«!pd_rest»", default_from="«user»@«domain»")¦import pdpyras

client = pdpyras.APISession('«!pd_rest»', default_from='«user»@«domain»')¦from pdpyras import APISession

API_TOKEN = "«!pd_rest»"
client = APISession(API_TOKEN)»
SCHEDULE = "«=pd_id»"

for oncall in client.iter_all("oncalls", params={"schedule_ids[]": [SCHEDULE]}):
    print(oncall["user"]["summary"], oncall["escalation_level"])
'''),
    Template("python", "«?alerts/notify.py¦lib/pager.py¦«team»/alerting.py»", r'''
import hashlib
import logging

«?from pagerduty import EventsApiV2Client

events = EventsApiV2Client("«!pd_events»")¦import pdpyras

events = pdpyras.EventsAPISession("«!pd_events»")¦from pdpyras import ChangeEventsAPISession

events = ChangeEventsAPISession('«!pd_events»')»
log = logging.getLogger(__name__)


def page(summary: str, source: str = "«svc»") -> str:
    dedup_key = hashlib.md5(summary.encode()).hexdigest()
    log.info("paging with %s", dedup_key)
    return events.trigger(summary, source, dedup_key=dedup_key)
'''),
    Template("python", "«?app/settings.py¦config/settings.py¦«svc»/config.py»", r'''
import os

DEBUG = os.getenv("DEBUG", "0") == "1"
DATABASE_URL = os.environ["DATABASE_URL"]
«?PAGERDUTY_API_KEY = os.getenv("PAGERDUTY_API_KEY", "«!pd_rest»")¦PAGERDUTY_ROUTING_KEY = os.environ.get("PAGERDUTY_ROUTING_KEY", "«!pd_events»")»
«?SLACK_WEBHOOK_URL = os.environ.get("SLACK_WEBHOOK_URL") or "«!slack_hook»"¦SLACK_TOKEN = config("SLACK_TOKEN", default="«!slack_bot»")¦STATUSPAGE_API_KEY = os.getenv("STATUSPAGE_API_KEY", "«!statuspage»")»
CELERY_TASK_DEFAULT_ROUTING_KEY = "task.«svc»"
CELERY_BROKER_URL = os.environ["BROKER_URL"]
'''),
    Template("python", "«?tools/pd_report.py¦scripts/incidents_to_csv.py»", r'''
import csv
import sys

import requests

HEADERS = {
    "Accept": "application/vnd.pagerduty+json;version=2",
    "Authorization": "Token token=«!pd_rest»",
    "Content-Type": "application/json",
}


def incidents(since: str):
    offset = 0
    while True:
        params = {"since": since, "limit": 100, "offset": offset}
        answer = requests.get("https://api.«?¦eu.»pagerduty.com/incidents", headers=HEADERS, params=params, timeout=30)
        answer.raise_for_status()
        yield from answer.json()["incidents"]
        if not answer.json()["more"]:
            return
        offset += 100


writer = csv.writer(sys.stdout)
for incident in incidents("«day»"):
    writer.writerow([incident["id"], incident["incident_key"], incident["title"]])
'''),
    Template("python", "«?lambda_function.py¦lambdas/forwarder/handler.py¦functions/alert/main.py»", r'''
import json
import urllib.request

ENDPOINT = "https://events.pagerduty.com/«?v2/enqueue¦generic/2010-04-15/create_event.json»"


def handler(event, context):
    for record in event["Records"]:
        message = json.loads(record["Sns"]["Message"])
        body = {
            "«?routing_key¦service_key»": "«!pd_events»",
            "event_action": "trigger",
            "dedup_key": record["Sns"]["MessageId"],
            "payload": {"summary": message["AlarmName"], "source": "«svc»", "severity": "critical"},
        }
        request = urllib.request.Request(ENDPOINT, json.dumps(body).encode(), {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10)
'''),
    Template("python", "«?bot.py¦slackbot/main.py¦chatops/app.py»", r'''
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

app = App(token="«!slack_bot»", signing_secret="«!slack_signing»")


@app.command("/oncall")
def oncall(ack, respond, command):
    ack()
    respond(f"<@«=slack_person»> is on call for «svc» in <#«=slack_channel»>")


if __name__ == "__main__":
    SocketModeHandler(app, "«!slack_app»").start()
'''),
    Template("python", "«?bot/main.py¦discord_bot.py»", r'''
import discord
from discord.ext import commands

GUILD = «=snowflake»
ALERTS = «=snowflake»

bot = commands.Bot(command_prefix="!", intents=discord.Intents.default())


@bot.event
async def on_ready():
    channel = bot.get_channel(ALERTS)
    await channel.send(f"{bot.user} is back")


bot.run("«!discord_bot»")
'''),
    Template("python", "«?etl/pendo_export.py¦analytics/pendo.py»", r'''
import requests

«?KEY¦PENDO_KEY¦INTEGRATION_KEY» = "«!pendo#k»"
HEADERS = {"content-type": "application/json", "x-pendo-integration-key": "«!pendo#k»"}
PIPELINE = {
    "response": {"mimeType": "application/json"},
    "request": {"pipeline": [{"source": {"visitors": None}}, {"limit": «n»}]},
}

reply = requests.post("https://app.pendo.io/api/v1/aggregation", headers=HEADERS, json=PIPELINE, timeout=60)
reply.raise_for_status()
print(len(reply.json()["results"]))
'''),
    Template("python", "«?integrations/status.py¦status/post_incident.py»", r'''
import requests

PAGE_ID = "«=page_id»"
API = f"https://api.statuspage.io/v1/pages/{PAGE_ID}"


def post_incident(name: str, body: str, components: list[str]) -> str:
    reply = requests.post(
        f"{API}/incidents.json",
        headers={"Authorization": "OAuth «!statuspage»"},
        json={"incident": {"name": name, "status": "investigating", "body": body, "component_ids": components}},
        timeout=15,
    )
    return reply.json()["id"]


if __name__ == "__main__":
    post_incident("Delays in «svc»", "We are looking into it.", ["«=page_id»"])
'''),
    Template("python", "«?snow/client.py¦tickets/servicenow.py»", r'''
import pysnow
import requests

INSTANCE = "«sub»"
client = pysnow.Client(instance=INSTANCE, user="«?svc.pagerduty¦api_incidents»", password="«!snow_password#p»")


def assignment_groups() -> list[dict]:
    url = f"https://{INSTANCE}.service-now.com/api/now/table/sys_user_group"
    return requests.get(url, params={"sysparm_limit": 10}, timeout=20).json()["result"]
'''),
    Template("go", "«?main.go¦cmd/oncall/main.go¦internal/pager/client.go»", r"""
package main

import (
	"context"
	"fmt"

	"github.com/PagerDuty/go-pagerduty"
)

«?const authtoken = "«!pd_rest»"

func newClient() *pagerduty.Client { return pagerduty.NewClient(authtoken) }¦func newClient() *pagerduty.Client {
	return pagerduty.NewClient("«!pd_rest»")
}¦func newClient() *pagerduty.Client {
	return pagerduty.NewOAuthClient("«!pd_oauth»")
}»

func main() {
	client := newClient()
	opts := pagerduty.ListEscalationPoliciesOptions{Limit: «n»}
	eps, err := client.ListEscalationPoliciesWithContext(context.Background(), opts)
	if err != nil {
		panic(err)
	}
	for _, p := range eps.EscalationPolicies {
		fmt.Println(p.Name, p.ID)
	}
}
"""),
    Template("go", "«?internal/alert/pagerduty.go¦pkg/notify/pd.go»", r"""
package alert

import (
	"context"
	"time"

	"github.com/PagerDuty/go-pagerduty"
)

// Page opens an incident for «svc».
func Page(ctx context.Context, summary, dedup string) error {
	event := pagerduty.V2Event{
		RoutingKey: "«!pd_events»",
		Action:     "trigger",
		DedupKey:   dedup,
		Payload: &pagerduty.V2Payload{
			Summary:   summary,
			Source:    "«svc»",
			Severity:  "critical",
			Timestamp: time.Now().Format(time.RFC3339),
		},
	}
	_, err := pagerduty.ManageEventWithContext(ctx, event)
	return err
}
"""),
    Template("go", "«?internal/aws/session.go¦pkg/storage/s3.go»", r"""
package storage

import (
	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/session"
)

var bucket = "«sub»-«svc»"

func New() *session.Session {
	return session.Must(session.NewSession(&aws.Config{
		Region:      aws.String("«region»"),
		Credentials: credentials.NewStaticCredentials("«%aws_id»", "«!aws_secret»", ""),
	}))
}
"""),
    Template("javascript", "«?src/pagerduty.js¦lib/alert.js¦server/oncall.js»", r"""
«?const { api } = require('@pagerduty/pdjs');

const pd = api({ token: '«!pd_rest»' });

async function services() {
  const { resource } = await pd.get('/services');
  return resource.map((s) => s.name);
}¦const { event } = require('@pagerduty/pdjs');

function services() {
  return event({
    data: {
      routing_key: '«!pd_events»',
      event_action: 'trigger',
      dedup_key: '«=hex32»',
      payload: { summary: '«svc» is down', source: 'monitor', severity: 'error' },
    },
  });
}»

module.exports = { services };
"""),
    Template("javascript", "«?src/config.js¦config/index.js¦server/config/default.js»", r"""
module.exports = {
  env: process.env.NODE_ENV || 'development',
  port: Number(process.env.PORT) || 3000,
%%  pagerdutyKey: process.env.PAGERDUTY_«?ROUTING¦INTEGRATION¦SERVICE»_KEY «?||¦??» '«!pd_events»',
%%  slackWebhook: process.env.SLACK_WEBHOOK_URL || "«!slack_hook»",
%%  sessionSecret: process.env.SESSION_SECRET,
  commit: '«=hex40»',
};
"""),
    Template("typescript", "«?src/lib/pagerduty.ts¦apps/api/src/alerts.ts¦src/services/incident.service.ts»", r"""
import axios from 'axios';

const client = axios.create({
  baseURL: 'https://api.pagerduty.com',
  headers: {
    Accept: 'application/vnd.pagerduty+json;version=2',
    Authorization: '«?Token token=«!pd_rest»¦Bearer «!pd_oauth»¦Token token=«!pd_rest»»',
    From: '«user»@«domain»',
  },
});

export interface Incident { id: string; incident_key: string; status: 'triggered' | 'acknowledged' | 'resolved' }

export async function acknowledge(id: string): Promise<Incident> {
  const { data } = await client.put(`/incidents/${id}`, { incident: { type: 'incident_reference', status: 'acknowledged' } });
  return data.incident;
}
"""),
    Template("typescript", "«?src/sidecar/events.ts¦packages/alerting/src/index.ts»", r"""
const ROUTING_KEYS: Record<string, string> = {
  «team»: '«!pd_events»',
  «?payments¦checkout¦search»: '«!pd_events»',
};

export async function trigger(team: string, summary: string): Promise<void> {
  await fetch('https://events.pagerduty.com/v2/enqueue', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      routing_key: ROUTING_KEYS[team],
      event_action: 'trigger',
      payload: { summary, source: '«svc»', severity: 'critical' },
    }),
  });
}
"""),
    Template("typescript", "«?__checks__/channels.ts¦checkly/alert-channels.ts»", r"""
import { PagerdutyAlertChannel, SlackAlertChannel } from 'checkly/constructs'

export const pager = new PagerdutyAlertChannel('pd-«svc»', {
  account: '«sub»',
  serviceName: '«svc»',
  serviceKey: '«!pd_events»',
})

export const slack = new SlackAlertChannel('slack-«team»', {
  url: new URL('«!slack_hook»'),
  channel: '#«team»',
})
"""),
    Template("typescript", "«?src/server/track.ts¦functions/pendo-track.ts»", r"""
export async function track(visitorId: string, accountId: string, event: string) {
  const res = await fetch('https://app.pendo.io/data/track', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-pendo-integration-key': '«!pendo_track»',
    },
    body: JSON.stringify({ type: 'track', event, visitorId, accountId, timestamp: Date.now() }),
  });
  if (!res.ok) throw new Error(`pendo: ${res.status}`);
}
"""),
    Template("java", "«?src/main/java/io/«sub»/alerts/Pager.java¦app/src/main/java/com/«sub»/PagerDutyNotifier.java»", r"""
package com.«sub».alerts;

import com.github.dikhan.pagerduty.client.events.PagerDutyEventsClient;
import com.github.dikhan.pagerduty.client.events.domain.*;

public final class Pager {
    private static final String «?ROUTING_KEY¦INTEGRATION_KEY¦SERVICE_KEY» = "«!pd_events»";
    private final PagerDutyEventsClient client = PagerDutyEventsClient.create();

    public void trigger(String summary) throws Exception {
        Payload payload = Payload.Builder.newBuilder()
            .setSummary(summary).setSource("«svc»").setSeverity(Severity.CRITICAL).build();
        client.trigger(TriggerIncident.TriggerIncidentBuilder
            .newBuilder("«!pd_events»", payload)
            .setDedupKey("«svc»/disk")
            .build());
    }
}
"""),
    Template("java", "src/main/java/com/«sub»/«?Oncall¦Roster¦Sync»Job.java", r"""
package com.«sub»;

import java.net.URI;
import java.net.http.*;

public class OncallJob {
    private String token;

    public OncallJob() {
        setPagerDutyToken("«!pd_rest»");
    }

    void setPagerDutyToken(String token) { this.token = token; }

    public String fetch() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://api.pagerduty.com/oncalls?schedule_ids[]=«=pd_id»"))
            .header("Authorization", "Token token=" + token)
            .header("Accept", "application/vnd.pagerduty+json;version=2")
            .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
}
"""),
    Template("kotlin", "src/main/kotlin/«sub»/«?Alerts¦Notifier¦Paging».kt", r"""
package «sub»

import com.slack.api.Slack

class Notifier(
    private val slackToken: String = System.getenv("SLACK_TOKEN") ?: "«!slack_bot»",
    private val routingKey: String = "«!pd_events»", // PagerDuty, «team»
) {
    private val methods = Slack.getInstance().methods(slackToken)

    fun tell(text: String) = methods.chatPostMessage { it.channel("«=slack_channel»").text(text) }
}
"""),
    Template("csharp", "src/«?PagerDutyClient¦Alerting¦OnCallService».cs", r"""
using System.Net.Http;
using System.Net.Http.Headers;

namespace «?Northgate¦Ops¦Internal».Alerting;

public sealed class PagerDutyClient
{
    private const string «?ApiKey¦PagerDutyToken¦ApiToken» = "«!pd_rest#k»";
    private readonly HttpClient _http = new() { BaseAddress = new Uri("https://api.pagerduty.com/") };

    public PagerDutyClient()
    {
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Token", $"token={«?"«!pd_rest#k»"¦"«!pd_rest#k»"»}");
        _http.DefaultRequestHeaders.Add("From", "«user»@«domain»");
    }

    public Task<string> ServiceAsync(string id = "«=pd_id»") => _http.GetStringAsync($"services/{id}");
}
"""),
    Template("csharp", "src/«?TeamsNotifier¦Startup¦WebhookSender».cs", r"""
using System.Text;
using System.Text.Json;

public class TeamsNotifier
{
    private static readonly Guid TenantId = Guid.Parse("«=uuid»");
    private readonly string _webhook = Environment.GetEnvironmentVariable("TEAMS_WEBHOOK")
        ?? "«?«!teams_hook»¦«!logic_app»»";

    public async Task SendAsync(HttpClient http, string title, string text)
    {
        var card = JsonSerializer.Serialize(new { title, text, correlationId = Guid.NewGuid() });
        await http.PostAsync(_webhook, new StringContent(card, Encoding.UTF8, "application/json"));
    }
}
"""),
    Template("ruby", "«?lib/pager.rb¦app/services/pager.rb¦config/initializers/pagerduty.rb»", r"""
# frozen_string_literal: true

require 'pagerduty'

«?PAGERDUTY = Pagerduty.build(integration_key: '«!pd_events»', api_version: 2)¦PAGERDUTY = Pagerduty.build(
  :integration_key => ENV.fetch('PAGERDUTY_KEY', '«!pd_events»'),
  :api_version => 2
)¦PAGERDUTY = Pagerduty.new('«!pd_events»')»

def page!(summary)
  PAGERDUTY.trigger(
    summary: summary,
    source: '«svc»',
    severity: 'critical'
  )
end
"""),
    Template("ruby", "«?bin/oncall.rb¦lib/tasks/pagerduty.rake¦scripts/export.rb»", r"""
require 'faraday'
require 'json'

conn = Faraday.new(url: 'https://api.pagerduty.com')
response = conn.get('/users') do |req|
  req.headers['Accept'] = 'application/vnd.pagerduty+json;version=2'
  req.headers['Authorization'] = "Token token=«!pd_rest»"
  req.params['team_ids[]'] = '«=pd_id»'
end
JSON.parse(response.body)['users'].each { |u| puts "#{u['id']} #{u['email']}" }
"""),
    Template("php", "«?config/services.php¦src/Alert.php¦app/Config/alerting.php»", r"""
<?php

return [
    'mailgun' => ['domain' => env('MAILGUN_DOMAIN'), 'secret' => env('MAILGUN_SECRET')],
    'pagerduty' => [
        'routing_key' => «?env('PAGERDUTY_KEY', '«!pd_events»')¦'«!pd_events»'»,
        'source' => '«svc»',
    ],
    'slack' => [
        'webhook_url' => «?env('SLACK_WEBHOOK')¦'«!slack_hook»'»,
    ],
    'opsgenie' => ['api_key' => getenv('OPSGENIE_KEY') ?: '«!opsgenie»'],
];
"""),
    Template("rust", "«?src/main.rs¦src/notify.rs¦crates/alerts/src/lib.rs»", r"""
use serde_json::json;

const PAGERDUTY_ROUTING_KEY: &str = "«!pd_events»";

pub async fn page(http: &reqwest::Client, summary: &str) -> reqwest::Result<()> {
    let webhook = std::env::var("DISCORD_WEBHOOK").unwrap_or_else(|_| "«!discord_hook»".to_string());
    http.post(&webhook).json(&json!({ "content": summary })).send().await?;
    http.post("https://events.pagerduty.com/v2/enqueue")
        .json(&json!({
            "routing_key": PAGERDUTY_ROUTING_KEY,
            "event_action": "trigger",
            "payload": { "summary": summary, "source": "«svc»", "severity": "error" }
        }))
        .send()
        .await?;
    Ok(())
}
"""),
    Template("groovy", "«?Jenkinsfile¦ci/Jenkinsfile¦pipelines/«svc».jenkinsfile»", r"""
pipeline {
    agent any
    environment {
        REGISTRY = 'registry.«domain»'
        PAGERDUTY_«?INTEGRATION_KEY¦ROUTING_KEY» = '«!pd_events»'
        DEPLOY_KEY = credentials('deploy-key')
    }
    stages {
        stage('Build') { steps { sh 'make build TAG=$GIT_COMMIT' } }
        stage('Run job') {
            steps {
                sh "curl -fsS -H 'X-Rundeck-Auth-Token: «!rundeck»' https://rundeck.«domain»/api/41/job/«=uuid»/run -X POST"
            }
        }
    }
    post {
        failure { slackSend channel: '#«team»', message: "failed: ${env.BUILD_URL}" }
    }
}
"""),
    Template("groovy", "«?vars/pagerduty.groovy¦ci/notify.groovy»", r"""
def call(Map args = [:]) {
    pagerduty(
        resolve: args.resolve ?: false,
        «?serviceKey¦routingKey»: '«!pd_events»',
        incidentKey: '«=hex32»',
        incDescription: "${env.JOB_NAME} ${currentBuild.currentResult}"
    )
}
"""),
    Template("javascript", "«?kapacitor/«svc».tick¦ticks/cpu_alert.tick»", r"""
var period = «n»m
stream
    |from()
        .measurement('cpu')
        .groupBy('host')
    |window()
        .period(period)
        .every(1m)
    |alert()
        .crit(lambda: "usage_idle" < 10)
        .message('{{ .ID }} is {{ .Level }}')
        .«?pagerDuty2()
        .routingKey('«!pd_events»')¦pagerDuty()
        .serviceKey('«!pd_events»')»
        .slack()
        .channel('#«team»')
"""),
    Template("javascript", "«?cypress/support/report.js¦scripts/notify-chat.mjs¦.github/scripts/notify.js»", r"""
import process from 'node:process';

const url = process.env.CHAT_WEBHOOK || '«?«!gchat_hook»¦«!discord_hook»¦«!slack_trigger»¦«!teams_hook»»';

const body = { text: `Build ${process.env.GITHUB_RUN_NUMBER}: ${process.argv[2]}` };
const res = await fetch(url, {
  method: 'POST',
  headers: { 'content-type': 'application/json; charset=UTF-8' },
  body: JSON.stringify(body),
});
console.log(res.status, '«=hex40»');
"""),
    Template("python", "«?ops/rundeck.py¦remediation/run_job.py»", r'''
import requests

RUNDECK = "https://rundeck.«domain»/api/41"
JOB = "«=uuid»"
«?session = requests.Session()
session.headers.update({"X-Rundeck-Auth-Token": "«!rundeck»", "Accept": "application/json"})

session.post(f"{RUNDECK}/job/{JOB}/run", json={"options": {"host": "«ip»"}}).raise_for_status()¦requests.post("«!rundeck_hook»", json={"host": "«ip»"}, timeout=10).raise_for_status()¦requests.get(f"{RUNDECK}/system/info", params={"authtoken": "«!rundeck»"}, timeout=10).raise_for_status()»
'''),
    Template("python", "«?webhooks/receiver.py¦app/pd_webhook.py»", r'''
import hashlib
import hmac

from flask import Flask, abort, request

app = Flask(__name__)
PAGERDUTY_WEBHOOK_SECRET = "«!pd_webhook_secret»"


@app.post("/pagerduty")
def receive():
    expected = hmac.new(PAGERDUTY_WEBHOOK_SECRET.encode(), request.data, hashlib.sha256).hexdigest()
    signatures = request.headers["X-PagerDuty-Signature"].split(",")
    if not any(hmac.compare_digest(f"v1={expected}", s) for s in signatures):
        abort(401)
    return "", 204
'''),
)
