"""Values whose name stands apart from them: found in every syntax, with every kind of name and value."""

import itertools

import pytest
from tests.detect.of_names import named_matcher

from keysift.detect.findings import scan_blob
from keysift.model import Blob
from keysift.rules import generate

NAMES = ("DB_PASSWORD", "API_TOKEN", "CLIENT_SECRET", "API_KEY")
VALUES = [
    generate.instance(template, "apart")[0]
    for template in ("{{alnum:18}}", "{{alnum:6}}-{{alnum:4}}!{{alnum:6}}", "{{alnum:32}}")
]

# ¤ stands for the value, § for its name.
SYNTAXES = {
    "Kubernetes": 'env:\n  - name: §\n    value: "¤"\n',
    "Kubernetes, bare": "env:\n  - name: LOG\n    value: info\n  - name: §\n    value: ¤\n",
    "Kubernetes, value first": 'env:\n  - name: LOG\n    value: x\n  - value: "¤"\n    name: §\n',
    "Kubernetes, one line": 'env:\n  - {name: §, value: "¤"}\n',
    "ECS": '{\n  "environment": [\n    {\n      "name": "§",\n      "value": "¤"\n    }\n  ]\n}\n',
    "ECS, one line": '{"environment":[{"name":"LOG","value":"info"},{"name":"§","value":"¤"}]}\n',
    "ECS, value first": '{"environment":[{"value":"¤","name":"§"},{"value":"info","name":"LOG"}]}\n',
    "Helm's set": 'set {\n  name  = "§"\n  value = "¤"\n}\n',
    "set_sensitive": 'set_sensitive {\n  name  = "auth.§"\n  value = "¤"\n  type = "string"\n}\n',
    "CloudFormation's parameters": '[{"ParameterKey": "§", "ParameterValue": "¤"}]\n',
    "CloudFormation's template": "Parameters:\n  §:\n    Type: String\n    NoEcho: true\n    Default: ¤\n",
    "AWS tags": "Parameters:\n  - Key: §\n    Value: ¤\n",
    ".NET": '<appSettings>\n  <add key="§" value="¤" />\n</appSettings>\n',
    ".NET, two lines": '<add key="§"\n     value="¤" />\n',
    ".NET, value first": '<add value="¤" key="§" />\n',
    "Spring": '<property name="§">\n  <value>¤</value>\n</property>\n',
    "Hadoop": "<property>\n  <name>§</name>\n  <value>¤</value>\n  <description>x</description>\n</property>\n",
    "GitLab": '[{"variable_type":"env_var","key":"§","value":"¤","protected":true}]\n',
    "Postman": '{"values":[{"key":"§","value":"¤","enabled":true}]}\n',
    "Insomnia": '{"parameters": [{"id": "pair_1", "name": "§", "type": "text", "value": "¤"}]}\n',
    "property list": "<dict>\n  <key>Log</key>\n  <string>x</string>\n  <key>§</key>\n  <string>¤</string>\n</dict>\n",
    "property list, one line": "<dict><key>§</key><string>¤</string></dict>\n",
    "KeePass, one line": '<String><Key>§</Key><Value ProtectInMemory="True">¤</Value></String>\n',
    "an element in an element": "<§><Value>¤</Value><PlainText>true</PlainText></§>\n",
    "Android": '<string name="§" translatable="false">¤</string>\n',
    "Dockerfile": "FROM x\nENV § ¤\n",
    "Apache": "  SetEnv § ¤\n",
    "csh": "setenv § ¤\n",
    "fish": "set -gx § ¤\n",
    "FastCGI": "fastcgi_param § ¤;\n",
    "nginx": 'proxy_set_header X-§ "¤";\n',
    "C": '#define § "¤"\n',
    "C, in columns": '#define  §      "¤"\n',
    "Lisp": '(setq § "¤")\n',
    "Clojure": '(def config {:host "db" :§ "¤" :port 1})\n',
    "Tcl": 'set § "¤"\n',
    "a block of YAML": "§: |\n  ¤\n",
    "a folded block of YAML": "a:\n  §: >-\n    ¤\n  b: c\n",
    "Python, in parentheses": '§ = (\n    "¤"\n)\n',
    "a call over lines": 'set§(\n    "¤"\n)\n',
    "Dart": "String.fromEnvironment('§', defaultValue: '¤')\n",
    "Dart, three lines": "String.fromEnvironment(\n  '§',\n  defaultValue: '¤',\n)\n",
    "argparse": 'parser.add_argument("--§", type=str, default="¤")\n',
    "argparse, lines": 'parser.add_argument(\n    "--§",\n    help="x",\n    default="¤",\n)\n',
    "Terraform's variables": 'variable "§" {\n  type        = string\n  description = "x"\n  default     = "¤"\n}\n',
    "Terraform's variables, one line": 'variable "§" { default = "¤" }\n',
    "Terraform's outputs": '{"outputs": {"§": {"value": "¤", "type": "string", "sensitive": true}}}\n',
    "Terraform's outputs, lines": '{\n  "§": {\n    "type": "string",\n    "value": "¤"\n  }\n}\n',
    "ARM parameters": '{"parameters": {"§": {"value": "¤"}}}\n',
    "ARM template": '"§": {\n  "type": "securestring",\n  "defaultValue": "¤"\n},\n',
    "Jenkins": "string(name: '§', defaultValue: '¤', description: '')\n",
    "Jenkins, lines": "password(name: '§',\n         defaultValue: '¤')\n",
    "Azure DevOps": "variables:\n- name: §\n  value: ¤\n- group: x\n",
    "inputs of an action": "inputs:\n  §:\n    description: x\n    required: true\n    default: ¤\n",
    "Helm's values": "secret:\n  §:\n    value: ¤\n",
    "HTML": '<input type="hidden" name="§" id="x" value="¤">\n',
    "HTML, value first": '<input value="¤" type="password" name="§">\n',
    "escaped": '{"a": "{\\"name\\": \\"§\\", \\"value\\": \\"¤\\"}"}\n',
    "Ruby": '{ name: "§", value: "¤" }\n',
    "PHP": "['name' => '§', 'value' => '¤']\n",
    "PowerShell": "@{ Name = '§'; Value = '¤' }\n",
    "Go": '{Name: "§", Value: "¤"},\n',
    "Go, lines": 'v1.EnvVar{\n\tName:  "§",\n\tValue: "¤",\n}\n',
    "Ansible": "- ansible.builtin.set_fact:\n    key: §\n    value: ¤\n",
    "Maven": "<property>\n  <name>§</name>\n  <value><![CDATA[¤]]></value>\n</property>\n",
    "Bitwarden": '{"fields": [{"name": "§", "value": "¤", "type": 1}]}\n',
    "1Password": '{"id": "x", "type": "CONCEALED", "label": "§", "value": "¤"}\n',
    "HAR": '"headers": [\n  {\n    "name": "X-§",\n    "value": "¤"\n  }\n]\n',
    "Nomad": 'env {\n  name = "§"\n  value = "¤"\n}\n',
    "TOML": '[[env]]\nname = "§"\nvalue = "¤"\n',
    "INI": "[one]\nname=§\nvalue=¤\n",
}


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_found(syntax: str) -> None:
    missed = []
    for name, value in itertools.product(NAMES, VALUES):
        text = syntax.replace("§", name).replace("¤", value)
        findings = scan_blob(named_matcher(), Blob("deploy/app.conf", text.encode())).findings
        secrets = [finding.secret.decode() for finding in findings]
        if secrets != [value]:
            missed.append((name, value, secrets))
    assert not missed


