"""Tests of what a policy may not do: each way out is refused, with its line and a word on how to mend it."""

from __future__ import annotations

import sys
from textwrap import indent

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evo.errors import PolicyError
from evo.policy import parse

from .honest import HONEST, module
from .samples import SHORT, SOURCES, body

IMPORTS = r"""
import os
import sys, os.path
import subprocess as math
import importlib
import pickle
import ctypes
import inspect
import gc
import socket
import threading
import asyncio
import builtins
import copyreg
import io, _io
import numpy.lib
import numpy.f2py
import numpy.ctypeslib
import numpy.testing
import collections.os
import evo
import evo.simulator.engine
import eudoxia.engine
import __main__
import _thread
import pandas
from os import path
from random import _os
from random import SystemRandom
from numpy import load
from numpy import lib
from numpy import ctypeslib as mean
from dataclasses import sys
from dataclasses import make_dataclass
from dataclasses import fields
from enum import sys as enum
from enum import global_enum
from statistics import sys
from logging import os
from logging import FileHandler
from logging import handlers
from logging.handlers import SocketHandler
from logging import Formatter, os
from typing import get_type_hints
from typing import ForwardRef
from typing import get_args
from functools import singledispatch
from string import Formatter
from types import FunctionType
from types import CodeType
from traceback import walk_stack
from traceback import FrameSummary
from contextlib import redirect_stdout
from weakref import finalize
from warnings import warn_explicit
from uuid import uuid1
from time import time
from time import sleep
from datetime import datetime
from sys import modules
from sys import _getframe
from io import open
from json import codecs
from queue import threading
from re import enum
from collections import _sys
from operator import __builtins__
from evo.simulator.scheduling import host
from . import secrets
from .. import evo
from os import *
from numpy import *
from random import *
from functools import *
from operator import *
from logging import *
from eudoxia.workload import secrets
from eudoxia.nowhere import Assignment
"""
"""Each is an import of what is not allowed, by module or by name."""

MODULES = r"""
import random; x = random._os
import random; x = random.SystemRandom()
import random; r = random
import math; x = [math]
import heapq; f = lambda m=heapq: m
import numpy as np; x = np.lib
import numpy as n; m = n
import numpy as n; m = [n]; x = m[0].lib
import numpy as np; f = lambda m=np: m.lib
import numpy; x = numpy.random.mtrand
import numpy as np; r = np.random
import numpy as np; x = np.load("x")
import numpy as np; x = np.memmap("x")
import numpy as np; x = np.fromfile("x")
import numpy as np; x = np.loadtxt("x")
import numpy as np; x = np.genfromtxt("x")
import numpy as np; np.save("x", [1])
import numpy as np; np.savetxt("x", [1])
import numpy as np; x = np.core.sys
import numpy as np; x = np.f2py
import numpy as np; x = np.ctypeslib
import numpy as np; x = np.testing
import numpy as np; x = np.bmat("a,b")
import numpy as np; np.zeros(3).tofile("x")
import numpy as np; np.zeros(3).dump("x")
import numpy as np; x = np.zeros(3).ctypes.data
import numpy as np; np.zeros(3).resize(9, refcheck=False)
import logging; x = logging.os
import logging; x = logging.sys.modules
import logging; logging.FileHandler("x")
import logging; logging.basicConfig(filename="x")
import logging; logging.basicConfig(**{"filename": "x"})
import logging; f = logging.basicConfig
import logging; logging.Formatter("{msg.__class__}", style="{")
import logging; logging.Formatter("{msg}", None, "{")
import logging; x = logging.getLogger().handlers[0].stream.sys
import collections.abc; x = collections.abc.sys
import collections; x = collections.abc.sys
import statistics as s2; x = s2.sys
import enum; x = enum.bltns
import enum; x = enum.Enum._convert_("X", "os", len)
import dataclasses; x = dataclasses.sys
import functools; x = functools.namedtuple.__globals__
import heapq; x = heapq.__builtins__
import math; x = math.__loader__
import math; math.pi = 3
import math; del math.pi
import math; setattr(math, "pi", 3)
import warnings; x = warnings.catch_warnings()._module
import sys; x = sys.modules
import sys; sys.exit()
import sys; sys.stdout = None
import sys; sys.setrecursionlimit(9)
import time; x = time.time()
import uuid; x = uuid.uuid1()
import string; x = string.Formatter()
import random; x = getattr(random, "_os")
import numpy as np; x = getattr(np, "lib")
import numpy as np; x = getattr(np, "random")
import numpy as np; x = np.float64.mro()
from numpy import random as r; x = r.mtrand
import eudoxia; x = eudoxia.core
import eudoxia.workload; x = eudoxia.workload.secrets
"""
"""Attributes of modules, whatever the module is called, that lead out of it."""

