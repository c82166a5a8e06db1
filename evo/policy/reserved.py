"""Words that mean something to Python, or to evo, and that a policy may therefore not read, write or bind.

Each answer is None if the word may be used, else what is wrong with it, why, and the mend, in one sentence. Words are
all that is looked at here; whose attribute it is, and what stands round it, is for the walk (`forbidden`).
"""

from __future__ import annotations

from types import MappingProxyType

_RUNS_TEXT = "text is never run as code; write what it shall do as plain code"
_NAMESPACE = (
    "a policy may not look at a namespace as a whole; name the variables and attributes that it needs"
)
_OUTSIDE = (
    "a policy has no files and nobody to talk to; return (suspensions, assignments), and print for debugging"
)
_ENDS = "a policy can't end the run; return [], [] where there is nothing to do"

BUILTINS = MappingProxyType(
    {
        **dict.fromkeys(("compile", "eval", "exec"), _RUNS_TEXT),
        "__import__": "modules are named where they are imported; write import math",
        **dict.fromkeys(("globals", "locals", "vars"), _NAMESPACE),
        **dict.fromkeys(("breakpoint", "help", "input", "open"), _OUTSIDE),
        **dict.fromkeys(("copyright", "credits", "exit", "license", "quit"), _ENDS),
        "memoryview": "raw memory is out of reach; use lists or numpy arrays",
        **dict.fromkeys(("__build_class__", "__loader__", "__spec__"), _RUNS_TEXT),
        "__builtins__": "the builtins are used by their names; write len(x), not __builtins__",
    }
)
"""Builtins that a policy may not name, and why."""

MILD = frozenset({"copyright", "credits", "exit", "help", "license", "quit"})
"""Those of them that do no harm, so that a policy may have variables of its own by these names."""

_COMPARISONS = "eq ne lt le gt ge hash bool"
_NUMBERS = (
    "add sub mul truediv floordiv mod divmod pow matmul lshift rshift and xor or radd rsub rmul rtruediv rfloordiv rmod "
    "rdivmod rpow rmatmul rlshift rrshift rand rxor ror iadd isub imul itruediv ifloordiv imod ipow imatmul ilshift "
    "irshift iand ixor ior neg pos abs invert int float complex index round trunc floor ceil"
)
_COLLECTIONS = "len length_hint iter next reversed contains getitem setitem delitem missing class_getitem"
_CALLS = "call enter exit await aiter anext aenter aexit get set delete"
_MADE = "init new del post_init repr str bytes sizeof format copy deepcopy replace"

METHODS = frozenset(
    f"__{word}__" for word in f"{_COMPARISONS} {_NUMBERS} {_COLLECTIONS} {_CALLS} {_MADE}".split()
)
"""Special methods that a policy's classes may have, and that may be called by name."""

BY_NAME = frozenset({"__getattr__", "__getattribute__", "__setattr__", "__delattr__"})
"""Special methods that are given the name of an attribute: to be had as `getattr` is, with names that are seen."""

HOOKS = frozenset({"__init_subclass__", "__set_name__"})
"""Special methods that are given a class before it is whole, with the fields that a dataclass is made from."""

_READABLE = METHODS | {
    "__init_subclass__",
    "__class__",
    "__module__",
    "__name__",
    "__qualname__",
    "__doc__",
    "__members__",
    "__slots__",
}
_WRITABLE = frozenset({"__doc__", "__name__", "__qualname__"})
_NAMES = METHODS | {"__name__", "__doc__", "__debug__", "__class__", "__file__"}
_ABOUT = frozenset(
    f"__{word}__"
    for word in [
        "all",
        "author",
        "copyright",
        "credits",
        "date",
        "email",
        "license",
        "maintainer",
        "status",
        "version",
    ]
)
_BINDABLE = METHODS | BY_NAME | HOOKS | _ABOUT | {"__doc__", "__match_args__", "__slots__"}

_FRAMES = (
    "ag_await ag_code ag_frame ag_running ag_suspended cr_await cr_code cr_frame cr_origin cr_running cr_suspended "
    "f_back f_builtins f_code f_generator f_globals f_lasti f_lineno f_locals f_trace f_trace_lines f_trace_opcodes "
    "func_closure func_code func_defaults func_dict func_globals gi_code gi_frame gi_running gi_suspended gi_yieldfrom "
    "im_class im_func im_self tb_frame tb_lasti tb_lineno tb_next "
    "co_argcount co_cellvars co_code co_consts co_exceptiontable co_filename co_firstlineno co_flags co_freevars "
    "co_kwonlyargcount co_lines co_linetable co_lnotab co_name co_names co_nlocals co_positions co_posonlyargcount "
    "co_qualname co_stacksize co_varnames"
)
_SYSTEM = (
    "SystemRandom attrname _builtins _convert_ _ctypes _evaluate _getframe _module _os _sys _urandom builtins capsule cffi ctypes "
    "ctypeslib data_as f2py fromfile memmap mro os sys tofile"
)
HARMFUL = MappingProxyType(
    {
        **dict.fromkeys(
            _FRAMES.split(),
            "frames and code objects are the interpreter's own; keep what you need in variables or on s",
        ),
        **dict.fromkeys(
            _SYSTEM.split(),
            "files, memory, modules and classes at large are out of reach; plain objects are enough",
        ),
    }
)
"""Attributes that are refused whatever they are asked of, and why."""

GUARDED = frozenset({"dump", "obj"})
"""Attributes that do harm on some objects and that honest classes have too: allowed on `self` and the like, and if the
policy itself defines them."""

_GUTS = "double underscores reach into Python itself; use plain attributes, functions and methods"
_OURS = "names that begin with evo_ belong to what runs the policy; use upstream's attributes, or another name of your own"


def read(name: str) -> str | None:
    """What is wrong with reading an attribute of this name."""
    reason = HARMFUL.get(name)
    if reason is None:
        reason = _underscored(name, _READABLE)
    return None if reason is None else f"the attribute {name} may not be used: {reason}"


def write(name: str) -> str | None:
    """What is wrong with writing or deleting an attribute of this name."""
    reason = HARMFUL.get(name)
    if reason is None:
        reason = _underscored(name, _WRITABLE)
    return None if reason is None else f"the attribute {name} may not be changed: {reason}"


def bind(name: str) -> str | None:
    """What is wrong with binding this name by an assignment, a parameter, a definition or an import."""
    reason = _underscored(name, _BINDABLE)
    return None if reason is None else f"{name} may not be defined: {reason}"


def name(word: str) -> str | None:
    """What is wrong with reading a name that no function of the policy binds for itself."""
    reason = BUILTINS.get(word) or _underscored(word, _NAMES | _ABOUT)
    return None if reason is None else f"{word} may not be used: {reason}"


def keyword(word: str) -> str | None:
    """What is wrong with a keyword argument of this name."""
    reason = _underscored(word, frozenset())
    if word == "refcheck":
        reason = "resizing memory that is in use crashes; make a new array with np.resize(a, shape)"
    return None if reason is None else f"the argument {word}= may not be given: {reason}"


def _underscored(name: str, among: frozenset[str]) -> str | None:
    if name.lstrip("_").startswith("evo_"):
        return _OURS
    if name.startswith("__") and name.endswith("__") and name not in among:
        return _GUTS
    return None
