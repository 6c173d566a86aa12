"""keysift finds leaked integration and API keys, and tells secret from sensitive from public.

For programs:

    from scanner.match import Matcher
    from scanner.model import Blob
    from scanner.rules import load
    from scanner.scan import scan_blob

    scan_blob(Matcher(load()), Blob("name.env", data)).findings
"""