CLEAN = {
    "a path": "- name: x-token\n  value: /path/to/x1y2z3\n",
    "another item": "- name: DB_PASSWORD\n  value: x\n- name: LOG\n  value: {{alnum:18}}\n",
    "another object": '[{"name": "API_KEY"}, {"name": "id", "value": "{{alnum:18}}"}]\n',
    "a nested object": '{"name": "API_KEY", "build": {"value": "{{alnum:18}}"}}\n',
    "a reference": "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: {{alnum:18}}\n      key: db\n",
    "a statement": 'if password:\n    value = "{{alnum:18}}"\n',
    "a function": 'function resetPassword() {\n  const value = "{{alnum:18}}"\n',
    "a blank line": 'name = "API_KEY"\n\nvalue = "{{alnum:18}}"\n',
    "another element": '<add key="Password" value="" />\n<add key="Log" value="{{alnum:18}}" />\n',
    "a label": '{"key": "password_label", "value": "Enter your password"}\n',
    "text in a block": "password: |\n  {{alnum:18}} is what\n  they typed\n",
    "a block of several lines": "token: |\n  {{alnum:18}}\n  {{alnum:18}}\n",
    "prose": 'Either of the keys, and then the key "{{alnum:18}}" of it\n',
}


@pytest.mark.parametrize("template", CLEAN.values(), ids=CLEAN)
def test_a_name_that_is_not_theirs_is_not_taken(template: str) -> None:
    text, _ = generate.instance(template, "apart")
    assert [
        finding.secret for finding in scan_blob(named_matcher(), Blob("deploy/app.conf", text.encode())).findings
    ] == []
