"""Signatures, against values that vendors publish."""

from keysift.verify.signatures import authorize_aws

SECRET = "wJalrXUtnFEMI/K7MDENG" + "+bPxRfiCYEXAMPLEKEY"


def test_the_signature_of_aws_is_that_of_its_own_test_suite() -> None:
    """The case post-x-www-form-urlencoded: https://github.com/awslabs/aws-c-auth/tree/main/tests/aws-signing-test-suite."""
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "host": "example.amazonaws.com",
        "x-amz-date": "20150830T123600Z",
    }
    assert authorize_aws(SECRET, "AKIDEXAMPLE", "us-east-1/service", headers, b"Param1=value1") == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
    )
