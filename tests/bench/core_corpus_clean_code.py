"""Look-alike files in programming languages: code that handles keys but holds none, and identifiers beside it."""

from core_corpus_text import Template

# The texts are the files: their lines are as long as they are.
# ruff: noqa: E501, Q001
# fmt: off

TEMPLATES = (
    Template("python", "«?src/pager.py¦oncall/client.py¦«svc»/alerts.py»", r'''
import os

«?from pagerduty import RestApiV2Client, EventsApiV2Client

client = RestApiV2Client(os.environ["PAGERDUTY_API_KEY"])
events = EventsApiV2Client(os.environ["PAGERDUTY_ROUTING_KEY"])¦import pdpyras

client = pdpyras.APISession(os.getenv("PD_API_KEY", ""))
events = pdpyras.EventsAPISession(settings.PAGERDUTY_ROUTING_KEY)¦from myvault import read

client = RestApiV2Client(api_key=read("secret/pagerduty", "api_key"))
events = EventsApiV2Client(routing_key)»
ESCALATION_POLICY = "«=pd_id»"
DEFAULT_DEDUP_KEY = "«=hex32»"


def resolve(dedup_key: str = DEFAULT_DEDUP_KEY) -> None:
    events.resolve(dedup_key)
'''),
    Template("python", "«?src/worker.py¦«svc»/tasks.py¦messaging/publisher.py»", r'''
import json

import pika
from celery import Celery

app = Celery("«svc»")
app.conf.task_routes = {"pagerduty.trigger": {"queue": "pager", "routing_key": "pagerduty.trigger.«team»"}}
app.conf.task_default_routing_key = "default_routing_key_for_«svc»"


def publish(channel: pika.channel.Channel, incident: dict) -> None:
    channel.basic_publish(
        exchange="pagerduty",
        routing_key="incident.«svc».acknowledged.high",
        body=json.dumps(incident),
        properties=pika.BasicProperties(correlation_id="«=uuid»"),
    )
'''),
    Template("python", "«?lib/validate.py¦scanner/patterns.py¦tools/redact.py»", r'''
"""Finds PagerDuty keys in configuration and masks them."""
import re

REST_KEY = re.compile(r"^(?:[ue]\+)?[A-Za-z0-9_-]{18,20}$")
ROUTING_KEY = re.compile(r"(?i)routing_key[\"']?\s*[:=]\s*[\"']([0-9a-f]{32}|R[0-9A-Z]{31})")
OAUTH = re.compile(r"pdus\+_[01][A-Z0-9]{6}_[0-9a-f-]{36}")
SLACK = re.compile(r"https://hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{24}")
AWS_ID = re.compile(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def is_routing_key(value: str) -> bool:
    return len(value) == 32 and value.isalnum()


def mask(key: str) -> str:
    return "*" * (len(key) - 4) + key[-4:]
'''),
    Template("python", "tests/«?test_pager.py¦unit/test_events.py¦test_alerts.py»", r'''
from unittest import mock

import pytest

from «?oncall¦alerts¦pager» import Pager


@pytest.fixture
def pager():
    return Pager(api_key="«?fake-api-key¦test-token¦dummy¦not-a-real-key»", routing_key="«?fake-routing-key¦dummy-routing-key¦test_routing_key»")


@pytest.mark.parametrize("key", ["", "short", "x" * 32, "0" * 32, "«?xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx¦00000000000000000000000000000000¦someToken1234567890»"])
def test_rejects(pager, key):
    with pytest.raises(ValueError):
        pager.validate(key)


def test_dedup(pager):
    with mock.patch("requests.post") as post:
        pager.trigger("disk full", dedup_key="«=hex32»")
    assert post.call_args.kwargs["json"]["dedup_key"] == "«=hex32»"
    assert pager.incident_id == "«=pd_incident»"
'''),
    Template("python", "«?src/dedup.py¦alerts/fingerprint.py»", r'''
"""Deduplication of PagerDuty events."""
import hashlib

# sums of the alert texts in use: changing a text opens a new incident
KNOWN = {
    "«svc»: disk": "«=hex32»",
    "«svc»: latency": "«=hex32»",
    "«svc#2»: errors": "«=hex32»",
}


def dedup_key(service_id: str, text: str) -> str:
    return KNOWN.get(text) or hashlib.md5(f"{service_id}/{text}".encode()).hexdigest()


incident_key = KNOWN["«svc»: disk"]
assert dedup_key("«=pd_id»", "«svc»: disk") == incident_key
'''),
    Template("python", "«?migrations/0«n»_pagerduty.py¦db/versions/«=hex12»_add_pagerduty.py»", r'''
"""add pagerduty_integration_key to teams

Revision ID: «=hex12#r»
Revises: «=hex12»
Create Date: «day» «time»
"""
import sqlalchemy as sa
from alembic import op

revision = "«=hex12#r»"
down_revision = "«=hex12»"


def upgrade():
    op.add_column("teams", sa.Column("pagerduty_integration_key", sa.String(length=32), nullable=True))
    op.add_column("teams", sa.Column("pagerduty_service_id", sa.String(14), server_default="«=pd_id»"))
    op.create_index("ix_teams_pagerduty_integration_key", "teams", ["pagerduty_integration_key"])
'''),
    Template("go", "«?internal/pager/client.go¦main.go¦pkg/alert/pd.go»", r"""
package pager

import (
	"context"
	"os"

	"github.com/PagerDuty/go-pagerduty"
)

const (
	serviceID        = "«=pd_id»"
	escalationPolicy = "«=pd_id»"
	defaultAlertKey  = "«=hex32»"
)

func New() *pagerduty.Client { return pagerduty.NewClient(os.Getenv("PAGERDUTY_TOKEN")) }

func Resolve(ctx context.Context, cfg Config) error {
	_, err := pagerduty.ManageEventWithContext(ctx, pagerduty.V2Event{
		RoutingKey: cfg.«?RoutingKey¦PagerDuty.IntegrationKey¦Secrets["routing_key"]»,
		Action:     "resolve",
		DedupKey:   defaultAlertKey,
	})
	return err
}
"""),
    Template("go", "«?internal/queue/amqp.go¦pkg/mq/publish.go»", r"""
package mq

import amqp "github.com/rabbitmq/amqp091-go"

// RoutingKey of the messages that the PagerDuty bridge reads.
const RoutingKey = "pagerduty.incident.«svc».opened"

func Publish(ch *amqp.Channel, body []byte) error {
	return ch.Publish("alerts", RoutingKey, false, false, amqp.Publishing{
		ContentType:   "application/json",
		MessageId:     "«=uuid»",
		CorrelationId: "«=guidhex»",
		Body:          body,
	})
}
"""),
    Template("go", "«?internal/pager/client_test.go¦pkg/sns/verify_test.go»", r"""
package pager

import "testing"

func TestSignature(t *testing.T) {
	header := "v1=«=hex64»,v1=«=hex64»"
	if err := Verify(header, []byte(`{"event":{"id":"01«=pd_incident»"}}`), "«?fake-secret¦test-secret»"); err != nil {
		t.Fatalf("X-PagerDuty-Signature: %v", err)
	}
}

func TestRoutingKeyLength(t *testing.T) {
	for _, key := range []string{"", "fake-routing-key", "R0123456789abcdef"} {
		if ValidRoutingKey(key) {
			t.Errorf("%q must not be valid", key)
		}
	}
}
"""),
    Template("javascript", "«?src/config.js¦server/config/index.js»", r"""
module.exports = {
  pagerduty: {
    apiToken: process.env.PAGERDUTY_API_TOKEN,
    routingKey: process.env.PAGERDUTY_ROUTING_KEY «?|| ''¦?? ''¦|| 'changeme'»,
    serviceId: process.env.PAGERDUTY_SERVICE_ID || '«=pd_id»',
  },
  slack: { channel: process.env.SLACK_CHANNEL || '«=slack_channel»', token: process.env.SLACK_BOT_TOKEN },
  amqp: { routingKey: process.env.AMQP_ROUTING_KEY || '«svc».alerts' },
  build: '«=hex32»',
};
"""),
    Template("html", "«?public/index.html¦src/index.html¦templates/base.html»", r"""
<!doctype html>
<html lang="en">
<head>
  <title>«svc»</title>
  <link rel="stylesheet" href="/assets/app.«=hex20».css" integrity="«=sri»" crossorigin="anonymous">
  <script>
    (function(apiKey){
      (function(p,e,n,d,o){var v,w,x,y,z;o=p[d]=p[d]||{};o._q=o._q||[];
      y=e.createElement(n);y.async=!0;y.src='https://cdn.pendo.io/agent/static/'+apiKey+'/pendo.js';
      z=e.getElementsByTagName(n)[0];z.parentNode.insertBefore(y,z);})(window,document,'script','pendo');
    })('«=uuid»');
    pendo.initialize({ visitor: { id: '«=uuid»' }, account: { id: '«sub»' } });
  </script>
  <script src="https://«=page_id».statuspage.io/embed/script.js"></script>
</head>
<body><div id="root"></div></body>
</html>
"""),
    Template("typescript", "«?src/analytics/pendo.ts¦app/providers/PendoProvider.tsx»", r"""
declare const pendo: { initialize(options: unknown): void; track(name: string, data?: unknown): void };

const PENDO_APP_KEY = '«=uuid#k»';

export function startPendo(user: { id: string; email: string }, account: { id: string }): void {
  const script = document.createElement('script');
  script.src = `https://cdn.«?¦eu.»pendo.io/agent/static/«=uuid#k»/pendo.js`;
  script.onload = () => pendo.initialize({ apiKey: PENDO_APP_KEY, visitor: { id: user.id }, account: { id: account.id } });
  document.head.append(script);
}

export const demoVisitors = ['«=uuid»', '«=uuid»'];
"""),
    Template("kotlin", "app/src/main/java/com/«sub»/«?App¦MainApplication».kt", r"""
package com.«sub»

import android.app.Application
import sdk.pendo.io.Pendo

class App : Application() {
    override fun onCreate() {
        super.onCreate()
        Pendo.setup(this, BuildConfig.PENDO_APP_KEY, null, null)
        Pendo.startSession("«=uuid»", "«sub»", mapOf("plan" to "team"), mapOf("region" to "eu"))
    }
}
"""),
    Template("typescript", "«?src/types/pagerduty.ts¦packages/pd/src/schema.ts»", r"""
import { z } from 'zod';

export const RoutingKey = z.string().length(32).regex(/^[A-Za-z0-9]+$/);
export const ApiToken = z.string().length(20);

export interface Integration {
  id: string;
  integration_key: string;
  integration_email: string | null;
}

export const event = z.object({
  routing_key: RoutingKey,
  dedup_key: z.string().max(255).default('«=hex32»'),
  event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
});

export type IncidentUrgencyRuleT = { type: 'constant'; urgency: 'high' | 'low' };
"""),
    Template("typescript", "«?src/fixtures/users.ts¦test/data/accounts.ts¦mocks/handlers.ts»", r"""
export const accounts = [
  { id: '«=uuid»', name: '«sub»', pendoVisitorId: '«=uuid»', opsgenieTeamId: '«=uuid»' },
  { id: '«=uuid»', name: '«sub#2»', pendoVisitorId: '«=uuid»', opsgenieTeamId: '«=uuid»' },
];

export const incidents = [
  { id: '«=pd_incident»', incident_key: '«=hex32»', service: { id: '«=pd_id»' } },
  { id: '«=pd_incident»', incident_key: '«=hex32»', service: { id: '«=pd_id»' } },
];

export const pushIds = ['«=pushid»', '«=pushid»'];
"""),
    Template("javascript", "«?src/pagerduty/fields.js¦ui/src/components/IntegrationForm.jsx»", r"""
const labels = {
  routing_key: 'Integration key (32 characters)',
  api_token: 'PagerDuty API token',
};

const pagerDutyFields = ['«=word20»', '«=word20»', 'acknowledgeTimeouts_', 'autoResolveTimeoutMs'];

export function IntegrationForm({ value, onChange }) {
  return (
    <form id="pagerduty-integration-form-v2">
      <label>{labels.routing_key}</label>
      <input name="routing_key" type="password" maxLength={32} placeholder="e.g. xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" value={value} onChange={onChange} />
      <a href="https://support.pagerduty.com/docs/services-and-integrations#create-a-generic-events-api-integration">Where do I find it?</a>
    </form>
  );
}
"""),
    Template("java", "src/main/java/com/«sub»/«?PagerDutyConfig¦AlertProperties».java", r"""
package com.«sub»;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Configuration;

@Configuration
public class PagerDutyConfig {
    @Value("${pagerduty.routing-key}")
    private String routingKey;

    @Value("${pagerduty.api-token:}")
    private String apiToken;

    private static final long serialVersionUID = «=bignum»L;
    static final String SERVICE_ID = "«=pd_id»";
    static final String AMQP_ROUTING_KEY = "incident.acknowledged.by.human";

    public String token() {
        return System.getenv("PAGERDUTY_TOKEN");
    }
}
"""),
    Template("csharp", "src/«?PagerDutyOptions¦AlertFunction».cs", r"""
using System.Runtime.InteropServices;

[assembly: Guid("«=uuid»")]

public sealed class PagerDutyOptions
{
    public string RoutingKey { get; set; } = Environment.GetEnvironmentVariable("PAGERDUTY_ROUTING_KEY") ?? string.Empty;
    public string ApiToken => Configuration["PagerDuty:ApiToken"];
    public static readonly Guid CorrelationId = new("«=guidhex»");
    public const string ServiceId = "«=pd_id»";
    public string Etag { get; } = "«=hex32»";
}
"""),
    Template("ruby", "«?config/initializers/pagerduty.rb¦lib/pager.rb»", r"""
Pagerduty.build(
  integration_key: «?ENV.fetch('PAGERDUTY_KEY')¦Rails.application.credentials.dig(:pagerduty, :key)¦ENV['PAGERDUTY_KEY'] || ''»,
  api_version: 2
)
SERVICES = { «team»: '«=pd_id»', web: '«=pd_id»' }.freeze
ASSET_DIGEST = '«=hex32»'
Sneakers.configure(exchange: 'pagerduty', routing_key: 'alerts.«svc».critical')
"""),
    Template("php", "«?config/services.php¦wp-content/plugins/status/config.php»", r"""
<?php

return [
    'pagerduty' => [
        'routing_key' => env('PAGERDUTY_ROUTING_KEY'),
        'token' => env('PAGERDUTY_TOKEN', ''),
        'service' => '«=pd_id»',
    ],
    'statuspage' => ['page_id' => '«=page_id»', 'api_key' => getenv('STATUSPAGE_API_KEY')],
    'cache_key' => '«=hex32»',
];
"""),
    Template("rust", "«?src/pager.rs¦crates/alerts/src/config.rs»", r"""
use std::env;

const SERVICE_ID: &str = "«=pd_id»";
/// Key of the incident that stays open during the migration
const DEDUP_KEY: &str = "«=hex32»";

pub struct Config {
    pub routing_key: String,
    pub api_key: Option<String>,
}

impl Config {
    pub fn from_env() -> Result<Self, env::VarError> {
        Ok(Self { routing_key: env::var("PAGERDUTY_ROUTING_KEY")?, api_key: env::var("PAGERDUTY_API_KEY").ok() })
    }
}
"""),
    Template("shell", "«?scripts/page.sh¦bin/oncall¦deploy.sh»", r"""
#!/usr/bin/env bash
set -euo pipefail
: "${PAGERDUTY_TOKEN:?}"
ROUTING_KEY=$(«?vault kv get -field=routing_key secret/«team»/pagerduty¦aws secretsmanager get-secret-value --secret-id pagerduty/«svc» --query SecretString --output text¦op read "op://«team»/PagerDuty/routing_key"»)
INCIDENT_KEY=$(echo "$1" | md5sum | cut -d' ' -f1)
curl -fsS -H "Authorization: Token token=$PAGERDUTY_TOKEN" -H "From: «user»@«domain»" "https://api.pagerduty.com/incidents?incident_key=«=hex32»"
curl -fsS https://events.pagerduty.com/v2/enqueue -d "{\"routing_key\": \"${ROUTING_KEY}\", \"event_action\": \"resolve\", \"dedup_key\": \"$INCIDENT_KEY\"}"
echo "«=hex64»  pdagent.deb" | sha256sum -c -
"""),
    Template("shell", "«?scripts/sns.sh¦infra/subscribe.sh»", r"""
#!/bin/sh
TOPIC=arn:aws:sns:«region»:«=account»:«topic»
aws sns subscribe --topic-arn "$TOPIC" --protocol https \
  --notification-endpoint "https://events.pagerduty.com/integration/«?${PD_INTEGRATION_KEY}¦$PD_KEY¦[YOUR_INTEGRATION_KEY_HERE]»/enqueue"
aws sns get-topic-attributes --topic-arn "$TOPIC"
aws ec2 describe-instances --instance-ids «=instance» --filters Name=instance.group-id,Values=«=sg» --query 'Reservations[].Instances[].SubnetId' # «=subnet»
aws route53 list-resource-record-sets --hosted-zone-id «=hostedzone»
aws cloudfront create-invalidation --distribution-id «=distribution» --paths '/*'
"""),
    Template("groovy", "«?Jenkinsfile¦ci/Jenkinsfile»", r"""
pipeline {
    agent { docker { image 'maven@sha256:«=hex64»' } }
    environment {
        PAGERDUTY_ROUTING_KEY = credentials('pagerduty-routing-key')
        SERVICE_ID = '«=pd_id»'
    }
    stages {
        stage('notify') {
            steps {
                withCredentials([string(credentialsId: 'rundeck-token', variable: 'RD_TOKEN')]) {
                    sh 'rd run -i «=uuid»'
                }
                slackSend channel: '«=slack_channel»', tokenCredentialId: 'slack-bot-token', message: env.BUILD_URL
            }
        }
    }
}
"""),
    Template("typescript", "«?lib/stack.ts¦infra/lib/alarm-stack.ts¦pulumi/index.ts»", r"""
import { SecretValue, Stack } from 'aws-cdk-lib';
import * as sm from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subs from 'aws-cdk-lib/aws-sns-subscriptions';

export function wire(stack: Stack, integrationKey: string) {
  const topic = sns.Topic.fromTopicArn(stack, 'T', 'arn:aws:sns:«region»:«=account»:«topic»');
  topic.addSubscription(new subs.UrlSubscription(`https://events.pagerduty.com/integration/${integrationKey}/enqueue`));
  const token = SecretValue.secretsManager('pagerduty/«svc»', { jsonField: 'api_key' });
  const hook = sm.Secret.fromSecretNameV2(stack, 'Slack', '«svc»/slack-webhook-url');
  return { token, hook, alarmId: '«=guidhex»' };
}
"""),
    Template("javascript", "servicenow/«?business_rule.js¦script_include.js¦sys_script_include_«=hex32».js»", r"""
(function executeRule(current, previous) {
  var GROUPS = {
    '«=hex32»': '«team»',
    '«=hex32»': '«team#2»'
  };
  var gr = new GlideRecord('incident');
  gr.addQuery('assignment_group', '«=hex32»');
  gr.addQuery('u_pagerduty_incident_id', '«=pd_incident»');
  gr.query();
  if (gr.next()) {
    new x_pd_integration.PagerDuty_REST().postIncident(current.sys_id, gs.getProperty('x_pd_integration.api_key'));
  }
})(current, previous);
"""),
    Template("notebook", "«?notebooks/oncall.ipynb¦analysis/incidents.ipynb»", r"""
{
 "cells": [
  {
   "cell_type": "code",
   "execution_count": 3,
   "id": "«=hex8»",
   "metadata": {},
   "outputs": [
    {"data": {"text/plain": ["[('«=pd_incident»', '«=hex32»'), ('«=pd_incident»', '«=hex32»')]"]}, "execution_count": 3, "metadata": {}, "output_type": "execute_result"}
   ],
   "source": [
    "from getpass import getpass\n",
    "from pagerduty import RestApiV2Client\n",
    "client = RestApiV2Client(getpass('PagerDuty API key: '))\n",
    "[(i['id'], i['incident_key']) for i in client.iter_all('incidents')]"
   ]
  }
 ],
 "metadata": {"kernelspec": {"display_name": "Python 3", "name": "python3"}},
 "nbformat": 4,
 "nbformat_minor": 5
}
"""),
    Template("python", "«?bot/ids.py¦discordbot/constants.py¦chatops/constants.py»", r'''
"""Identifiers of the chat rooms: none of them is secret."""
import os

DISCORD_GUILD_ID = «=snowflake»
DISCORD_ALERT_CHANNEL = «=snowflake»
DISCORD_PUBLIC_KEY = "«=hex64»"
SLACK_TEAM = "«=slack_team»"
SLACK_ALERTS = "«=slack_channel»"
SLACK_ONCALL_USER = "«=slack_person»"
SLACK_CLIENT_ID = "«=slack_client»"
LAST_MESSAGE_TS = "«=slack_ts»"
TEAMS_TENANT = "«=uuid»"

DISCORD_TOKEN = os.environ["DISCORD_TOKEN"]
SLACK_SIGNING_SECRET = os.environ["SLACK_SIGNING_SECRET"]
'''),
    Template("sql", "«?db/seed.sql¦dumps/incidents.sql¦schema/pagerduty.sql»", r"""
CREATE TABLE pagerduty_incidents (
  id char(14) PRIMARY KEY,
  incident_key char(32) NOT NULL,
  service_id varchar(14),
  checksum char(32)
);
INSERT INTO pagerduty_incidents (id, incident_key, service_id, checksum) VALUES
('«=pd_incident»', '«=hex32»', '«=pd_id»', '«=hex32»'),
('«=pd_incident»', '«=hex32»', '«=pd_id»', '«=hex32»'),
('«=pd_incident»', '«svc»/disk/«n»', '«=pd_id»', '«=hex32»');
ALTER TABLE teams ADD COLUMN pagerduty_integration_key char(32);
"""),
    Template("python", "«?tests/conftest.py¦tests/fixtures/keys.py»", r'''
"""Stand-ins for the vendors' keys; they are made on the spot and open nothing."""
import secrets
import uuid

import pytest


@pytest.fixture
def routing_key() -> str:
    return uuid.uuid4().hex


@pytest.fixture
def rest_key() -> str:
    return "u+" + secrets.token_urlsafe(14)[:18]


@pytest.fixture
def config(routing_key, rest_key):
    return {"pagerduty": {"routing_key": routing_key, "token": rest_key, "service": "«=pd_id»"}, "trace": "«=guidhex»"}
'''),
)
