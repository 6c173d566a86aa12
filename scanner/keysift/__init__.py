"""keysift finds leaked integration and API keys, and tells secret from sensitive from public.

For programs:

    from keysift.detect.matcher import Matcher
    from keysift.model import Blob
    from keysift.rules.ruleset import load
    from keysift.detect.findings import scan_blob

    scan_blob(Matcher(load()), Blob("name.env", data)).findings
"""
