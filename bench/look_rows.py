"""The row about the first look: from the last byte of a stack to a picture of it on the page of its draft."""
import os
import re
import time

import synthetic
from client import get
from house import new_house
from servers import say
from table import Row

PICTURE = re.compile(r'src="(/records/[^"]*/pictures/(look|slice)-z\.jpg[^"]*)"')
WAIT_SECONDS_MAX = 300
PIECE_BYTES = 64 << 20


def first_look(program, folder, sizes):
    server, api = new_house(program, os.path.join(folder, "data"), os.path.join(folder, "look.log"))
    edge = sizes.look_edge
    with server:
        for what, send in (("a stack of TIFF slices", send_slices), ("one NRRD file", send_one_file)):
            whole = sizes.look_depth * edge * edge * 2
            row = Row(f"From the last byte of {whole >> 20} MiB, {what}, to a picture on the draft's page", "s", 10, at_most=True)
            later = []
            for turn in range(sizes.rounds):
                record = api.draft("tomography-materials", synthetic.dataset(f"A first look, round {turn}"))
                began = time.monotonic()
                send(api, record, sizes, folder)
                arrived = time.monotonic()
                picture = waited_for(server, api, record, "look|slice", f"of {sizes.look_depth} slices")
                seconds = time.monotonic() - arrived
                waited_for(server, api, record, "slice", "")
                later.append(time.monotonic() - arrived)
                row.add(seconds, None, seconds)
                say(f"  round {turn + 1}: {picture} after {seconds:.2f} s, of the volume after {later[-1]:.1f} s; it took {arrived - began:.1f} s to send")
                api.wait_for_labour(record)
                api.json("DELETE", f"/api/v1/records/{record}")
            row.remark = f"the volume's own pictures after {sorted(later)[len(later) // 2]:.1f} s"
            yield row


def waited_for(server, api, record, which, of_all):
    """Looks at the page as its owner's browser does without JavaScript, until it shows such a picture and the picture is there.
    A look that was taken before the last byte does not count: it must say that it is one of all slices."""
    end = time.monotonic() + WAIT_SECONDS_MAX
    while time.monotonic() < end:
        status, _, page = get(server.port, f"/deposit/{record}", api.authorization)
        if status != 200:
            raise RuntimeError(f"GET /deposit/{record}: {status}")
        for address, name in PICTURE.findall(page.decode()):
            if re.fullmatch(which, name) and (name == "slice" or of_all in page.decode()):
                status, headers, body = get(server.port, address.replace("&amp;", "&"), api.authorization)
                if status == 200 and body[:2] == b"\xff\xd8":
                    return name
        time.sleep(0.1)
    raise RuntimeError(f"no picture on the page within {WAIT_SECONDS_MAX} s")


def send_slices(api, record, sizes, folder):
    """Each slice in one request, one after the other, as over a single connection."""
    for number in range(sizes.look_depth):
        api.put_small(record, f"slices/slice_{number:04d}.tif", synthetic.tiff_slice(sizes.look_edge, number))


def send_one_file(api, record, sizes, folder):
    source = os.path.join(folder, "stack.nrrd")
    if not os.path.exists(source):
        with open(source, "wb") as out:
            edge = sizes.look_edge
            out.write(f"NRRD0004\ntype: uint16\ndimension: 3\nsizes: {edge} {edge} {sizes.look_depth}\nencoding: raw\nendian: little\n\n".encode())
            for number in range(sizes.look_depth):
                out.write(synthetic.tiff_slice(edge, number)[-edge * edge * 2:])
    api.put_file(record, "stack.nrrd", source, os.path.getsize(source), PIECE_BYTES)
