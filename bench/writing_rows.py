"""The rows about writing and about memory."""
import os
import time

import synthetic
from client import Connection, download_seconds, sha256_of, tus_append
from house import new_house
from servers import MemoryWatch, say, tus_server
from table import ProcessorTime, Row, interleave, more_is_better

PIECE_BYTES = 64 << 20


def upload(house, sizes):
    """One file in PATCH requests of 64 MiB. Ours sums every byte and syncs before each acknowledgement, the peer does neither."""
    server, api = house.open()
    source = synthetic.random_file(os.path.join(house.folder, "upload.bin"), sizes.large_bytes)
    expected = sha256_of(source)
    folder = os.path.join(house.folder, "tus")
    cpu = ProcessorTime()
    with tus_server(folder, os.path.join(house.folder, "tus.log")) as peer:

        def ours():
            record = api.draft("tomography-materials", synthetic.dataset("An upload"))
            os.sync()
            begun = time.monotonic()
            with cpu.of(server):
                api.put_file(record, "upload.bin", source, sizes.large_bytes, PIECE_BYTES)
                seconds = time.monotonic() - begun
            kept = api.json("GET", f"/api/v1/records/{record}/files/upload.bin")
            if kept["sha256"] != expected:
                raise RuntimeError(f"the server's checksum is {kept['sha256']}, that of the file {expected}")
            api.wait_for_labour(record)
            api.json("DELETE", f"/api/v1/records/{record}")
            return sizes.large_bytes / 1e6 / seconds

        def its():
            os.sync()
            begun = time.monotonic()
            with cpu.of(peer):
                peer_upload(peer.port, source, sizes.large_bytes)
            seconds = time.monotonic() - begun
            for name in os.listdir(folder):
                os.unlink(os.path.join(folder, name))
            return sizes.large_bytes / 1e6 / seconds

        row = Row(f"Upload of {sizes.large_bytes >> 20} MiB with checksum and durable acknowledgement, against @tus/server without either", "MB/s", 2.0)
        interleave(sizes.rounds, row, ours, its, more_is_better)
        row.remark = cpu.remark()
    os.unlink(source)
    yield row


def peer_upload(port, source, length):
    connection = Connection(port)
    status, headers, said = connection.ask("POST", "/files", {"Tus-Resumable": "1.0.0", "Upload-Length": length, "Upload-Metadata": "filename dS5iaW4="})
    if status != 201:
        raise RuntimeError(f"@tus/server: {status} {said[:300]}")
    tus_append(connection, headers["location"], source, length, PIECE_BYTES, {})
    connection.close()


def memory(program, folder, sizes):
    """Resident memory of a server of its own: at rest, and at its highest while a very long file comes and goes."""
    server, api = new_house(program, os.path.join(folder, "memory"), os.path.join(folder, "memory.log"))
    with server:
        idle = Row("Resident memory, idle", "MB", 150, at_most=True)
        time.sleep(3)
        whole, own = server.resident_bytes()
        idle.add(whole / 1e6, None, whole / 1e6)
        idle.remark = f"of its own {own / 1e6:.0f} MB, the rest are pages of files"
        yield idle
        source = synthetic.random_file(os.path.join(folder, "source.bin"), min(sizes.long_bytes, 1 << 30))
        record = api.draft("tomography-materials", synthetic.dataset("A very long file"))
        busy = Row(f"Resident memory, highest during upload and download of {sizes.long_bytes >> 30} GiB", "MB", 300, at_most=True)
        with MemoryWatch(server) as watch:
            api.put_file(record, "long.bin", source, sizes.long_bytes, PIECE_BYTES)
            say(f"  uploaded; resident {watch.whole / 1e6:.0f} MB")
            api.wait_for_labour(record)
            download_seconds(server.port, f"/records/{record}/files/long.bin", sizes.long_bytes, api.authorization)
            busy.add(watch.whole / 1e6, None, watch.whole / 1e6)
        busy.remark = f"of its own {watch.own / 1e6:.0f} MB"
        os.unlink(source)
        yield busy
