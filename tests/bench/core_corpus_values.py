"""Random values for the core-domain corpus: keys with the right shape, look-alikes, and names.

No value stands here as a literal: everything key-like is drawn at run time, and the vendors' documented examples are
joined from pieces, so that neither push protection nor a scanner finds anything in these files.
"""

# The tables below read better with one entry on a line.
# ruff: noqa: E501

import base64
import random
import string
from collections.abc import Callable
from dataclasses import dataclass

UPPER_ALNUM = string.ascii_uppercase + string.digits
LOWER_ALNUM = string.ascii_lowercase + string.digits
ALNUM = string.ascii_letters + string.digits
BASE64URL = ALNUM + "_-"
BASE64 = ALNUM + "+/"
HEX = "0123456789abcdef"
ULID = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

SECRET, SENSITIVE = "secret", "sensitive"


@dataclass(frozen=True, slots=True)
class Made:
    """A generated key: the text that goes into the file, and the random part that a finding must overlap."""

    text: str
    value: str
    companions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyKind:
    """A kind of key: the label that the domain facts give it, and how to make one."""

    label: str
    make: Callable[[random.Random], Made]


def draw(rng: random.Random, alphabet: str, length: int) -> str:
    """Return a random string, with at least one letter and one digit if the alphabet and length allow."""
    while True:
        text = "".join(rng.choices(alphabet, k=length))
        mixed = any(c.isdigit() for c in text) and any(c.isalpha() for c in text)
        if mixed or length < 8 or not (set(alphabet) & set(string.digits) and set(alphabet) & set(ALNUM[:52])):
            return text


def hexes(length: int) -> Callable[[random.Random], str]:
    """Return a maker of this many lowercase hex digits."""
    return lambda rng: draw(rng, HEX, length)


def uuid4(rng: random.Random) -> str:
    """Return a version 4 UUID in lower case."""
    body = f"{rng.getrandbits(128):032x}"
    body = body[:12] + "4" + body[13:16] + rng.choice("89ab") + body[17:]
    return f"{body[:8]}-{body[8:12]}-{body[12:16]}-{body[16:20]}-{body[20:]}"


def plain(make: Callable[[random.Random], str]) -> Callable[[random.Random], Made]:
    """Return a key whose text in the file is the key itself."""

    def made(rng: random.Random) -> Made:
        text = make(rng)
        return Made(text, text)

    return made


# --- PagerDuty -------------------------------------------------------------------------------------------------------


def pd_rest(rng: random.Random) -> str:
    """Twenty base64url characters, or a region mark and eighteen."""
    if rng.random() < 0.5:
        return rng.choice("uuue") + "+" + draw(rng, BASE64URL, 17) + rng.choice("AQgw")
    return draw(rng, ALNUM, 1) + draw(rng, BASE64URL, 18) + draw(rng, ALNUM, 1)


def pd_oauth(turn: str) -> Callable[[random.Random], str]:
    """Return a maker of scoped OAuth tokens: turn 0 is an access token, 1 a refresh token."""

    def make(rng: random.Random) -> str:
        region = "eu" if rng.random() < 0.2 else "us"
        return f"pd{region}+_{turn}{draw(rng, UPPER_ALNUM, 6)}_{uuid4(rng)}"

    return make


def pd_events(rng: random.Random) -> str:
    """Return a service integration key (mostly UUID v4 without dashes) or an orchestration key."""
    pick = rng.random()
    if pick < 0.6:
        return uuid4(rng).replace("-", "")
    if pick < 0.78:
        return draw(rng, HEX, 12) + "012" + draw(rng, HEX, 1) + draw(rng, HEX, 16)
    return pd_orchestration(rng)


def pd_orchestration(rng: random.Random) -> str:
    """Return an Event Orchestration routing key."""
    return "R0" + draw(rng, UPPER_ALNUM, 30)


def pd_hex(rng: random.Random) -> str:
    """Return a service integration key of the usual kind: a UUID v4 without dashes."""
    return uuid4(rng).replace("-", "")


def pd_url(tail: str) -> Callable[[random.Random], Made]:
    """Return a maker of Events API integration URLs that end so."""

    def made(rng: random.Random) -> Made:
        host = "events.eu.pagerduty.com" if rng.random() < 0.15 else "events.pagerduty.com"
        key = pd_events(rng)
        return Made(f"https://{host}/integration/{key}/{tail}", key)

    return made


