"""How models answer, told by the table: which answers end in the policy that was meant, and which in a refusal."""

from __future__ import annotations

import json
import re

import pytest

from evo import shipped
from evo.errors import PolicyError
from evo.policy import parse

GUIDE = (shipped.markdown() / "policy-api.md").read_text()
POLICY = re.findall(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)[0]
IMPORTS, BODY = POLICY[: POLICY.index("CLASSES")], POLICY[POLICY.index("CLASSES") :]
HELPERS = BODY.index("def start(")
INIT, REST = POLICY[: POLICY.index("@register_scheduler(")], POLICY[POLICY.index("@register_scheduler(") :]
SNIPPET = "```python\nCPUS = 6\n```"
DIFF = "--- a/policy.py\n+++ b/policy.py\n@@ -8,3 +8,3 @@\n FIRST_RAM = 40\n-CPUS = 4\n+CPUS = 6\n"
BY_CLASS = """\
class FirstFit:
    def __init__(self):
        self.waiting = []

    def schedule(self, s, results, pipelines):
        return [], []
"""

MEANT = {
    "as asked": f"RAM is gone while CPUs idle, so I give less.\n\n```python\n{POLICY}```\n",
    "bare": POLICY,
    "bare between prose": f"Here is the policy:\n\n{POLICY}\nLet me know how it does!",
    "another language's name": f"```Python3\n{POLICY}```",
    "a title on the fence": f'```python title="policy.py"\n{POLICY}```',
    "tildes": f"~~~\n{POLICY}~~~\nDone.",
    "a headline and a list": f"# Plan\n\n1. less RAM\n2. done\n\n## Policy\n```python\n{POLICY}```\n",
    "in a list": "1. The policy:\n\n"
    + "".join(f"   {line}\n" for line in f"```python\n{POLICY}```".split("\n")),
    "snippets around": f"First {SNIPPET[:9]}\nCPUS = 6\n```\nthen\n```python\n{POLICY}```\nwhere\n{SNIPPET}\nmatters",
    "a shell command before": f"```bash\npip install eudoxia\n```\n```python\n{POLICY}```",
    "thoughts with a draft": f"<think>Perhaps\n```python\n{POLICY}x = (\n```\n</think>\n```python\n{POLICY}```",
    "thoughts without a beginning": f"Perhaps {SNIPPET}\n</think>\n\n```python\n{POLICY}```",
    "thoughts of another name": f"<reasoning>so\n</reasoning>{chr(10)}```python\n{POLICY}```",
    "in tags": f"<policy>\n{POLICY}</policy>",
    "in tags and a fence": f"<answer>\n```python\n{POLICY}```\n</answer>",
    "never closed": f"Here:\n```python\n{POLICY}",
    "in two halves": f"The init:\n```python\n{INIT}```\nand the scheduler:\n```python\n{REST}```",
    "a broken try first": f"```python\n{POLICY}(\n```\nSorry, again:\n```python\n{POLICY}```",
    "Windows line ends": f"Here:\r\n```python\r\n{POLICY}```\r\n".replace("\n", "\r\n").replace("\r\r", "\r"),
    "without imports": BODY,
    "more imports": f"import math\nfrom collections import deque\nfrom typing import List, Tuple\n{POLICY}",
    "its own words for types": POLICY.replace(
        "def schedule(s, results, pipelines):",
        "def schedule(s, results: List[ExecutionResult], pipelines: List[Pipeline]) -> Tuple[list, list]:",
    ),
    "the key renamed": POLICY.replace('"first-fit"', '"better_first_fit_v2"'),
    "the key as an argument by place": POLICY.replace('key="first-fit"', '"first-fit"'),
    "functions renamed": POLICY.replace("def init(", "def prepare(").replace("def schedule(", "def run("),
    "helpers first": BODY[HELPERS:] + "\n\n" + IMPORTS + BODY[:HELPERS],
    "a sketch before": f"A sketch:\n```python\n{INIT}{REST[: REST.index('    s.waiting.ext')]}```\nAll:\n```python\n{POLICY}```",
}
"""Answers that mean the policy of the guide; some change what doesn't change how it decides."""

REFUSED = {
    "nothing": ("", "contract", "no Python function"),
    "prose": ("I can't improve this policy any further.", "contract", "no Python function"),
    "cut in the first half": (f"```python\n{INIT}@register_sch", "syntax", "register_sch"),
    "only a diff": (f"```diff\n{DIFF}```", "contract", "no Python function"),
    "only what changed": (
        f"```python\n# ... as before\n{BODY[HELPERS:]}```",
        "contract",
        r'no function is decorated with @register_scheduler_init; add @register_scheduler_init\(key="my-policy"\)',
    ),
    "left out in words": (POLICY.replace("    s.ram = {}", "    ... (unchanged) ..."), "syntax", "mend this line"),
    "a class": (f"```python\n{BY_CLASS}```", "contract", "no function is decorated"),
    "a registered class": (f'@register_scheduler(key="a")\n{BY_CLASS}', "contract", "decorates a class"),
    "two keys": (POLICY.replace('"first-fit"', '"best-fit"', 1), "contract", "give both the same key"),
    "two schedulers": (f"{POLICY}\n\n{REST}", "contract", "2 functions are decorated .* keep exactly one"),
    "another signature": (POLICY.replace("(s, results, pipelines)", "(results, pipelines)"), "contract", "def scheduler"),
    "a generator": (POLICY.replace("return [], assignments", "yield assignments"), "contract", "yield"),
    "a clock": (f"import time\n{POLICY}", "forbidden", "s.clock.now_ticks"),
    "another library": (f"import pandas as pd\n{POLICY}", "forbidden", "pandas"),
    "true costs": (POLICY.replace("s.ram.get(op, FIRST_RAM)", "op.get_peak_memory_gb()"), "forbidden", "is hidden"),
    "as JSON": (json.dumps({"code": POLICY}), "contract", "no function is decorated"),
}  # fmt: skip


@pytest.mark.parametrize("answer", MEANT.values(), ids=MEANT.keys())
def test_the_policy_that_was_meant(answer: str) -> None:
    """However it is wrapped, the program that comes out decides as the model's does, and has all its parts."""
    found = parse(answer)
    assert found.source.count("def ") == 4
    assert "s.ram[op] = 2 * result.ram" in found.source
    assert found.source.rstrip().endswith(("has_timed_out()", "return [], assignments"))


@pytest.mark.parametrize(("answer", "kind", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_policy(answer: str, kind: str, words: str) -> None:
    """What can't be taken as it is, is refused with a kind and a reason that a repair can be asked with."""
    with pytest.raises(PolicyError, match=words) as caught:
        parse(answer)
    assert caught.value.kind == kind


OTHERS = {"without imports", "more imports", "its own words for types", "helpers first", "functions renamed"}
"""Those whose text differs in more than its wrapping, its key and its comments."""


@pytest.mark.parametrize("name", sorted(MEANT.keys() - OTHERS))
def test_names_keys_and_wrapping_change_no_program(name: str) -> None:
    """Its normal form is that of the guide's policy, so that a run knows it again."""
    assert parse(MEANT[name]).hash == parse(POLICY).hash