BUILTINS = r"""
eval("1")
exec("x = 1")
compile("1", "", "eval")
f = eval
f = [exec][0]
x = list(map(eval, ["1"]))
x = sorted([], key=eval)
open("x")
with open("x") as f: pass
input()
x = __import__("os")
x = globals()
x = locals()
x = vars(Assignment)
breakpoint()
exit()
quit()
help()
x = memoryview(b"")
x = __builtins__
x = __builtins__["eval"]
x = __loader__
x = __build_class__
__builtins__ = {}
def __import__(*a): pass
if 0: eval = None\nx = eval("1")
class C:\n    eval = 1\n    x = eval
def f():\n    global eval\n    return eval("1")
def f(x=eval): pass
def f(x: eval("1")): pass
def f() -> eval("1"): pass
x: eval("1") = 2
@eval\ndef f(): pass
@exec\n@str\nclass C: pass
x = f"{eval('1')}"
x = f"{1:{eval('1')}}"
x = [eval for _ in "a"]
x = lambda: eval
match 1:\n    case 1 if eval("1"): pass
try: pass\nexcept eval("Exception"): pass
assert True, eval("1")
raise SystemExit(exit)
del __builtins__
from operator import add as getattr\nx = getattr(len, "__self__")
def f(eval): pass\nx = eval
for eval in []: pass\neval("1")
"""
"""Builtins that no policy needs, under their names, as values and in every corner of the grammar."""

