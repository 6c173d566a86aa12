"""The forms of what a password is checked against; the rule `password-hash` tells where such a hash is worth a look."""

from __future__ import annotations

from keysift.detect.forms.form import BASE64, CRYPT, Form

HASHED: tuple[Form, ...] = (
    Form(
        "{",
        rf"\{{[0-9a-f]{{40}}[{CRYPT}]{{8}}",
        "a password hash of Transmission",
        "https://github.com/transmission/transmission/blob/main/libtransmission/crypto-utils.cc",
    ),
    Form(
        "@",
        rf"@ByteArray\([{BASE64}]{{20,}}={{0,2}}:[{BASE64}]{{40,}}={{0,2}}\)",
        "a password hash of qBittorrent",
        "https://github.com/qbittorrent/qBittorrent/blob/master/src/base/utils/password.cpp",
    ),
    Form(
        "-",
        r"-(?:pbkdf2(?::\w{3,6})?|hashed)-[0-9a-f]{40,},.*",
        "a password hash of CouchDB",
        "https://docs.couchdb.org/en/stable/config/auth.html",
    ),
    Form(
        "$",
        rf"\${{1,2}}(?:2[abxy]?|1|5|6|7|8|9|g?y|apr1|md5|sha1|argon2(?:id|i|d)|scrypt|s[02]|bcrypt-sha256"
        rf"|pbkdf2[\w-]{{0,12}}|shiro1|P|H|S|wp)\$.*[{CRYPT}+]{{16,}}={{0,2}}",
        "a password hash",
        "crypt(5), https://passlib.readthedocs.io",
    ),
    Form(
        "$",
        r"\$(?:[PH]\$B|S\$[A-Z])[./0-9A-Za-z]{30,51}",
        "a password hash",
        "https://passlib.readthedocs.io/en/stable/lib/passlib.hash.phpass.html",
    ),
    Form(
        "pbasmu",
        r"(?:pbkdf2[_:]sha\d{1,3}|bcrypt(?:_sha256)?|argon2|scrypt|sha1|md5|unsalted_md5"
        r"|pbkdf2)[$:][\w:./+=$,-]{30,}",
        "a password hash",
        "https://docs.djangoproject.com/en/stable/topics/auth/passwords/, "
        "https://werkzeug.palletsprojects.com/en/stable/utils/",
    ),
    Form(
        "g",
        r"grub\.pbkdf2\.sha512\..*",
        "a password hash",
        "https://www.gnu.org/software/grub/manual/grub/html_node/password_005fpbkdf2.html",
    ),
    Form(
        "{",
        r"\{(?i:S?SHA-?\d{0,3}|S?MD5|CRYPT|BLF-CRYPT|SHA\d{3}-CRYPT|MD5-CRYPT|ARGON2\w{0,2}"
        r"|PBKDF2\w{0,12}(?:-\w{1,8})?|bcrypt|scrypt)(?:@\w{1,40})?(?:\.\w{3,6})?\}.{20,}",
        "a password hash",
        "RFC 2307, https://docs.spring.io/spring-security/reference/features/authentication/password-storage.html",
    ),
    Form(
        "*",
        r"\*[0-9A-F]{40}",
        "a password hash of MySQL",
        "https://dev.mysql.com/doc/refman/8.0/en/password-hashing.html",
    ),
    Form(
        "m",
        r"md5[0-9a-f]{32}",
        "a password hash of PostgreSQL",
        "https://www.postgresql.org/docs/current/catalog-pg-authid.html",
    ),
    Form(
        "S",
        r"SCRAM-SHA-\d{1,3}\$\d+:.*",
        "a password hash of PostgreSQL",
        "https://www.postgresql.org/docs/current/catalog-pg-authid.html",
    ),
    Form(
        "A",
        rf"AQAAAA[EI]AA[{BASE64}]{{70,76}}={{0,2}}",
        "a password hash of ASP.NET",
        "https://github.com/dotnet/aspnetcore/blob/main/src/Identity/Extensions.Core/src/PasswordHasher.cs",
    ),
    Form(
        "#",
        r"#[0-9a-f]{64}",
        "a password hash of Redis",
        "https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/",
    ),
    Form(
        "0",
        r"0x0[12]00[0-9A-Fa-f]{88,140}",
        "a password hash of SQL Server",
        "https://learn.microsoft.com/en-us/sql/t-sql/statements/create-login-transact-sql",
    ),
)