def pd_ere(rng: random.Random) -> Made:
    """Return the URL of an orchestration or of a service's event rules."""
    key = pd_orchestration(rng)
    return Made(f"https://events.pagerduty.com/x-ere/{key}", key)


def pd_email(rng: random.Random) -> Made:
    """Return the address of an e-mail integration."""
    local = f"{rng.choice(SERVICES)}-{rng.choice(('alerts', 'email', 'p1', 'critical', 'oncall'))}"
    address = f"{local}@{rng.choice(SUBDOMAINS)}.pagerduty.com"
    return Made(address, address)


def pd_key_email(rng: random.Random) -> Made:
    """Return the address of an orchestration: its routing key is the local part."""
    key = pd_orchestration(rng)
    return Made(f"{key}@{rng.choice(SUBDOMAINS)}.pagerduty.com", key)


def pd_ical(rng: random.Random) -> Made:
    """Return the private feed of an on-call calendar, in its older or newer form."""
    token = draw(rng, BASE64URL, 30)
    if rng.random() < 0.5:
        return Made(
            f"webcal://{rng.choice(SUBDOMAINS)}.pagerduty.com/private/{token}/feed/P{draw(rng, UPPER_ALNUM, 6)}", token
        )
    return Made(f"https://webcal.pagerduty.com/private/{token}/feed", token)


def rundeck_hook(rng: random.Random) -> Made:
    """Return a Rundeck webhook, with the token in its path."""
    token = draw(rng, ALNUM, 32)
    name = rng.choice(("Restart_Service", "Alert_Remediation", "Disk_Cleanup", "PagerDuty_Diagnostics"))
    return Made(f"https://rundeck.{rng.choice(DOMAINS)}/api/{rng.randint(33, 46)}/webhook/{token}#{name}", token)


# --- AWS -------------------------------------------------------------------------------------------------------------


def aws_id(prefix: str) -> Callable[[random.Random], str]:
    """Return a key id whose base32 body holds a twelve-digit account number, as real ones do."""

    def make(rng: random.Random) -> str:
        account = rng.randint(10**11, 10**12 - 1)
        head = (1 << 47) | (account << 7) | rng.getrandbits(7)
        body = head.to_bytes(6, "big") + rng.randbytes(4)
        return prefix + base64.b32encode(body).decode()

    return make


def aws_session(rng: random.Random) -> str:
    """Return a session token, as the security token service hands it out."""
    return "IQoJb3JpZ2luX2VjE" + draw(rng, BASE64, rng.randint(380, 520)) + "=="


def sns_userpass(rng: random.Random) -> Made:
    """Return an HTTPS endpoint with basic credentials."""
    password = pass_phrase(rng)
    user = rng.choice(("sns", "alertbot", "aws-sns", "notifier", "cloudwatch"))
    return Made(
        f"https://{user}:{password}@hooks.{rng.choice(DOMAINS)}/{rng.choice(('sns', 'aws/alarms', 'ingest/sns'))}",
        password,
    )


# --- chat ------------------------------------------------------------------------------------------------------------


def digits(rng: random.Random, length: int) -> str:
    """Return this many digits, the first not zero."""
    return str(rng.randint(10 ** (length - 1), 10**length - 1))


def slack_bot(rng: random.Random) -> str:
    """Return a bot token."""
    return "-".join(("xoxb", digits(rng, rng.choice((11, 12, 13))), digits(rng, 13), draw(rng, ALNUM, 24)))


def slack_user(rng: random.Random) -> str:
    """Return a user token."""
    return "-".join(("xoxp", digits(rng, 12), digits(rng, 12), digits(rng, 13), draw(rng, HEX, 32)))


def slack_app(rng: random.Random) -> str:
    """Return an app-level token."""
    return "-".join(("xapp", "1", "A0" + draw(rng, UPPER_ALNUM, 9), digits(rng, 13), draw(rng, HEX, 64)))


def slack_id(letter: str) -> Callable[[random.Random], str]:
    """Return a maker of Slack object ids that begin with this letter."""
    return lambda rng: letter + "0" + draw(rng, UPPER_ALNUM, rng.choice((8, 9)))