ATTRIBUTES = r"""
x = ().__class__.__bases__[0].__subclasses__()
x = object.__subclasses__()
x = int.mro()
x = type(1).__mro__
x = (lambda: 0).__globals__
x = (lambda: 0).__code__
x = (lambda: 0).__closure__
x = (lambda: 0).__defaults__
x = len.__self__
x = [].append.__self__
x = print.__module__.__class__.__dict__
x = (i for i in "").gi_frame.f_back.f_globals
x = (i for i in "").gi_code
async def f(): pass\nx = f().cr_frame
try: 1 / 0\nexcept Exception as e: x = e.__traceback__.tb_frame
try: 1 / 0\nexcept Exception as e: x = e.__context__
x = Assignment.__init__.__globals__
x = Assignment.__dict__
x = Assignment.__reduce_ex__
Assignment.__init__ = None
Assignment.cpu = 1
setattr(Assignment, "cpu", 1)
del Priority.QUERY
def f(): pass\nf.__code__ = 1
def f(): pass\nf.__defaults__ = ()
class C: pass\nC().__class__ = int
class C: pass\nC.__annotations__ = {}
class C:\n    __annotations__ = {"x=1": int}
class C:\n    __array_interface__ = {}
class C:\n    def __reduce__(self): return len, ()
class C:\n    def __subclasshook__(cls, other): return True
class C:\n    __match_args__ = ("__globals__",)
class C:\n    __match_args__ = ("__glo" + "bals__",)
class C:\n    for __match_args__ in [("__globals__",)]: pass
match len:\n    case object(__self__=x): pass
match len:\n    case object(format=x): pass
match len:\n    case object(mro=x): pass
x = getattr(len, "__self__")
x = getattr(len, "__se" + "lf__")
x = getattr(len, "".join(["__se", "lf__"]))
x = getattr(len, "__self__"[:])
x = getattr(*(len, "__self__"))
x = getattr(len, *["__self__"])
x = hasattr(len, str(1))
f = getattr
x = list(map(getattr, [len], ["__self__"]))
for n in ("a", "__self__"): x = getattr(len, n)
names = ["a"]\nnames.append("__self__")\nfor n in names: x = getattr(len, n)
names = ["a"]\nnames[0] = "__self__"\nfor n in names: x = getattr(len, n)
names = ["a"]\nother = names\nother[0] = "__self__"\nfor n in names: x = getattr(len, n)
n = "__self_"\nn = n + "_"\nx = getattr(len, n)
n = "__self_"\nn += "_"\nx = getattr(len, n)
def f(n): return getattr(len, n)\nf("__self__")
def f(n): return getattr(len, n)\ng = f\ng("__self__")
def f(n="__self__"): return getattr(len, n)\nf()
def f(*n): return [getattr(len, m) for m in n]\nf("a", "__self__")
def list(x): return ["__self__"]\nfor n in list(("a",)): x = getattr(len, n)
class C:\n    def get(self, n): return getattr(len, n)\nC().get("__self__")
class C:\n    def get(self, n): return getattr(len, n)\nf = C().get\nf("__self__")
class C:\n    def get(self, n): return getattr(len, n)\nC().get("a")\nf = getattr(C(), "get")
class C:\n    def __getattr__(self, n): return getattr(len, n)\nC().__getattr__("__self__")
class C:\n    def __getattr__(self, n): return getattr(len, n)\n    get = __getattr__
class C:\n    def __getattr__(self, n):\n        n = "__self__"\n        return getattr(len, n)
x = object.__getattribute__(len, "__self__")
x = super.__getattribute__
object.__setattr__(Assignment, "__init__", None)
setattr(Assignment, str(1), 2)
import math; setattr(math, str(1), 2)
from dataclasses import dataclass\n@dataclass\nclass C: x: int\nsetattr(C, str(1), 2)
class C: pass\nsetattr(C, str(1), 2)\nmatch 1:\n    case C(x): pass
object.__setattr__(Priority, str(1), 2)
class C: F = "{0.__globals__}"\nx = C().F.format(len)
class C: F = "{0}"\nC.F += "{0.__globals__}"\nx = C().F.format(len)
def f(x):\n    x.F = "{0.__globals__}"\n    return x.F.format(len)
delattr(Assignment, "cpu")
from operator import attrgetter; x = attrgetter("__self__")(len)
from operator import attrgetter; x = attrgetter("a.b.mro")
from operator import attrgetter; x = attrgetter(str(1))
import operator; x = operator.attrgetter(*["__self__"])
import operator as o; f = o.attrgetter
from operator import methodcaller; x = methodcaller("mro")(int)
from operator import methodcaller; x = methodcaller("format", len)
from functools import wraps; wraps(len, assigned=("__self__",))
from functools import wraps as w; w(len, ("__self__",))
from functools import wraps as w\n@w(len, ("__self__",))\ndef f(): pass
from functools import wraps; wraps(len)(Assignment)
from functools import partial, wraps; x = partial(wraps, len)
from functools import update_wrapper
from functools import cached_property; x = cached_property(len); x.attrname = "__builtins__"
from functools import cached_property; x = cached_property(len).__set_name__(1, "x")
from enum import property
from dataclasses import Field
class C: obj = 1\ntry: C.x\nexcept AttributeError as e:\n    y = e\n    x = y.obj
x = "{0.__globals__}".format(1)
x = "{0.gi_frame}".format(1)
x = "{0[a].__init__.__globals__}".format(1)
x = "{:{0.__globals__}}".format(1, 2)
x = "{a.__self__}".format_map({})
x = ("{0.__glo" + "bals__}").format(1)
x = str.format("{0.__globals__}", 1)
x = str(1).format(1)
f = str.format
f = "{0.__globals__}".format
def f(t): return t.format(1)\nf("{0.__globals__}")
x = f"{1}".format(1)
x = "{0.format}".format("")
x = type("X", (), {})
x = type(int)("X", (), {})
x = type(type(1))
f = type
x = list(map(type, ["X"], [()], [{}]))
class M(type): pass
class C(metaclass=type): pass
class C(metaclass=lambda *a: 1): pass
class C(**{"metaclass": type}): pass
from abc import ABCMeta; x = ABCMeta("X", (), {})
from abc import ABCMeta\nclass M(ABCMeta): pass
from dataclasses import dataclass; x = dataclass(int)
from dataclasses import field; f = field()
from dataclasses import field\nclass C:\n    x: int = field()
from dataclasses import dataclass, field\n@dataclass\nclass C:\n    x: int = field()\n    y = x
from dataclasses import dataclass, field\ndef f(c): return c\n@dataclass\n@f\nclass C:\n    x: int = field()
from dataclasses import dataclass, field\ndef dataclass(c): return c.x\n@dataclass\nclass C:\n    x: int = field()
class C:\n    import numpy
class C:\n    def gi_frame(self): pass
class C:\n    f_globals: int
from collections import namedtuple; N = namedtuple("N", "a gi_frame")
from collections import namedtuple; N = namedtuple("N", ["a", "f_" + "globals"])
from collections import namedtuple; N = namedtuple("N", [str(1)])
from collections import namedtuple as n; f = n
from typing import NamedTuple; N = NamedTuple("N", [("a", int)])
def f(base):\n    class C(base): pass
from enum import Enum\nE = Enum("E", [])\nclass C(E): pass
from enum import Enum\nclass C(Enum("E", [])): pass
B = str(1)\nclass C(B): pass
class C(*[int]): pass
C = str(1)\nmatch 1:\n    case C(x): pass
class C: pass\nC = str(1)\nmatch 1:\n    case C(x): pass
def f(C):\n    match 1:\n        case C(x): pass
x = type(Assignment)
x = type[int]("X", (), {})
from numpy import float64; x = type(float64)("X", (), {})
class C: pass\nx = type(C)
import sys; x = sys.stdout.buffer.raw
import sys; x = sys.stdout.buffer; x = getattr(x, "raw")
from sys import stderr; x = stderr.detach()
import pprint; x = pprint.PrettyPrinter()._stream.detach().raw
class C: raw = 1\nimport logging\nx = logging.StreamHandler().setStream(None).detach()
x = (1).__class__.__class__
x = Assignment.__class__
__name__ = "os"
from typing import *; x = get_type_hints(len)
from typing import *\nclass C: get_args = 1\nx = get_args(int)
match len:\n    case object(obj=x): pass
class C: obj = 1\nmatch len:\n    case object(obj=x): pass
from dataclasses import dataclass, field\nclass B:\n    def __init_subclass__(cls): print(cls.x)\n@dataclass\nclass C(B):\n    x: int = field()
import logging; x = logging.StreamHandler().stream.detach()
import numpy as np\nclass C: obj = 1\ntry: np.float_\nexcept AttributeError as e: x = e.obj.lib
try: 1 / 0\nexcept Exception as e: x = getattr(e, "obj")
x = getattr(len, "_" + str(1))
x = getattr(len, f"{1}x")
x = getattr(len, f"f_{1}")
x = getattr(len, f"ev{1}")
x = getattr(len, f"evo_{1}")
x = getattr(len, f"for{1}")
x = getattr(Assignment, f"x{1}")
setattr(Assignment, f"x{1}", 1)
import numpy as np; x = getattr(np, f"li{1}")
class C:\n    def get(self, n): return getattr(len, n)\nC().get("a")\nf = getattr(C(), f"g{1}")
evo_x = 1
def f(evo_x): pass
x = Assignment.evo_x
__evo_touch__ = 1
x = __evo_work__
x = getattr(Assignment, "evo_x")
x = {}.fromkeys("a").evo_state
from types import SimpleNamespace; x = SimpleNamespace(__class__=1)
"""
"""Ways into Python's insides and into the objects of what runs the policy."""

