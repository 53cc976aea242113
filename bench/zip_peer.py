"""The peer of the ZIP row: zipstream-ng writes a stored ZIP of a folder to standard output.

It imports everything and then waits for a line on standard input, so that its start is not on the clock.
Usage: zip_peer.py FOLDER
"""
import os
import sys

from zipstream import ZIP_STORED, ZipStream

folder = sys.argv[1]
paths = sorted(os.path.join(where, name) for where, _, names in os.walk(folder) for name in names)
print("ready", file=sys.stderr, flush=True)
sys.stdin.readline()
archive = ZipStream(compress_type=ZIP_STORED, sized=True)
for path in paths:
    archive.add_path(path, os.path.relpath(path, folder))
write = sys.stdout.buffer.write
for piece in archive:
    write(piece)
sys.stdout.buffer.flush()