def slack_hook(rng: random.Random) -> Made:
    """Return an incoming webhook."""
    token = draw(rng, ALNUM, 24)
    team, hook = slack_id("T")(rng), slack_id("B")(rng)
    return Made(f"https://hooks.slack.com/services/{team}/{hook}/{token}", token)


def slack_trigger(rng: random.Random) -> Made:
    """Return a workflow trigger."""
    token = draw(rng, HEX, 32)
    return Made(f"https://hooks.slack.com/triggers/{slack_id('T')(rng)}/{digits(rng, 13)}/{token}", token)


def snowflake(rng: random.Random) -> str:
    """Return a Discord object id of the last years."""
    return digits(rng, 18) if rng.random() < 0.4 else "1" + str(rng.randint(0, 4)) + digits(rng, 17)


def discord_bot(rng: random.Random) -> str:
    """Return a bot token, whose first part is the bot's id."""
    head = base64.b64encode(snowflake(rng).encode()).decode().rstrip("=")
    return ".".join((head, "G" + draw(rng, BASE64URL, 5), draw(rng, BASE64URL, 38)))


def discord_hook(rng: random.Random) -> Made:
    """Return a webhook URL."""
    token = draw(rng, BASE64URL, 68)
    return Made(f"https://discord.com/api/webhooks/{snowflake(rng)}/{token}", token)


def teams_hook(rng: random.Random) -> Made:
    """Return an Office connector URL; only its 32 hex digits are random."""
    token = draw(rng, HEX, 32)
    tenant = rng.choice(SUBDOMAINS)
    path = f"{uuid4(rng)}@{uuid4(rng)}/IncomingWebhook/{token}/{uuid4(rng)}"
    return Made(f"https://{tenant}.webhook.office.com/webhookb2/{path}", token)


def logic_app(rng: random.Random) -> Made:
    """Return a Power Automate trigger URL, signed in its query."""
    token = draw(rng, BASE64URL, 43)
    host = (
        f"prod-{rng.randint(10, 99)}.{rng.choice(('westeurope', 'eastus', 'uksouth', 'centralus'))}.logic.azure.com:443"
    )
    query = f"api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={token}"
    return Made(f"https://{host}/workflows/{draw(rng, HEX, 32)}/triggers/manual/paths/invoke?{query}", token)


def gchat_hook(rng: random.Random) -> Made:
    """Return a webhook URL; its `key` is shared by all, the token is the secret."""
    token = draw(rng, BASE64URL, 43)
    key = "AIza" + "Sy" + draw(rng, BASE64URL, 33)
    return Made(
        f"https://chat.googleapis.com/v1/spaces/AAAA{draw(rng, BASE64URL, 7)}/messages?key={key}&token={token}%3D",
        token,
    )


# --- others ----------------------------------------------------------------------------------------------------------


def pass_phrase(rng: random.Random) -> str:
    """Return a password as people and generators make them, without characters that would be escaped."""
    if rng.random() < 0.5:
        words = rng.sample(("Harbor", "Copper", "Lantern", "Violet", "Summit", "Falcon", "Maple", "Orbit", "Quartz"), 2)
        return (
            f"{words[0]}{rng.choice('-_.')}{words[1]}{rng.randint(11, 98)}{rng.choice('!*')}{draw(rng, LOWER_ALNUM, 3)}"
        )
    return draw(rng, ALNUM, rng.randint(16, 22))


def pendo_key(rng: random.Random) -> str:
    """Return an integration key, with or without a region."""
    return uuid4(rng) + (rng.choice((".us", ".eu")) if rng.random() < 0.35 else "")


def statuspage_key(rng: random.Random) -> str:
    """Return an organisation key, or one of the old user keys."""
    return uuid4(rng) if rng.random() < 0.2 else draw(rng, HEX, 64)


def runner_secret(rng: random.Random) -> str:
    """Return a sidecar runner's secret."""
    return "01" + draw(rng, ULID, 24)