COSTS = r"""
x = [op.values for p in pipelines for op in p.values]
x = [op.get_segments() for p in pipelines for op in p.values]
x = [seg.memory_gb for p in pipelines for o in p.values for seg in o.values]
x = [o.values for p in pipelines for o in p.values]
for o in pipelines[0].runtime_status().get_ops(ASSIGNABLE_STATES): x = o.values
ops = pipelines[0].runtime_status().get_ops(ASSIGNABLE_STATES)\nfor o in ops: x = o.values[0]
x = results[0].ops[0].values
o = results[0].ops[0]\nx = o.values
x = results[0].ops[0].segments
x = getattr(results[0].ops[0], "baseline_cpu_seconds", 1)
x = results[0].ops[0].storage_read_gb
x = sum(s2.get_cpu_time(4) for s2 in [])
s.memory_gb = 1\nfor op in results[0].ops: x = op.memory_gb
"""
"""Questions after an operator's true cost, in a scheduler's body."""


def lines(text: str) -> list[str]:
    r"""The cases of a block; in a case, `\n` is a new line."""
    return [line.replace("\\n", "\n") for line in text.strip().splitlines()]


def refused(text: str) -> PolicyError:
    """What is said of a policy that is refused."""
    with pytest.raises(PolicyError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize("text", [*lines(IMPORTS), *lines(MODULES), *lines(BUILTINS), *lines(ATTRIBUTES)])
def test_ways_out(text: str) -> None:
    """Whatever leads out of a scheduler's business is refused at the line where it stands."""
    error = refused(f"{text}\n\n\n{SHORT}")
    assert error.kind == "forbidden"
    assert error.line is not None
    assert error.line <= text.count("\n") + 1
    assert "\n" not in str(error)


def test_names_are_what_python_makes_of_them() -> None:
    """Python reads letters of another shape as plain ones, and so does the gate."""
    bold = "".join(chr(ord(letter) - ord("a") + 0x1D41A) for letter in "eval")
    assert "eval" in refused(f"x = {bold}('1')\n\n\n{SHORT}").message


@pytest.mark.skipif(sys.version_info < (3, 12), reason="not yet Python")
@pytest.mark.parametrize(
    "text", ['def f[T: eval("1")](): pass', 'type X = eval("1")', 'class C[T: open("x")]: pass']
)
def test_ways_out_of_newer_pythons(text: str) -> None:
    """Type parameters are evaluated, if late."""
    assert refused(f"{text}\n\n\n{SHORT}").kind == "forbidden"


@pytest.mark.parametrize("text", lines(COSTS))
def test_true_costs(text: str) -> None:
    """An operator's true cost is nothing that a scheduler could know."""
    error = refused(body(text))
    assert error.kind == "forbidden"
    assert "true cost" in error.message


@pytest.mark.parametrize("text", HONEST.values(), ids=HONEST.keys())
def test_honest_policies_pass(text: str) -> None:
    """Ordinary Python in all its styles is no way out."""
    source = module(text)
    assert parse(source).source.strip() == source.strip()


WAYS_OUT = [line for block in (IMPORTS, MODULES, BUILTINS, ATTRIBUTES) for line in lines(block)]


@given(st.sampled_from(WAYS_OUT), st.sampled_from(sorted(HONEST.values())), st.booleans())
@settings(max_examples=150)
def test_company_makes_nothing_honest(text: str, honest: str, within: bool) -> None:
    """A way out is refused in whatever policy it hides, at its top or in a function of it."""
    assume(".dump(" not in text and text != "help()")  # what is so called may be the policy's own
    if within:
        assume("import *" not in text)
        assume(
            not any(own in text for own in ("eval = ", "for eval", "as getattr"))
        )  # a function's own names
        text = "def hidden():\n" + indent(text, "    ")
    assert refused(f"{text}\n\n\n{module(honest)}").kind == "forbidden"


@pytest.mark.parametrize("text", SOURCES)
def test_stock_policies_pass(text: str) -> None:
    """What every search begins with is allowed."""
    parse(text)
