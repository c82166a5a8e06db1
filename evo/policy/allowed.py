"""What a policy may import: the modules, and of each the names.

A list of names, not of modules, because a module is a door to whatever it imported itself (`random._os`). A name is
here if nothing can be reached through it that a scheduler has no use for: files, processes, the network, clocks,
other modules, frames, and text that is run as code. The names of Eudoxia are those that a policy is served when it
runs (`evo.simulator.scheduling.modules`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from evo.policy.eudoxia import EUDOXIA
from evo.policy.numeric import NUMPY

_STANDARD = {
    "__future__": "absolute_import annotations division generator_stop generators nested_scopes print_function "
    "unicode_literals with_statement",
    "abc": "ABC ABCMeta abstractclassmethod abstractmethod abstractproperty abstractstaticmethod",
    "array": "ArrayType array typecodes",
    "bisect": "bisect bisect_left bisect_right insort insort_left insort_right",
    "cmath": "acos acosh asin asinh atan atanh cos cosh e exp inf infj isclose isfinite isinf isnan log log10 nan "
    "nanj phase pi polar rect sin sinh sqrt tan tanh tau",
    "collections": "ChainMap Counter OrderedDict UserDict UserList UserString defaultdict deque namedtuple",
    "collections.abc": "AsyncGenerator AsyncIterable AsyncIterator Awaitable Buffer ByteString Callable Collection "
    "Container Coroutine Generator Hashable ItemsView Iterable Iterator KeysView Mapping MappingView MutableMapping "
    "MutableSequence MutableSet Reversible Sequence Set Sized ValuesView",
    "contextlib": "AbstractContextManager ContextDecorator ExitStack closing contextmanager nullcontext suppress",
    "copy": "Error copy deepcopy replace",
    "dataclasses": "FrozenInstanceError InitVar KW_ONLY MISSING asdict astuple dataclass field is_dataclass "
    "replace",
    "datetime": "timedelta",
    "decimal": "BasicContext Clamped Context ConversionSyntax Decimal DecimalException DecimalTuple DefaultContext "
    "DivisionByZero DivisionImpossible DivisionUndefined ExtendedContext FloatOperation Inexact InvalidContext "
    "InvalidOperation MAX_EMAX MAX_PREC MIN_EMIN MIN_ETINY Overflow ROUND_05UP ROUND_CEILING ROUND_DOWN ROUND_FLOOR "
    "ROUND_HALF_DOWN ROUND_HALF_EVEN ROUND_HALF_UP ROUND_UP Rounded Subnormal Underflow getcontext localcontext "
    "setcontext",
    "enum": "CONFORM CONTINUOUS EJECT Enum EnumCheck EnumMeta EnumType Flag FlagBoundary IntEnum IntFlag KEEP "
    "NAMED_FLAGS ReprEnum STRICT StrEnum UNIQUE auto member nonmember unique verify",
    "fractions": "Fraction",
    "functools": "cache cached_property cmp_to_key lru_cache partial partialmethod reduce total_ordering "
    "wraps",
    "graphlib": "CycleError TopologicalSorter",
    "hashlib": "blake2b blake2s md5 sha1 sha224 sha256 sha384 sha3_224 sha3_256 sha3_384 sha3_512 sha512",
    "heapq": "heapify heapify_max heappop heappop_max heappush heappush_max heappushpop heappushpop_max heapreplace "
    "heapreplace_max merge nlargest nsmallest",
    "io": "BytesIO StringIO",
    "itertools": "accumulate batched chain combinations combinations_with_replacement compress count cycle dropwhile "
    "filterfalse groupby islice pairwise permutations product repeat starmap takewhile tee zip_longest",
    "json": "JSONDecodeError JSONDecoder JSONEncoder dumps loads",
    "logging": "CRITICAL DEBUG ERROR FATAL Filter Formatter Handler INFO LogRecord Logger LoggerAdapter NOTSET "
    "NullHandler StreamHandler WARN WARNING addLevelName basicConfig critical debug disable error exception fatal "
    "getLevelName getLogger info log root warn warning",
    "math": "acos acosh asin asinh atan atan2 atanh cbrt ceil comb copysign cos cosh degrees dist e erf erfc exp "
    "exp2 expm1 fabs factorial floor fma fmod frexp fsum gamma gcd hypot inf isclose isfinite isinf isnan isqrt lcm "
    "ldexp lgamma log log10 log1p log2 modf nan nextafter perm pi pow prod radians remainder sin sinh sqrt sumprod "
    "tan tanh tau trunc ulp",
    "numbers": "Complex Integral Number Rational Real",
    "operator": "abs add and_ attrgetter call concat contains countOf delitem eq floordiv ge getitem gt iadd iand "
    "iconcat ifloordiv ilshift imatmul imod imul index indexOf inv invert ior ipow irshift is_ is_none is_not "
    "is_not_none isub itemgetter itruediv ixor le length_hint lshift lt matmul methodcaller mod mul ne neg not_ or_ "
    "pos pow rshift setitem sub truediv truth xor",
    "pprint": "PrettyPrinter pformat pp pprint saferepr",
    "queue": "Empty Full LifoQueue PriorityQueue Queue ShutDown SimpleQueue",
    "random": "Random betavariate binomialvariate choice choices expovariate gammavariate gauss getrandbits getstate "
    "lognormvariate normalvariate paretovariate randbytes randint random randrange sample seed setstate shuffle "
    "triangular uniform vonmisesvariate weibullvariate",
    "re": "A ASCII DOTALL I IGNORECASE M MULTILINE Match NOFLAG Pattern PatternError RegexFlag S U UNICODE VERBOSE X "
    "compile error escape findall finditer fullmatch match purge search split sub subn",
    "statistics": "NormalDist StatisticsError correlation covariance fmean geometric_mean harmonic_mean kde "
    "linear_regression mean median median_grouped median_high median_low mode multimode pstdev pvariance quantiles "
    "stdev variance",
    "string": "Template ascii_letters ascii_lowercase ascii_uppercase capwords digits hexdigits octdigits printable "
    "punctuation whitespace",
    "sys": "float_info hash_info int_info maxsize stderr stdout version_info",
    "textwrap": "TextWrapper dedent fill indent shorten wrap",
    "traceback": "format_exc format_exception format_exception_only print_exc print_exception",
    "types": "EllipsisType GenericAlias MappingProxyType MethodType NoneType NotImplementedType SimpleNamespace "
    "UnionType",
    "typing": "AbstractSet Annotated Any AnyStr AsyncContextManager AsyncGenerator AsyncIterable AsyncIterator "
    "Awaitable BinaryIO ByteString Callable ChainMap ClassVar Collection Concatenate Container ContextManager "
    "Coroutine Counter DefaultDict Deque Dict Final FrozenSet Generator Generic Hashable IO ItemsView Iterable "
    "Iterator KeysView List Literal LiteralString Mapping MappingView Match MutableMapping MutableSequence "
    "MutableSet NamedTuple Never NewType NoReturn NotRequired Optional OrderedDict ParamSpec ParamSpecArgs "
    "ParamSpecKwargs Pattern Protocol ReadOnly Required Reversible Self Sequence Set Sized SupportsAbs SupportsBytes "
    "SupportsComplex SupportsFloat SupportsIndex SupportsInt SupportsRound TYPE_CHECKING Text TextIO Tuple Type "
    "TypeAlias TypeAliasType TypeGuard TypeIs TypeVar TypeVarTuple TypedDict Union Unpack ValuesView assert_never "
    "assert_type cast final no_type_check overload override reveal_type runtime_checkable",
    "uuid": "NAMESPACE_DNS NAMESPACE_OID NAMESPACE_URL NAMESPACE_X500 UUID uuid3 uuid4 uuid5",
    "warnings": "catch_warnings deprecated filterwarnings resetwarnings simplefilter warn",
    "weakref": "ReferenceType WeakKeyDictionary WeakMethod WeakSet WeakValueDictionary proxy ref",
    "zlib": "adler32 crc32",
}

ALLOWED: Mapping[str, frozenset[str]] = MappingProxyType(
    {module: frozenset(names.split()) for module, names in {**_STANDARD, **NUMPY, **EUDOXIA}.items()}
)
"""The names of each module; the names that only some versions of Python have are there too."""

SUBMODULES = frozenset(ALLOWED)
"""Modules by full name; of what is in them as a module, only these."""

STARRED = EUDOXIA.keys() | frozenset(
    [
        "bisect",
        "cmath",
        "collections.abc",
        "fractions",
        "graphlib",
        "heapq",
        "itertools",
        "math",
        "numbers",
        "queue",
        "statistics",
    ]
)
"""Modules of which a star gives nothing but what is allowed."""

_CLOCK = (
    "a clock tells nothing of the simulation and another time in every run; ask s.clock.now_ticks() or"
    " s.clock.now_seconds()"
)
_ALONE = "a policy is one thread that answers and returns; keep its state on s and return (suspensions, assignments)"
_DATA = "it is not there when a policy runs; use numpy and the standard library's containers"
_FILES = "a policy has no files, processes or network; what it needs is in s, results and pipelines"
_CODE = (
    "a policy may not look into the interpreter or make code from text; write what it shall do as plain code"
)

REASONS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("calendar", "datetime", "sched", "time", "timeit", "zoneinfo"), _CLOCK),
        **dict.fromkeys(
            ("asyncio", "concurrent", "multiprocessing", "signal", "subprocess", "threading", "_thread"),
            _ALONE,
        ),
        **dict.fromkeys(
            (
                "pandas",
                "scipy",
                "sklearn",
                "sortedcontainers",
                "torch",
                "networkx",
                "numba",
                "ortools",
                "typing_extensions",
            ),
            _DATA,
        ),
        **dict.fromkeys(
            (
                "ast",
                "builtins",
                "code",
                "codeop",
                "copyreg",
                "ctypes",
                "dis",
                "gc",
                "imp",
                "importlib",
                "inspect",
            ),
            _CODE,
        ),
        **dict.fromkeys(
            ("marshal", "pickle", "pkgutil", "runpy", "shelve", "sys", "sysconfig", "tracemalloc"), _CODE
        ),
        **dict.fromkeys(
            (
                "glob",
                "http",
                "os",
                "pathlib",
                "platform",
                "posix",
                "requests",
                "shutil",
                "socket",
                "tempfile",
                "urllib",
            ),
            _FILES,
        ),
        "evo": "the simulator is not the policy's business; what it may know is in s, results and pipelines",
        "secrets": "it draws differently in every run; use random.Random(0)",
        "uuid": "it asks for a clock and the network; number things with itertools.count()",
        "numpy": "it is for arithmetic on arrays; files and raw memory are out of reach",
        "logging": "only its loggers may be used; call logging.getLogger(__name__) and write with that",
    }
)
"""Why not, and what instead, for modules that policies are known to ask for."""

ANY_OTHER = (
    "only what a scheduler needs is allowed: math, random, collections, heapq, itertools, functools, bisect,"
    " statistics, dataclasses, enum, typing, numpy, eudoxia and the like"
)
