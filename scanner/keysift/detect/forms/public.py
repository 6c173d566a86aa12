"""The forms of what everyone may know: public keys, fingerprints, addresses, publishable keys."""

from __future__ import annotations

from keysift.detect.forms.form import BASE58, BASE64, BECH32, HEX_DIGITS, Form

PUBLIC: tuple[Form, ...] = (
    Form(
        "es",
        rf"ed25519:[{BASE58}]{{43,44}}|secp256k1:[{BASE58}]{{87,88}}",
        "a public key of NEAR",
        "https://docs.near.org/protocol/access-keys",
    ),
    Form(
        "EP5",
        rf"EOS[{BASE58}]{{50}}|PUB_[KR]1_[{BASE58}]{{50}}|5(?=.*[G-Zg-z])[{BASE58}]{{47}}",
        "a public key or address of EOS or Substrate",
        "https://docs.eosnetwork.com, https://docs.polkadot.com/polkadot-protocol/basics/accounts/",
    ),
    Form(
        "nmd",
        r"(?:nodekey|mkey|discokey):[0-9a-f]{64}",
        "a public key of Tailscale",
        "https://tailscale.com/blog/how-tailscale-works",
    ),
    Form(
        "-",
        r"-----BEGIN (?:[A-Z0-9]{1,10} )?(?:PUBLIC KEY|CERTIFICATE(?: REQUEST)?)(?: BLOCK)?-----(?!.*PRIVATE).*",
        "a public key or certificate",
        "RFC 7468",
    ),
    Form(
        "se",
        r"(?:sk-)?(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d{3})(?:-cert-v01)?(?:@openssh\.com)? AAAA.*",
        "an SSH public key",
        "RFC 4253, 6.6",
    ),
    Form(
        "A",
        r"AAAA(?:B3NzaC1|C3NzaC1|E2VjZHNh|G2VjZHNh|GnNrLXN|InNrLWVj)[0-9A-Za-z+/=@. -]{40,}",
        "an SSH public key",
        "RFC 4253, 6.6",
    ),
    Form(
        "a",
        rf"age1(?:pq1|tag1|tagpq1|[a-z0-9]{{2,20}}1)?[{BECH32}]{{58,}}(?:[,\s]+age1.*)?",
        "an age recipient, a public key",
        "https://github.com/C2SP/C2SP/blob/main/age.md",
    ),
    Form(
        "R",
        rf"RW[QRST][{BASE64}]{{53}}",
        "a public key of minisign or signify",
        "https://jedisct1.github.io/minisign/",
    ),
    Form(
        "0",
        r"(?:0x)?(?:0[23][0-9a-fA-F]{64}|04[0-9a-fA-F]{128})(?:@[\w.:\[\]-]{3,})?",
        "a point on a curve, a public key",
        "SEC 1, 2.3.3",
    ),
    Form(
        "mx",
        rf"(?:mQ[EIGMN][NEB]|mDME|mFIE|xs[BDF]N|xj[ME]E)[{BASE64}\s]{{60,}}={{0,2}}(?:\s*=[{BASE64}]{{4}})?\s*",
        "an OpenPGP public key",
        "RFC 9580, 5.5",
    ),
    Form(
        "B",
        rf"B[Q-Za-f][{BASE64}]{{42}}",
        "a public key of the Signal protocol",
        "https://signal.org/docs/specifications/x3dh/, 2.1: one byte for the curve, 0x05, and a Curve25519 public key",
    ),
    Form(
        "B",
        r"B[0-9A-Za-z_-]{86}=?",
        "a point on a curve, a public key",
        "RFC 8292, 3.2",
    ),
    Form(
        "UAONCXG",
        r"[UAONCXG][A-Z2-7]{55}",
        "a public key of NATS or Stellar",
        "https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth",
    ),
    Form(
        "n",
        rf"n(?:pub|profile|event|addr)1[{BECH32}]{{58,}}",
        "a public key of Nostr",
        "https://github.com/nostr-protocol/nips/blob/master/19.md",
    ),
    Form(
        "xyztuv",
        rf"[xyztuv]pub[{BASE58}]{{100,112}}",
        "an extended public key",
        "BIP 32",
    ),
    Form(
        "es",
        rf"(?:edpk|sppk)[{BASE58}]{{50,51}}",
        "a public key of Tezos",
        "https://tezos.gitlab.io/",
    ),
    Form(
        "1",
        rf"1(?:2D3KooW|6Uiu2HA)[{BASE58}]{{44,45}}",
        "the id of a libp2p peer",
        "https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md",
    ),
    Form(
        "dz",
        rf"(?:did:key:)?z(?:6Mk|Q3s|Dn)[{BASE58}]{{43,60}}(?:#z.*)?",
        "a public key",
        "https://w3c-ccg.github.io/did-key-spec/",
    ),
    Form(
        "bt",
        rf"(?:bc|tb)1[{BECH32}]{{38,58}}",
        "an address of Bitcoin",
        "BIP 173",
    ),
    Form(
        "Qb",
        rf"Qm[{BASE58}]{{44}}|bafy[a-z2-7]{{55,}}",
        "the id of content in IPFS",
        "https://github.com/multiformats/cid",
    ),
    Form(
        "abcdefghijklmnopqrstuvwxyz",
        rf"[a-z][\w.-]{{2,80}}-\d{{1,3}}:[{BASE64}]{{43}}=",
        "a public key of a Nix cache",
        "https://nix.dev/manual/nix/2.24/command-ref/new-cli/nix3-key",
    ),
    Form(
        "S",
        rf"SHA256:[{BASE64}]{{43}}",
        "a fingerprint",
        "RFC 4716",
    ),
    Form(
        "M" + HEX_DIGITS,
        r"(?:MD5:)?[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){15}(?:(?::[0-9a-fA-F]{2}){4}){0,4}",
        "a fingerprint",
        "RFC 4716",
    ),
    Form(
        "p",
        r"pk_(?:live|test)_[0-9A-Za-z$=]{16,}|phc_[0-9A-Za-z]{30,}|pk\.eyJ[\w.-]{40,}|pub[0-9a-f]{32}",
        "a publishable key",
        "https://docs.stripe.com/keys, https://clerk.com/docs, https://posthog.com/docs/api, "
        "https://docs.mapbox.com/accounts/guides/tokens, "
        "https://docs.datadoghq.com/account_management/api-app-keys",
    ),
    Form(
        "s",
        r"sb_publishable_[0-9A-Za-z_-]{20,}",
        "a publishable key",
        "https://supabase.com/docs/guides/api/api-keys",
    ),
    Form(
        "Fmr",
        r"FLWPUBK(?:_TEST)?-[0-9a-f-]{30,}X?|mob-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|rzp_(?:live|test)_"
        r"[0-9A-Za-z]{14}",
        "a publishable key",
        "https://developer.flutterwave.com, "
        "https://launchdarkly.com/docs/sdk/concepts/client-side-server-side, "
        "https://razorpay.com/docs/api/authentication",
    ),
)
