"""The forms of what only the holder of another key can read."""

from __future__ import annotations

from keysift.detect.forms.form import BASE64, HEX_DIGITS, Form

SEALED: tuple[Form, ...] = (
    Form(
        "![",
        rf"!\[[{BASE64}]{{20,}}={{0,2}}\]?|\[{{1,2}}(?i:enc|encrypted|cipher):.*",
        "an encrypted value",
        "https://docs.mulesoft.com/mule-runtime/latest/secure-configuration-properties",
    ),
    Form(
        HEX_DIGITS + "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ+/",
        rf"[{BASE64}]{{16}}\|\|[{BASE64}]{{20,}}={{0,2}}",
        "a value that NiFi encrypted",
        "https://nifi.apache.org/nifi-docs/administration-guide.html",
    ),
    Form(
        "e",
        rf"encrypted:[{BASE64}]{{40,}}={{0,2}}",
        "a value that dotenvx encrypted",
        "https://dotenvx.com/docs/env-file",
    ),
    Form(
        "01234567",
        rf"[0-7]\.(?:[{BASE64}]{{12,}}={{1,2}}(?:\|[{BASE64}]{{12,}}={{0,2}}){{0,2}}|[{BASE64}]{{300,}}={{0,2}})",
        "a value that Bitwarden encrypted",
        "https://contributing.bitwarden.com/architecture/cryptography/",
    ),
    Form(
        "$!",
        r"(?:!vault[\s|]*)?\$ANSIBLE_VAULT;.*",
        "a value in an Ansible vault",
        "https://docs.ansible.com/ansible/latest/vault_guide/",
    ),
    Form(
        "E",
        r"ENC\([0-9A-Za-z+/=_-]{16,}\)",
        "a value that Jasypt encrypted",
        "http://www.jasypt.org/encrypting-configuration.html",
    ),
    Form(
        "E",
        r"E(?:NC\[(?:AES256_GCM|PKCS7|GPG|KMS)|J\[\d)[,:].*",
        "an encrypted value",
        "https://getsops.io, https://github.com/voxpupuli/hiera-eyaml, https://github.com/Shopify/ejson",
    ),
    Form(
        "{",
        r"\{(?:cipher|aes|AES)\}['\"]?[0-9A-Za-z+/=]{24,}",
        "an encrypted value",
        "https://docs.spring.io/spring-cloud-config/reference/server/encryption-and-decryption.html",
    ),
    Form(
        "{",
        rf"\{{[{BASE64}]{{40,}}={{0,2}}\}}",
        "a value that Maven or Jenkins encrypted",
        "https://maven.apache.org/guides/mini/guide-encryption.html",
    ),
    Form(
        "A",
        rf"AQ[IE](?:CAH|DAH)[{BASE64}]{{60,}}={{0,2}}",
        "a value that AWS KMS encrypted",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html",
    ),
    Form(
        "C",
        rf"CiQ[A-D][{BASE64}]{{60,}}={{0,2}}",
        "a value that Google KMS encrypted",
        "https://cloud.google.com/kms/docs/encrypt-decrypt",
    ),
    Form(
        "v",
        r"vault:v\d+:[0-9A-Za-z+/=]{16,}",
        "a value that Vault encrypted",
        "https://developer.hashicorp.com/vault/docs/secrets/transit",
    ),
    Form(
        "g",
        r"gAAAAA[0-9A-Za-z_-]{90,}={0,2}",
        "a Fernet token, an encrypted value",
        "https://github.com/fernet/spec",
    ),
    Form(
        "U",
        rf"U2FsdGVkX1[{BASE64}]{{22,}}={{0,2}}",
        "a value that OpenSSL encrypted",
        "https://docs.openssl.org/master/man1/openssl-enc/",
    ),
    Form(
        HEX_DIGITS + "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ+/",
        rf"[{BASE64}]{{20,}}={{0,2}}--[{BASE64}]{{16}}--[{BASE64}]{{22}}==",
        "a value that Rails encrypted",
        "https://api.rubyonrails.org/classes/ActiveSupport/MessageEncryptor.html",
    ),
    Form(
        "Y-",
        r"YWdlLWVuY3J5cHRpb24ub3JnL3Y.*|-----BEGIN AGE ENCRYPTED FILE-----.*",
        "a value that age encrypted",
        "https://github.com/C2SP/C2SP/blob/main/age.md",
    ),
    Form(
        "-hw",
        rf"-----BEGIN PGP (?:MESSAGE|SIGNATURE|PUBLIC KEY BLOCK).*|(?:h[QI][EI][MN]A|wc[BF]M[A-D])"
        rf"[{BASE64}=\s]{{100,}}",
        "an OpenPGP message",
        "RFC 9580",
    ),
    Form(
        "A",
        rf"AQAAANCMnd8BFdERjHoAwE/Cl\+[s-v][{BASE64}]{{40,}}={{0,2}}",
        "a value that Windows encrypted",
        "https://learn.microsoft.com/en-us/dotnet/standard/security/how-to-use-data-protection",
    ),
    Form(
        "05",
        r"(?i:(?:51:b:)?01000000d08c9ddf0115d1118c7a00c04fc297eb[0-9a-f]{80,})",
        "a value that Windows encrypted",
        "https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.security/convertfrom-securestring",
    ),
    Form(
        "A",
        rf"Ag[A-D][{BASE64}]{{300,}}={{0,2}}",
        "a sealed secret",
        "https://github.com/bitnami-labs/sealed-secrets",
    ),
    Form(
        "v",
        rf"v1:[{BASE64}]{{16}}:[{BASE64}]{{20,}}={{0,2}}",
        "a value that Pulumi encrypted",
        "https://www.pulumi.com/docs/iac/concepts/secrets/",
    ),
    Form(
        "e",
        r"eyJpdiI6[0-9A-Za-z+/=]{60,}",
        "a value that Laravel encrypted",
        "https://laravel.com/docs/encryption",
    ),
    Form(
        "A",
        rf"AQIAA[{BASE64}]{{3}}AAAApAAA[{BASE64}]{{60,}}={{0,2}}",
        "a session key that Windows encrypted with a key of the machine",
        "https://learn.microsoft.com/en-us/windows/win32/seccrypto/base-provider-key-blobs",
    ),
    Form(
        "acekswACEKSW",
        r"(?i:enc(?:rypted)?|aes(?:-?\d{3})?(?:-?(?:gcm|cbc))?|cipher(?:text)?(?:-aes-)?|sealed|wrapped|kms"
        r"|k8s:enc:\w+)(?:[:_]?v\d)?(?:-|:)[0-9A-Za-z+/=_:-]{24,}",
        "an encrypted value",
        "its own prefix",
    ),
)
SHOWN = frozenset(
    {"a Fernet token, an encrypted value", "a value that Rails encrypted", "a value that Laravel encrypted"}
)
"""What servers hand out as tokens and cookies, too: as such it lets in whoever shows it."""