KINDS: dict[str, KeyKind] = {
    "pd_rest": KeyKind(SECRET, plain(pd_rest)),
    "pd_oauth": KeyKind(SECRET, plain(pd_oauth("0"))),
    "pd_refresh": KeyKind(SECRET, plain(pd_oauth("1"))),
    "pd_oauth_legacy": KeyKind(SECRET, plain(hexes(64))),
    "pd_client_secret": KeyKind(SECRET, plain(lambda rng: draw(rng, BASE64URL, 52))),
    "pd_webhook_secret": KeyKind(SECRET, plain(lambda rng: draw(rng, BASE64, 64))),
    "pd_events": KeyKind(SENSITIVE, plain(pd_events)),
    "pd_hex": KeyKind(SENSITIVE, plain(pd_hex)),
    "pd_orchestration": KeyKind(SENSITIVE, plain(pd_orchestration)),
    "pd_mixed": KeyKind(SENSITIVE, plain(lambda rng: draw(rng, ALNUM, 32))),
    "pd_url": KeyKind(SENSITIVE, pd_url("enqueue")),
    "pd_change_url": KeyKind(SENSITIVE, pd_url("change/enqueue")),
    "pd_ere": KeyKind(SENSITIVE, pd_ere),
    "pd_email": KeyKind(SENSITIVE, pd_email),
    "pd_key_email": KeyKind(SENSITIVE, pd_key_email),
    "pd_ical": KeyKind(SECRET, pd_ical),
    "rundeck": KeyKind(SECRET, plain(lambda rng: draw(rng, ALNUM, 32))),
    "rundeck_hook": KeyKind(SECRET, rundeck_hook),
    "runner_secret": KeyKind(SECRET, plain(runner_secret)),
    "statuspage": KeyKind(SECRET, plain(statuspage_key)),
    "opsgenie": KeyKind(SECRET, plain(uuid4)),
    "pendo": KeyKind(SECRET, plain(pendo_key)),
    "pendo_track": KeyKind(SENSITIVE, plain(uuid4)),
    "aws_secret": KeyKind(SECRET, plain(lambda rng: draw(rng, BASE64, 40))),
    "aws_session": KeyKind(SECRET, plain(aws_session)),
    "aws_id": KeyKind(SENSITIVE, plain(aws_id("AKIA"))),
    "aws_temp_id": KeyKind(SENSITIVE, plain(aws_id("ASIA"))),
    "sns_subscription": KeyKind(SENSITIVE, plain(uuid4)),
    "sns_token": KeyKind(SENSITIVE, plain(hexes(288))),
    "sns_userpass": KeyKind(SECRET, sns_userpass),
    "slack_bot": KeyKind(SECRET, plain(slack_bot)),
    "slack_user": KeyKind(SECRET, plain(slack_user)),
    "slack_app": KeyKind(SECRET, plain(slack_app)),
    "slack_hook": KeyKind(SECRET, slack_hook),
    "slack_trigger": KeyKind(SECRET, slack_trigger),
    "slack_signing": KeyKind(SECRET, plain(hexes(32))),
    "discord_bot": KeyKind(SECRET, plain(discord_bot)),
    "discord_hook": KeyKind(SECRET, discord_hook),
    "teams_hook": KeyKind(SECRET, teams_hook),
    "logic_app": KeyKind(SECRET, logic_app),
    "gchat_hook": KeyKind(SECRET, gchat_hook),
    "snow_password": KeyKind(SECRET, plain(pass_phrase)),
    "snow_secret": KeyKind(SECRET, plain(lambda rng: draw(rng, ALNUM, 32))),
}

# --- names -----------------------------------------------------------------------------------------------------------

SERVICES = (
    "checkout", "payments", "ledger", "search-api", "billing", "inventory", "auth-gateway", "orders", "shipping",
    "catalog", "pricing", "media-encoder", "notifications", "fraud-scoring", "warehouse-sync", "profile",
)  # fmt: skip
TEAMS = ("platform", "sre", "core-infra", "data-eng", "web", "mobile", "growth", "storage", "network", "security")
SUBDOMAINS = ("brightloop", "harborline", "nordwick", "tillerstack", "quarryworks", "peakfold", "lumenora", "velotrade")
DOMAINS = tuple(
    f"{name}.{end}" for name, end in zip(SUBDOMAINS, ("io", "com", "net", "dev", "com", "io", "eu", "com"), strict=True)
)
PEOPLE = (
    "maria.keller",
    "j.okafor",
    "tomas.lind",
    "priya.nair",
    "sam.whitlock",
    "yuki.tanabe",
    "l.ferreira",
    "anna.brandt",
)
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-2")
TOPICS = ("prod-alarms", "cloudwatch-critical", "rds-events", "deploy-notices", "pagerduty-p1", "guardduty-findings")
CLUSTERS = ("prod-eu", "prod-us", "core-1", "edge-west", "apps-blue", "main")

