"""Find misspelt keywords, and name the keyword that was meant.

Platforms add keywords of their own, so a word that resembles no keyword is ignored silently.
"""

import difflib
from collections.abc import Iterator
from functools import cache
from typing import Any

from get3w_codegen.jsonschema.keywords import JsonObject, Path, is_object
from get3w_codegen.jsonschema.merge import ASSERTIONS
from get3w_codegen.jsonschema.references import schemas

# What says nothing of a value, or is said in older drafts and in OpenAPI.
KEYWORDS = ASSERTIONS | frozenset(
    "$anchor $comment $defs $dynamicAnchor $dynamicRef $id $recursiveAnchor $recursiveRef $schema"
    " $vocabulary additionalItems contentEncoding contentMediaType contentSchema default"
    " definitions dependencies deprecated description discriminator example examples externalDocs"
    " format id nullable readOnly title writeOnly xml".split()
)
# Too short to be told from a word that somebody means: `note` is no misspelt `not`.
_SHORT = frozenset({"else", "id", "if", "not", "then", "xml"})
_CLOSE = 0.84

# The same in other libraries and languages; `min` of a string is its length.
_ELSEWHERE = {
    "choices": "enum",
    "defaultvalue": "default",
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "gte": "minimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "lte": "maximum",
    "max": "maximum",
    "min": "minimum",
    "options": "enum",
    "regex": "pattern",
}
_SIZES = {
    "array": {"max": "maxItems", "min": "minItems"},
    "string": {"max": "maxLength", "min": "minLength"},
}
# What says otherwise than by `properties` which names an object has.
_STRUCTURE = frozenset({"$ref", "allOf", "anyOf", "oneOf", "patternProperties", "properties"})

Mistake = tuple[Path, str, str]


def misspelt(root: JsonObject) -> Iterator[Mistake]:
    """Yield place, message and remedy of each word that stands for a keyword, or a parameter."""
    for path, node in schemas(root):
        for word in node.keys() - KEYWORDS:
            if word.startswith("x-"):
                continue
            meant = _meant(word, node.get("type"))
            if meant is None:
                yield from _beside(node, path, word)
            elif node.get(meant) != node[word]:  # else it is said twice, which harms nobody
                yield (
                    (*path, word),
                    f"{word!r} is not a keyword of JSON Schema; did you mean {meant!r}?",
                    f"Write {meant}; until then it is ignored.",
                )


def is_like_schema(value: object) -> bool:
    """Return whether *value* looks like a schema."""
    return is_object(value) and bool(ASSERTIONS & value.keys())


def _beside(node: JsonObject, path: Path, word: str) -> Iterator[Mistake]:
    """Yield a finding for each parameter described outside of `properties`."""
    properties: Any = node.get("properties")
    value = node[word]
    bare = node.get("type") == "object" and not _STRUCTURE & node.keys()
    if is_like_schema(value) and (
        bare or (isinstance(properties, dict) and word not in properties)
    ):
        yield (
            (*path, word),
            f"{word!r} stands outside 'properties', so it is not a parameter",
            "Move it into properties, or remove it.",
        )
    elif bare and value and is_object(value) and all(map(is_like_schema, value.values())):
        yield (
            (*path, word),
            f"{word!r} is not a keyword of JSON Schema, and holds what 'properties' should",
            "Write properties; until then there are no parameters.",
        )


def _meant(word: str, kind: object) -> str | None:
    plain = _plain(word)
    if isinstance(kind, str) and plain in _SIZES.get(kind, {}):
        return _SIZES[kind][plain]
    return _ELSEWHERE.get(plain) or _nearest(plain)


@cache
def _nearest(plain: str) -> str | None:
    keywords = {_plain(keyword): keyword for keyword in sorted(KEYWORDS)}
    if plain in keywords:
        return keywords[plain]
    near = [each for each in keywords if keywords[each] not in _SHORT]
    swapped = [each for each in near if sorted(each) == sorted(plain)]
    found = swapped or difflib.get_close_matches(plain, near, n=1, cutoff=_CLOSE)
    return keywords[found[0]] if found and abs(len(found[0]) - len(plain)) <= 2 else None


def _plain(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "").lstrip("$")
