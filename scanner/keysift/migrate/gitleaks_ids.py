"""Ids of gitleaks' rules -> the ids of the rules here that find the same keys.

The ids are names that users write into `disabledRules` and `targetRules`; what those rules do is taken from the vendors
of the keys, not from gitleaks. An id that both scanners have, and that is not here, means the same in both.
"""

from __future__ import annotations

from collections.abc import Collection

_IDS = """
1password-secret-key: onepassword-secret-key
1password-service-account-token: onepassword-service-account-token
adafruit-api-key: adafruit-io-key adafruit-io-legacy-key
adobe-client-id:
airtable-api-key: airtable-legacy-api-key
airtable-personnal-access-token: airtable-personal-access-token
alibaba-access-key-id: alibaba-cloud-access-key-id
alibaba-secret-key: alibaba-cloud-access-key-secret
anthropic-admin-api-key: anthropic-admin-key
artifactory-api-key: jfrog-api-key
artifactory-reference-token: jfrog-reference-token
asana-client-id:
authress-service-client-access-key: authress-access-key
aws-access-token: aws-access-key-id
aws-amazon-bedrock-api-key-long-lived: aws-bedrock-api-key
aws-amazon-bedrock-api-key-short-lived: aws-bedrock-api-key
azure-ad-client-secret: microsoft-entra-client-secret microsoft-entra-client-secret-other
beamer-api-token: beamer-api-key
bitbucket-client-id:
bitbucket-client-secret: bitbucket-oauth-consumer-secret
bittrex-access-key:
bittrex-secret-key:
cisco-meraki-api-key: meraki-api-key
clickhouse-cloud-api-secret-key: clickhouse-cloud-key-secret
clojars-api-token: clojars-deploy-token
cloudflare-api-key: cloudflare-user-api-token cloudflare-account-api-token cloudflare-legacy-api-token
cloudflare-global-api-key: cloudflare-global-api-key cloudflare-legacy-global-key
codecov-access-token: codecov-upload-token codecov-api-token
cohere-api-token: cohere-api-key
coinbase-access-token: coinbase-api-secret
confluent-access-token: confluent-api-secret confluent-legacy-api-secret
confluent-secret-key: confluent-api-secret confluent-legacy-api-secret
contentful-delivery-api-token: contentful-delivery-token
curl-auth-header: http-bearer-token http-basic-credentials
curl-auth-user: curl-user-password
databricks-api-token: databricks-personal-access-token
datadog-access-token: datadog-api-key datadog-application-key
defined-networking-api-token: defined-networking-api-key
digitalocean-access-token: digitalocean-oauth-token
digitalocean-pat: digitalocean-personal-access-token
discord-api-token: discord-bot-token discord-user-token
discord-client-id:
doppler-api-token: doppler-token doppler-service-token
droneci-access-token: drone-ci-token
dropbox-api-token: dropbox-app-secret
dropbox-long-lived-api-token: dropbox-long-lived-token
dropbox-short-lived-api-token: dropbox-access-token
duffel-api-token: duffel-access-token
dynatrace-api-token: dynatrace-token
easypost-api-token: easypost-api-key
easypost-test-api-token: easypost-api-key
etsy-access-token: etsy-keystring
facebook-page-access-token: facebook-access-token
facebook-secret: facebook-app-secret
finicity-api-token:
finicity-client-secret:
finnhub-access-token: finnhub-api-key
flickr-access-token: flickr-api-key
flyio-access-token: fly-io-access-token fly-io-personal-token
frameio-api-token: frameio-token
freemius-secret-key:
freshbooks-access-token:
gcp-api-key: google-api-key firebase-web-api-key google-maps-api-key google-gemini-api-key
generic-api-key: generic-password generic-secret generic-token generic-key generic-credential
github-app-token: github-user-to-server-token github-installation-token github-installation-token-jwt
github-fine-grained-pat: github-fine-grained-token
github-oauth: github-oauth-token
github-pat: github-personal-access-token
gitlab-cicd-job-token: gitlab-job-token
gitlab-feature-flag-client-token: gitlab-feature-flag-token
gitlab-kubernetes-agent-token: gitlab-agent-token
gitlab-oauth-app-secret: gitlab-oauth-application-secret
gitlab-pat: gitlab-personal-access-token
gitlab-pat-routable: gitlab-routable-token
gitlab-ptt: gitlab-trigger-token
gitlab-rrt: gitlab-runner-registration-token
gitlab-runner-authentication-token: gitlab-runner-token
gitlab-runner-authentication-token-routable: gitlab-runner-token gitlab-routable-token
gitter-access-token:
gocardless-api-token: gocardless-access-token
grafana-cloud-api-token: grafana-cloud-access-policy-token
harness-api-key: harness-api-token
hashicorp-tf-api-token: hcp-terraform-api-token
hashicorp-tf-password:
heroku-api-key: heroku-legacy-api-key
heroku-api-key-v2: heroku-api-key
huggingface-access-token: huggingface-user-token
huggingface-organization-api-token: huggingface-organization-token
infracost-api-token: infracost-api-key
intercom-api-key: intercom-access-token
intra42-client-secret:
jfrog-identity-token: jfrog-access-token
jwt: json-web-token
jwt-base64: json-web-token
kraken-access-token: kraken-api-key kraken-api-secret
kubernetes-secret-yaml: kubernetes-secret-value
kucoin-access-token: kucoin-api-secret
kucoin-secret-key: kucoin-api-secret
launchdarkly-access-token: launchdarkly-api-token
linear-client-secret: linear-webhook-secret
linkedin-client-id:
lob-api-key: lob-live-key lob-test-key
lob-pub-api-key: lob-publishable-key
looker-client-id:
looker-client-secret:
mailgun-private-api-token: mailgun-api-key
mailgun-pub-key: mailgun-public-key
mapbox-api-token: mapbox-public-token
messagebird-api-token: messagebird-access-key
messagebird-client-id:
microsoft-teams-webhook: microsoft-teams-webhook-url
netlify-access-token: netlify-personal-access-token netlify-legacy-token
new-relic-browser-api-token: newrelic-browser-key
new-relic-insert-key: newrelic-insights-insert-key
new-relic-user-api-id:
new-relic-user-api-key: newrelic-user-key
notion-api-token: notion-token
nuget-config-password: nuget-feed-password
nytimes-access-token: nytimes-api-key
okta-access-token: okta-api-token
openai-api-key: openai-project-key openai-legacy-key openai-admin-key
openshift-user-token: openshift-oauth-token
plaid-api-token: plaid-access-token
plaid-secret-key: plaid-secret
planetscale-api-token: planetscale-service-token
postman-api-token: postman-api-key
prefect-api-token: prefect-api-key
private-key: private-key private-key-base64 private-key-der encrypted-private-key putty-private-key
privateai-api-token:
pulumi-api-token: pulumi-access-token
pypi-upload-token: pypi-api-token
rapidapi-access-token: rapidapi-key rapidapi-legacy-key
readme-api-token: readme-api-key
rubygems-api-token: rubygems-api-key
sendbird-access-id:
sendbird-access-token: sendbird-api-token
sendgrid-api-token: sendgrid-api-key
sendinblue-api-token: brevo-api-key
sentry-access-token: sentry-auth-token-legacy
sentry-org-token: sentry-organization-token
settlemint-application-access-token: settlemint-access-token
settlemint-personal-access-token: settlemint-access-token
settlemint-service-access-token: settlemint-access-token
shopify-access-token: shopify-admin-token
shopify-custom-access-token: shopify-admin-token
shopify-private-app-access-token: shopify-admin-token
sidekiq-secret:
sidekiq-sensitive-url:
slack-config-access-token: slack-rotating-token
slack-config-refresh-token: slack-rotating-token
slack-legacy-bot-token: slack-bot-token slack-legacy-token
slack-legacy-workspace-token: slack-workflow-token slack-legacy-token
sonar-api-token: sonarqube-token sonarqube-legacy-token
squarespace-access-token: squarespace-api-key
stripe-access-token: stripe-secret-key stripe-restricted-key
sumologic-access-token: sumologic-access-key
telegram-bot-api-token: telegram-bot-token
travisci-access-token: travis-ci-api-token
twilio-api-key: twilio-api-key-sid twilio-api-secret
twitch-api-token: twitch-access-token twitch-oauth-token
twitter-access-secret: twitter-access-token-secret
typeform-api-token: typeform-personal-token
vault-batch-token: vault-token
vault-service-token: vault-token vault-legacy-token
yandex-access-token: yandex-cloud-iam-token
yandex-api-key: yandex-cloud-api-key
yandex-aws-access-token: yandex-cloud-static-secret
zendesk-secret-key: zendesk-api-token
"""
"""Theirs: ours. With nothing behind the colon, keysift has no rule of its own for these keys."""
OURS = {theirs: tuple(ours.split()) for theirs, _, ours in (line.partition(":") for line in _IDS.split("\n") if line)}


def ours(rule_id: str, known: Collection[str]) -> list[str] | None:
    """Return the ids of our rules for one of gitleaks'; None for an id that neither scanner has."""
    if rule_id in OURS:
        return [each for each in OURS[rule_id] if each in known]
    return [rule_id] if rule_id in known else None