NAMES: dict[str, tuple[str, ...]] = {
    "svc": SERVICES,
    "team": TEAMS,
    "sub": SUBDOMAINS,
    "domain": DOMAINS,
    "user": PEOPLE,
    "region": REGIONS,
    "topic": TOPICS,
    "cluster": CLUSTERS,
    "env": ("prod", "production", "staging", "live"),
    "ns": ("monitoring", "observability", "ops", "infra", "alerting"),
    "day": tuple(f"2025-{month:02d}-{day:02d}" for month in range(1, 13) for day in (3, 9, 14, 21, 27)),
    "time": tuple(
        f"{hour:02d}:{minute:02d}:{(hour * 7 + minute) % 60:02d}" for hour in range(24) for minute in range(3, 60, 8)
    ),
    "ip": tuple(f"10.{a}.{b}.{c}" for a in (0, 12, 40) for b in (3, 77) for c in (8, 14, 201)),
    "ver": tuple(f"{a}.{b}.{c}" for a in (0, 1, 2, 3) for b in (4, 9, 17) for c in (0, 2, 6)),
    "n": tuple(str(n) for n in (3, 5, 10, 15, 25, 30, 45, 60, 90)),
}

# --- look-alikes -----------------------------------------------------------------------------------------------------


def sri(rng: random.Random) -> str:
    """Return the integrity field of an npm lock file."""
    return "sha512-" + base64.b64encode(rng.randbytes(64)).decode()


def public_pem(rng: random.Random) -> str:
    """Return the body of a public RSA key."""
    body = base64.b64encode(bytes.fromhex("3082 0122 300d 0609 2a86 4886 f70d 0101 01") + rng.randbytes(276)).decode()
    return "\n".join(body[i : i + 64] for i in range(0, len(body), 64))


def vault_block(rng: random.Random) -> str:
    """Return the lines that Ansible Vault writes below its header."""
    return "\n".join(draw(rng, "3333366656" + "0123456789", 80) for _ in range(5))


def sops_value(rng: random.Random) -> str:
    """Return a value that SOPS has encrypted."""
    data, iv, tag = (base64.b64encode(rng.randbytes(n)).decode() for n in (32, 32, 16))
    return f"ENC[AES256_GCM,data:{data},iv:{iv},tag:{tag},type:str]"


def one_of(*pieces: tuple[str, ...]) -> Callable[[random.Random], str]:
    """Return one of the vendors' documented values, joined from its pieces."""
    return lambda rng: "".join(rng.choice(pieces))


