"""Functions that jq defines in its own language. Those that must be fast, or cannot be said in it, are programs of ours."""

from collections.abc import Mapping

Entry = tuple[tuple[str, ...], str]


def _read(line: str) -> tuple[str, Entry]:
    head, _, body = line.partition(": ")
    name, _, parameters = head.rstrip(")").partition("(")
    names = tuple(parameters.split("; ")) if parameters else ()
    return f"{name}/{len(names)}", (names, body)


_LINES = r"""
values: select(. != null)
nulls: select(. == null)
booleans: select(type == "boolean")
numbers: select(type == "number")
strings: select(type == "string")
arrays: select(type == "array")
objects: select(type == "object")
iterables: select(type == "array" or type == "object")
scalars: select(type != "array" and type != "object")
map(f): [.[] | f]
map_values(f): .[] |= f
recurse(f; cond): def r: ., (f | select(cond) | r); r
recurse_down: recurse
to_entries: [keys_unsorted[] as $k | {key: $k, value: .[$k]}]
from_entries: reduce .[] as $x ({}; . + {($x | if type == "object" then (if has("key") then .key elif has("k") then .k elif has("name") then .name elif has("Name") then .Name elif has("Key") then .Key elif has("K") then .K else null end) else . end | if type == "string" then . elif type == "null" then "null" else tojson end): ($x | if type == "object" then (if has("value") then .value elif has("v") then .v elif has("Value") then .Value elif has("V") then .V else null end) else null end)})
with_entries(f): to_entries | map(f) | from_entries
walk(f): def w: if type == "object" then map_values(w) elif type == "array" then map(w) else . end | f; w
paths: path(..) | select(length > 0)
paths(node_filter): . as $dot | paths | select(. as $p | $dot | getpath($p) | node_filter)
leaf_paths: paths(scalars)
pick(pathexps): . as $top | reduce path(pathexps) as $p (null; setpath($p; $top | getpath($p)))
del(f): delpaths([path(f)])
toarray: if type == "array" then . else [.] end
add(f): reduce f as $x (null; . + $x)
any: any(.[]; .)
all: all(.[]; .)
any(f): any(.[]; f)
all(f): all(.[]; f)
any(generator; condition): isempty(first(generator | condition | select(.))) | not
all(generator; condition): isempty(first(generator | condition | select(. | not)))
isvalid(f): try (f | true) catch false
in($x): . as $k | $x | has($k)
inside($x): . as $y | $x | contains($y)
index($i): indices($i) | .[0]
rindex($i): indices($i) | .[-1:][0]
join($x): reduce .[] as $i (null; (if . == null then "" else . + $x end) + ($i | if . == null then "" elif type == "string" then . else tojson end)) // ""
combinations: if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $w | [$x] + $w end
combinations($n): . as $dot | [range($n)] | map($dot) | combinations
nth($n): .[$n]
nth($n; f): last(limit($n + 1; f))
first: .[0]
last: .[-1]
IN(s): any(s == .; .)
IN(src; s): any(src == s; .)
INDEX(stream; idx_expr): reduce stream as $row ({}; .[$row | idx_expr | tostring] |= $row)
INDEX(idx_expr): INDEX(.[]; idx_expr)
ascii: [.] | implode
todate: strftime("%Y-%m-%dT%H:%M:%SZ")
fromdateiso8601: strptime("%Y-%m-%dT%H:%M:%SZ") | mktime
todateiso8601: strftime("%Y-%m-%dT%H:%M:%SZ")
fromdate: fromdateiso8601
date: todate
dateadd(u; n): . + n
datesub(u; n): . - n
test($re): test($re; null)
match($re): match($re; null)
capture($re): capture($re; null)
capture($re; $flags): match($re; $flags) | [.captures[] | select(.name != null) | {(.name): .string}] | add // {}
scan($re): scan($re; null)
scan($re; $flags): match($re; "g" + ($flags // "")) | if (.captures | length) > 0 then [.captures[].string] else .string end
splits($re): splits($re; null)
splits($re; $flags): split($re; $flags) | .[]
sub($re; str): sub($re; str; "")
gsub($re; str): sub($re; str; "g")
gsub($re; str; $flags): sub($re; str; $flags + "g")
finites: select(isinfinite or isnan | not)
normals: select(isnormal)
tostream: path(def r: (.[]? | r), .; r) as $p | getpath($p) | reduce path(.[]?) as $q ([$p, .]; [$p + $q])
truncate_stream(stream): . as $n | null | stream | . as $input | if (.[0] | length) > $n then setpath([0]; .[0][$n:]) else empty end
fromstream(f): {x: null, e: false} as $init | foreach f as $i ($init; if .e then $init else . end | if $i | length == 2 then setpath(["e"]; $i[0] | length == 0) | setpath(["x"] + $i[0]; $i[1]) else setpath(["e"]; $i[0] | length == 1) end; if .e then .x else empty end)
"""
LIBRARY: Mapping[str, Entry] = dict(_read(line) for line in _LINES.strip().splitlines())
