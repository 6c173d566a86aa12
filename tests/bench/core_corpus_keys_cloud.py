"""Key files of infrastructure as code: Terraform and its state, CloudFormation, CDK, Pulumi, cloud scripts."""

from core_corpus_text import Template

# The texts are the files: their lines are as long as they are.
# ruff: noqa: E501, Q001
# fmt: off

TEMPLATES = (
    Template("terraform", "«?provider.tf¦terraform/pagerduty/main.tf¦infra/providers.tf»", r"""
terraform {
  required_providers {
    pagerduty = {
      source  = "pagerduty/pagerduty"
      version = "~> 3.«n»"
    }
  }
}

provider "pagerduty" {
  «?token¦user_token»          = "«!pd_rest»"
~~  service_region = "«?us¦eu»"
}

data "pagerduty_vendor" "cloudwatch" {
  name = "Cloudwatch"
}

resource "pagerduty_service" "«svc»" {
  name              = "«svc»"
  escalation_policy = "«=pd_id»"
}
"""),
    Template("terraform", "«?pagerduty.tf¦modules/oncall/provider.tf»", r"""
provider "pagerduty" {
  use_app_oauth_scoped_token {
    pd_client_id     = "«=uuid»"
    pd_client_secret = "«!pd_client_secret»"
    pd_subdomain     = "«sub»"
  }
}

resource "pagerduty_team" "«team»" {
  name        = "«team»"
  description = "Owned by terraform"
}
"""),
    Template("terraform", "«?sns.tf¦terraform/alarms/sns.tf¦modules/alerts/main.tf»", r"""
resource "aws_sns_topic" "critical" {
  name              = "«topic»"
  kms_master_key_id = "alias/aws/sns"
}

resource "aws_sns_topic_subscription" "pagerduty" {
  topic_arn              = aws_sns_topic.critical.arn
  protocol               = "https"
  endpoint               = "«?«!pd_url»¦«!pd_ere»»"
  endpoint_auto_confirms = true
}
~~
resource "aws_cloudwatch_metric_alarm" "cpu" {
  alarm_name          = "«svc»-cpu"
  comparison_operator = "GreaterThanThreshold"
  threshold           = «n»
  alarm_actions       = [aws_sns_topic.critical.arn]
}
"""),
    Template("terraform", "«?sns.tf¦terraform/hooks.tf»", r"""
locals {
  topic_name = "«topic»"
}

resource "aws_sns_topic_subscription" "receiver" {
  topic_arn = "arn:aws:sns:«region»:«=account»:«topic»"
  protocol  = "https"
  endpoint  = "«!sns_userpass»"
}
"""),
    Template("terraform", "«?datadog.tf¦terraform/datadog/pagerduty.tf»", r"""
provider "datadog" {
  api_key = var.datadog_api_key
  app_key = var.datadog_app_key
}

resource "datadog_integration_pagerduty_service_object" "«team»" {
  service_name = "«svc»"
  service_key  = "«!pd_events»"
}
~~
resource "datadog_integration_pagerduty" "pd" {
  subdomain = "«sub»"
  api_token = "«!pd_rest»"
}
"""),
    Template("terraform", "«?gcp_monitoring.tf¦infra/gcp/notification.tf»", r"""
resource "google_monitoring_notification_channel" "pagerduty" {
  display_name = "«team» PagerDuty"
  type         = "pagerduty"
  sensitive_labels {
    service_key = "«!pd_events»"
  }
}

resource "google_monitoring_alert_policy" "latency" {
  display_name          = "«svc» latency"
  combiner              = "OR"
  notification_channels = [google_monitoring_notification_channel.pagerduty.name]
}
"""),
    Template("terraform", "«?betterstack.tf¦uptime/main.tf»", r"""
resource "betteruptime_pagerduty_integration" "this" {
  name = "«team»"
  key  = "«!pd_hex»"
}

resource "betteruptime_monitor" "«svc»" {
  url          = "https://«domain»/health"
  monitor_type = "status"
}
"""),
    Template("terraform", "«?atlas.tf¦terraform/mongodb/alerts.tf»", r"""
resource "mongodbatlas_alert_configuration" "primary" {
  project_id = "«=hex12»«=hex12»"
  event_type = "NO_PRIMARY"
  enabled    = true
  notification {
    type_name    = "PAGER_DUTY"
    service_key  = "«!pd_events»"
    delay_min    = 0
  }
}

resource "mongodbatlas_third_party_integration" "pd" {
  project_id  = var.project_id
  type        = "PAGER_DUTY"
  service_key = var.pagerduty_service_key
}
"""),
    Template("terraform", "«?honeycomb.tf¦observability/honeycomb.tf»", r"""
resource "honeycombio_pagerduty_recipient" "«?prod¦oncall»" {
  integration_key  = "«!pd_events»"
  integration_name = "«team»"
}

resource "honeycombio_trigger" "slow" {
  name    = "«svc» slow requests"
  dataset = "«svc»"
}
"""),
    Template("terraform", "«?grafana.tf¦terraform/grafana/contact_points.tf»", r"""
resource "grafana_contact_point" "«team»" {
  name = "«team»"

  pagerduty {
    integration_key = "«!pd_events»"
    severity        = "critical"
  }
  slack {
    url       = "«!slack_hook»"
    recipient = "#«team»"
  }
}
"""),
    Template("terraform", "«?statuspage.tf¦terraform/status/main.tf»", r"""
provider "statuspage" {
  «?token¦api_key» = "«!statuspage»"
}

resource "statuspage_component" "«svc»" {
  page_id     = "«=page_id»"
  name        = "«svc»"
  description = "Status of «svc»"
  status      = "operational"
}
"""),
    Template("terraform", "«?opsgenie.tf¦infra/opsgenie/main.tf»", r"""
provider "opsgenie" {
  api_key = "«!opsgenie»"
  api_url = "api.«?¦eu.»opsgenie.com"
}

resource "opsgenie_team" "«team»" {
  name = "«team»"
  member {
    id   = "«=uuid»"
    role = "admin"
  }
}
"""),
    Template("terraform", "«?servicenow_extension.tf¦pagerduty/snow.tf»", r"""
data "pagerduty_extension_schema" "servicenow" {
  name = "ServiceNow (v7)"
}

resource "pagerduty_extension_servicenow" "snow" {
  name              = "ServiceNow «team»"
  extension_schema  = data.pagerduty_extension_schema.servicenow.id
  extension_objects = ["«=pd_id»"]
  snow_user         = "pagerduty_svc"
  snow_password     = "«!snow_password»"
  sync_options      = "manual_sync"
  target            = "https://«sub».service-now.com/webhook_foo"
  task_type         = "incident"
  referer           = "None"
}
"""),
    Template("terraform", "«?runner.tf¦automation/actions.tf»", r"""
resource "pagerduty_automation_actions_runner" "rba" {
  name           = "«team» runner"
  description    = "Runbook Automation runner"
  runner_type    = "runbook"
  runbook_base_uri = "«sub»"
  runbook_api_key  = "«!rundeck»"
}
"""),
    Template("terraform", "«?azure.tf¦terraform/azure/action_group.tf»", r"""
resource "azurerm_monitor_action_group" "oncall" {
  name                = "oncall"
  resource_group_name = azurerm_resource_group.main.name
  short_name          = "oncall"

  webhook_receiver {
    name                    = "pagerduty"
    service_uri             = "«!pd_url»"
    use_common_alert_schema = true
  }
~~  email_receiver {
~~    name          = "pd-mail"
~~    email_address = "«!pd_email»"
~~  }
}
"""),
    Template("terraform", "«?terraform.tfvars¦prod.auto.tfvars¦envs/«env».tfvars»", r"""
%%region              = "«region»"
%%cluster_name        = "«cluster»"
%%instance_type       = "m6i.large"
%%«?pagerduty_token¦pagerduty_api_key¦pd_api_token»     = "«!pd_rest»"
%%«?slack_webhook_url¦slack_webhook» = "«!slack_hook»"
%%vpc_cidr            = "10.«n».0.0/16"
"""),
    Template("terraform", "«?variables.tf¦modules/pd/variables.tf»", r"""
variable "region" {
  type    = string
  default = "«region»"
}

variable "«?pagerduty_integration_key¦pagerduty_routing_key¦pagerduty_service_key»" {
  description = "Events API key for «svc»"
  type        = string
  default     = "«!pd_events»"
}

variable "pagerduty_«?token¦api_key»" {
  description = "REST key, from the environment"
  type        = string
  sensitive   = true
}
"""),
    Template("terraform", "«?helm_release.tf¦k8s/falco.tf»", r"""
resource "helm_release" "falcosidekick" {
  name       = "falcosidekick"
  repository = "https://falcosecurity.github.io/charts"
  chart      = "falcosidekick"
  version    = "«ver»"

  set {
    name  = "config.pagerduty.routingKey"
    value = "«!pd_events»"
  }
  set {
    name  = "webui.enabled"
    value = "true"
  }
}
"""),
    Template("tfstate", "«?terraform.tfstate¦state/pagerduty.tfstate¦terraform.tfstate.backup»", r"""
{
  "version": 4,
  "terraform_version": "1.7.«n»",
  "serial": «=num»,
  "lineage": "«=uuid»",
  "outputs": {},
  "resources": [
    {
      "mode": "managed",
      "type": "pagerduty_service_integration",
      "name": "«svc»",
      "provider": "provider[\"registry.terraform.io/pagerduty/pagerduty\"]",
      "instances": [
        {
          "schema_version": 0,
          "attributes": {
            "id": "«=pd_id»",
            "integration_email": «?null¦"«!pd_email»"»,
            "integration_key": "«!pd_events»",
            "name": "Amazon CloudWatch",
            "service": "«=pd_id#s»",
            "vendor": "PZQ6AUS"
          },
          "dependencies": ["pagerduty_service.«svc»"]
        }
      ]
    }
  ],
  "check_results": null
}
"""),
    Template("tfstate", "«?terraform.tfstate¦envs/«env»/terraform.tfstate»", r"""
{
  "version": 4,
  "terraform_version": "1.5.7",
  "serial": «=num»,
  "lineage": "«=uuid»",
  "resources": [
    {
      "mode": "managed",
      "type": "aws_sns_topic_subscription",
      "name": "pagerduty",
      "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
      "instances": [
        {
          "attributes": {
            "arn": "arn:aws:sns:«region»:«=account#a»:«topic»:«!sns_subscription#s»",
            "confirmation_was_authenticated": false,
            "endpoint": "«!pd_url»",
            "endpoint_auto_confirms": true,
            "id": "arn:aws:sns:«region»:«=account#a»:«topic»:«!sns_subscription#s»",
            "owner_id": "«=account#a»",
            "protocol": "https",
            "raw_message_delivery": false
          }
        }
      ]
    }
  ]
}
"""),
    Template("tfstate", "«?terraform.tfstate¦iam/terraform.tfstate»", r"""
{
  "version": 4,
  "serial": «=num»,
  "lineage": "«=uuid»",
  "resources": [
    {
      "mode": "managed",
      "type": "aws_iam_access_key",
      "name": "«svc»",
      "instances": [
        {
          "schema_version": 0,
          "attributes": {
            "create_date": "«day»T«time»Z",
            "encrypted_secret": null,
            "id": "«%aws_id»",
            "pgp_key": null,
            "secret": "«!aws_secret»",
            "status": "Active",
            "user": "svc-«svc»"
          }
        }
      ]
    }
  ]
}
"""),
    Template("cloudformation", "«?template.yaml¦cloudformation/alarms.yml¦cfn/«svc».yaml»", r"""
AWSTemplateFormatVersion: '2010-09-09'
Description: Alarms of «svc»
Resources:
  AlarmTopic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: «topic»
      Subscription:
        - Endpoint: «?«!pd_url»¦«!pd_ere»»
          Protocol: https
  CpuAlarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      MetricName: CPUUtilization
      Threshold: «n»
      AlarmActions: [!Ref AlarmTopic]
"""),
    Template("cloudformation", "«?cloudformation/pd-subscription.json¦stacks/«topic».json»", r"""
{
  "AWSTemplateFormatVersion": "2010-09-09",
  "Resources": {
    "PagerDutySubscription": {
      "Type": "AWS::SNS::Subscription",
      "Properties": {
        "TopicArn": {"Fn::ImportValue": "«topic»-arn"},
        "Protocol": "https",
        "Endpoint": "«!pd_url»"
      }
    },
    "PageEmail": {
      "Type": "AWS::SNS::Subscription",
      "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "email", "Endpoint": "«?«!pd_email»¦«!pd_key_email»»"}
    }
  }
}
"""),
    Template("cloudformation", "«?params/«env».json¦cloudformation/parameters.json»", r"""
[
  {"ParameterKey": "Environment", "ParameterValue": "«env»"},
  {"ParameterKey": "VpcId", "ParameterValue": "vpc-0«=hex16»"},
  {"ParameterKey": "«?PagerDutyIntegrationKey¦PagerDutyRoutingKey»", "ParameterValue": "«!pd_events»"},
  {"ParameterKey": "«?PagerDutyApiKey¦PagerDutyApiToken»", "ParameterValue": "«!pd_rest»"}
]
"""),
    Template("typescript", "«?lib/alarm-stack.ts¦infra/lib/«svc»-stack.ts»", r"""
import * as cdk from 'aws-cdk-lib';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subs from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

export class AlarmStack extends cdk.Stack {
  constructor(scope: Construct, id: string, props?: cdk.StackProps) {
    super(scope, id, props);
    const topic = new sns.Topic(this, 'AlarmTopic', { topicName: '«topic»' });
    topic.addSubscription(new subs.UrlSubscription('«?«!pd_url»¦«!sns_userpass»»'));
    new cdk.CfnOutput(this, 'TopicArn', { value: topic.topicArn });
  }
}
"""),
    Template("typescript", "«?pulumi/index.ts¦infra/index.ts»", r"""
import * as aws from "@pulumi/aws";
import * as pagerduty from "@pulumi/pagerduty";

const topic = new aws.sns.Topic("«topic»");
const provider = new pagerduty.Provider("pd", { token: "«!pd_rest»" });

new aws.sns.TopicSubscription("pd", {
    topic: topic.arn,
    protocol: "https",
    endpoint: "«!pd_url»",
    endpointAutoConfirms: true,
});
export const topicArn = topic.arn;
"""),
    Template("python", "«?cdk/stacks/alerts.py¦infra/alarm_stack.py»", r'''
from aws_cdk import SecretValue, Stack, aws_secretsmanager as sm, aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subs
from constructs import Construct


class AlertStack(Stack):
    """Topics and their subscribers."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        topic = sns.Topic(self, "Critical", topic_name="«topic»")
        topic.add_subscription(subs.UrlSubscription("«!pd_ere»"))
        sm.Secret(
            self,
            "PagerDutyToken",
            secret_name="«svc»/pagerduty_api_key",
            secret_string_value=SecretValue.unsafe_plain_text("«!pd_rest»"),
        )
'''),
    Template("python", "«?scripts/subscribe.py¦tools/sns_setup.py»", r'''
"""Subscribes PagerDuty to the alarm topics."""
import boto3

TOPIC = "arn:aws:sns:«region»:«=account»:«topic»"


def main() -> None:
    sns = boto3.client("sns", region_name="«region»")
    response = sns.subscribe(
        TopicArn=TOPIC,
        Protocol="https",
        Endpoint="«?«!pd_url»¦«!pd_ere»»",
        ReturnSubscriptionArn=True,
    )
    print(response["SubscriptionArn"])


if __name__ == "__main__":
    main()
'''),
    Template("python", "«?scripts/upload.py¦jobs/export_«svc».py»", r'''
import boto3

session = boto3.Session(
    aws_access_key_id="«%aws_id»",
    aws_secret_access_key="«!aws_secret»",
    region_name="«region»",
)
s3 = session.client("s3")
for page in s3.get_paginator("list_objects_v2").paginate(Bucket="«sub»-exports", Prefix="«svc»/"):
    for item in page.get("Contents", []):
        print(item["Key"], item["ETag"])
'''),
    Template("shell", "«?scripts/sns-subscribe.sh¦bin/setup-alarms¦infra/bootstrap.sh»", r"""
#!/usr/bin/env bash
set -euo pipefail
TOPIC_ARN=$(aws sns create-topic --name «topic» --region «region» --query TopicArn --output text)
aws sns subscribe \
  --topic-arn "$TOPIC_ARN" \
  --protocol https \
  --notification-endpoint «?"«!pd_url#u»"¦«!pd_url#u»»
aws cloudwatch put-metric-alarm --alarm-name «svc»-errors --alarm-actions "$TOPIC_ARN" --threshold «n»
"""),
    Template("shell", "«?scripts/silence.sh¦ops/unsubscribe.sh»", r"""
#!/bin/sh
# During the «day» migration: stop the feed, subscribe again afterwards
aws sns unsubscribe --region «region» --subscription-arn arn:aws:sns:«region»:«=account#a»:«topic»:«!sns_subscription»
sleep «n»
aws sns list-subscriptions-by-topic --topic-arn arn:aws:sns:«region»:«=account#a»:«topic»
"""),
    Template("shell", "«?bin/deploy¦scripts/deploy.sh¦.bash_history»", r"""
cd ~/src/«svc»
git pull --rebase
export AWS_DEFAULT_REGION=«region»
aws configure set aws_access_key_id «%aws_id»
aws configure set aws_secret_access_key «!aws_secret»
aws s3 sync build/ s3://«sub»-assets --delete
kubectl -n «ns» rollout status deploy/«svc»
"""),
    Template("json", "«?sns/notification.json¦samples/sns-alarm-«day».json¦events/cloudwatch.json»", r"""
{
  "Type" : "Notification",
  "MessageId" : "«=uuid»",
  "TopicArn" : "arn:aws:sns:«region»:«=account#a»:«topic»",
  "Subject" : "ALARM: \"«svc»-cpu\" in «region»",
  "Message" : "{\"AlarmName\":\"«svc»-cpu\",\"NewStateValue\":\"ALARM\",\"StateChangeTime\":\"«day»T«time».000+0000\"}",
  "Timestamp" : "«day»T«time».447Z",
  "SignatureVersion" : "1",
  "Signature" : "«=signature»",
  "SigningCertURL" : "https://sns.«region».amazonaws.com/SimpleNotificationService-«=hex32».pem",
  "UnsubscribeURL" : "https://sns.«region».amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:«region»:«=account#a»:«topic»:«!sns_subscription»"
}
"""),
    Template("json", "«?captures/subscription-confirmation.json¦logs/sns-confirm.json»", r"""
{
  "Type" : "SubscriptionConfirmation",
  "MessageId" : "«=uuid»",
  "Token" : "«!sns_token#t»",
  "TopicArn" : "arn:aws:sns:«region»:«=account#a»:«topic»",
  "Message" : "You have chosen to subscribe to the topic. To confirm the subscription, visit the SubscribeURL included in this message.",
  "SubscribeURL" : "https://sns.«region».amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:«region»:«=account#a»:«topic»&Token=«!sns_token#t»",
  "Timestamp" : "«day»T«time».032Z",
  "SignatureVersion" : "1",
  "Signature" : "«=signature»",
  "SigningCertURL" : "https://sns.«region».amazonaws.com/SimpleNotificationService-«=hex32».pem"
}
"""),
    Template("json", "«?audit/cloudtrail-«day».json¦fixtures/cloudtrail_event.json»", r"""
{
  "eventVersion": "1.08",
  "userIdentity": {
    "type": "IAMUser",
    "principalId": "«=aida»",
    "arn": "arn:aws:iam::«=account#a»:user/svc-«svc»",
    "accountId": "«=account#a»",
    "accessKeyId": "«?«!aws_id»¦«!aws_temp_id»»",
    "userName": "svc-«svc»"
  },
  "eventTime": "«day»T«time»Z",
  "eventSource": "sns.amazonaws.com",
  "eventName": "Publish",
  "awsRegion": "«region»",
  "sourceIPAddress": "«ip»",
  "requestID": "«=uuid»",
  "eventID": "«=uuid»"
}
"""),
    Template("terraform", "«?iam.tf¦terraform/users/import.tf»", r"""
# imported on «day»
import {
  to = aws_iam_access_key.«?deploy¦ci¦backup»
  id = "«!aws_id»"
}

resource "aws_iam_user" "ci" {
  name = "ci-«team»"
  path = "/system/"
}
"""),
)