LOOKALIKES: dict[str, Callable[[random.Random], str]] = {
    "hex12": hexes(12), "hex16": hexes(16), "hex20": hexes(20), "hex32": hexes(32), "hex40": hexes(40), "hex64": hexes(64),
    "hex7": hexes(7), "hex8": hexes(8), "hexupper32": lambda rng: draw(rng, HEX, 32).upper(),
    "uuid": uuid4, "guidhex": pd_hex,
    "word20": lambda rng: rng.choice(("escalationPolicyRefs", "incidentUrgencyRules", "notificationRuleIds", "integrationsSummary_", "serviceDependencyMap", "responsePlayRunnerV2")),
    "pushid": lambda rng: "-N" + draw(rng, BASE64URL, 18),
    "youtube": lambda rng: draw(rng, BASE64URL, 11),
    "pd_id": lambda rng: "P" + draw(rng, UPPER_ALNUM, 6),
    "pd_incident": lambda rng: "Q" + draw(rng, UPPER_ALNUM, 13),
    "pd_log": lambda rng: "R" + draw(rng, UPPER_ALNUM, 25),
    "page_id": lambda rng: draw(rng, LOWER_ALNUM, 12),
    "num": lambda rng: str(rng.randint(2, 980)), "bignum": lambda rng: digits(rng, 10), "account": lambda rng: digits(rng, 12),
    "epoch": lambda rng: str(rng.randint(1720000000, 1765000000)),
    "slack_channel": slack_id("C"), "slack_person": slack_id("U"), "slack_team": slack_id("T"), "slack_application": slack_id("A"),
    "slack_ts": lambda rng: f"{rng.randint(1720000000, 1765000000)}.{digits(rng, 6)}",
    "slack_client": lambda rng: f"{digits(rng, 12)}.{digits(rng, 13)}",
    "snowflake": snowflake,
    "aroa": aws_id("AROA"), "aida": aws_id("AIDA"), "anpa": aws_id("ANPA"),
    "instance": lambda rng: "i-0" + draw(rng, HEX, 16), "subnet": lambda rng: "subnet-0" + draw(rng, HEX, 16), "sg": lambda rng: "sg-0" + draw(rng, HEX, 16),
    "hostedzone": lambda rng: "Z0" + draw(rng, UPPER_ALNUM, 19),
    "distribution": lambda rng: "E" + draw(rng, UPPER_ALNUM, 13),
    "sri": sri,
    "gosum": lambda rng: "h1:" + base64.b64encode(rng.randbytes(32)).decode(),
    "signature": lambda rng: base64.b64encode(rng.randbytes(256)).decode(),
    "b64_32": lambda rng: base64.b64encode(rng.randbytes(32)).decode(),
    "b64_16": lambda rng: base64.b64encode(rng.randbytes(16)).decode(),
    "sealed": lambda rng: "Ag" + rng.choice("AB") + draw(rng, BASE64, 520) + "==",
    "sops": sops_value, "vault": vault_block,
    "age_recipient": lambda rng: "age1" + draw(rng, "023456789acdefghjklmnpqrstuvwxyz", 58),
    "pem": public_pem,
    "openssh": lambda rng: "AAAAC3NzaC1lZDI1NTE5AAAAI" + draw(rng, BASE64, 43),
    "eyaml": lambda rng: "ENC[PKCS7," + base64.b64encode(rng.randbytes(240)).decode() + "]",
    "salted": lambda rng: "U2FsdGVkX1" + draw(rng, BASE64, 52) + "==",
    "mask4": lambda rng: draw(rng, HEX, 4),
    # vendors' documented examples
    "ex_aws_id": one_of(("AKIA", "IOSFODNN7", "EXAMPLE")),
    "ex_aws_secret": one_of(("wJalrXUtnFEMI/", "K7MDENG/bPx", "RfiCYEXAMPLEKEY")),
    "ex_pd_rest": one_of(("y_NbAkKc66", "ryYTWUXYEu")),
    "ex_pd_events": one_of(
        ("e93facc04764012d", "7bfb002500d5d1a6"), ("R028DIE06SNKNO6V", "5ACSLRV7Y0TUVG7T"), ("R015DM1NF3UYE4NS", "WN8WBF6FS062ZZZZ"),
        ("65d9cd0e14c04dae", "8ef86867277d138c"), ("73c3047621974a99", "a83e91babdd4a2ba"),
    ),
    "ex_pd_oauth": one_of(("pdus+_0XBPWQQ_", "dfd3c718-4a46-400d", "-a8ec-45bab1fd417e")),
    "ex_pd_signature": one_of(("f03de6f61df6e454", "f3620c4d6aca17ad", "072d3f8bbb2760ea", "c3b2ad391b5e8073")),
    "ex_statuspage": one_of(("89a229ce1a8dbcf9", "ff30430fbe35eb4c", "0426574bca932061", "892cefd2138aa4b1")),
    "ex_rundeck": one_of(("E4rNvVRV378knO9d", "p3d73O0cs1kd0kCd")),
    "ex_slack_hook": one_of(("https://hooks.slack.com/services/", "T00000000/B00000000/", "X" * 24)),
    "ex_discord_hook": one_of(("https://discord.com/api/webhooks/347114750880120863/", "kKDdjXa1g9tKNs0-_yOwLyALC9gydEWP6gr9", "sHabuK1vuofjhQDDnlOclJeRIvYK-pj_")),
    "ex_betteruptime": one_of(("0123456789abcdef", "0123456789abcdef")),
}  # fmt: skip
