"""Make 3D models: a coloured cube, as a binary glTF file.

The format is a header and two chunks, so no library is worth its weight here.
"""

import json
import struct
from itertools import product

_JSON, _BINARY = 0x4E4F534A, 0x004E4942
_FACES = (
    *(0, 1, 3, 0, 3, 2, 4, 6, 7, 4, 7, 5),
    *(0, 4, 5, 0, 5, 1, 2, 3, 7, 2, 7, 6),
    *(0, 2, 6, 0, 6, 4, 1, 5, 7, 1, 7, 3),
)


def solid(digest: bytes) -> bytes:
    """Make a cube with sides of one metre.

    Returns:
        A GLB file.
    """
    points = b"".join(struct.pack("<3f", *corner) for corner in product((-0.5, 0.5), repeat=3))
    faces = struct.pack(f"<{len(_FACES)}H", *_FACES)
    colour = [0.2 + 0.7 * each / 255 for each in digest[:3]]
    material = {"baseColorFactor": [*colour, 1.0], "metallicFactor": 0.1}
    document = {
        "asset": {"version": "2.0", "generator": "get3w-emulator"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "materials": [{"pbrMetallicRoughness": material, "doubleSided": True}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "material": 0}]}],
        "buffers": [{"byteLength": len(points) + len(faces)}],
        "bufferViews": [
            {"buffer": 0, "byteLength": len(points), "target": 34962},
            {
                "buffer": 0,
                "byteOffset": len(points),
                "byteLength": len(faces),
                "target": 34963,
            },
        ],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": 5126,
                "count": 8,
                "type": "VEC3",
                "min": [-0.5] * 3,
                "max": [0.5] * 3,
            },
            {"bufferView": 1, "componentType": 5123, "count": len(_FACES), "type": "SCALAR"},
        ],
    }
    text = json.dumps(document, separators=(",", ":")).encode("ascii")
    chunks = _chunk(_JSON, text, b" ") + _chunk(_BINARY, points + faces, b"\0")
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def _chunk(kind: int, content: bytes, filler: bytes) -> bytes:
    content += filler * (-len(content) % 4)
    return struct.pack("<II", len(content), kind) + content
