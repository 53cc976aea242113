"""One step by a peer of the surface rows; prints one JSON object: seconds of the step alone, triangles, highest memory.

Usage: mesh_peer.py vtk RAW EDGE LEVEL STL | skimage RAW EDGE LEVEL STL | meshoptimizer PLY WANTED OUT.ply
       | fast-simplification PLY WANTED OUT.ply | deviation WHOLE.ply LESS.ply
"""
import json
import os
import resource
import sys
import time

import numpy as np

VERTEX = np.dtype([("place", "<f4", 3), ("colour", "u1", 3)])
FACE = np.dtype([("count", "u1"), ("corners", "<u4", 3)])


def read_ply(path):
    """As `science3d mesh` writes it."""
    data = open(path, "rb").read()
    head, body = data[: data.index(b"end_header\n")], data[data.index(b"end_header\n") + 11 :]
    counts = [int(line.split()[2]) for line in head.splitlines() if line.startswith(b"element")]
    vertices = np.frombuffer(body, VERTEX, counts[0])["place"] * np.float32(1000)
    faces = np.frombuffer(body, FACE, counts[1], counts[0] * VERTEX.itemsize)["corners"]
    return np.ascontiguousarray(vertices), np.ascontiguousarray(faces)


def write_ply(path, vertices, faces):
    np.savez(path + ".npz", vertices=vertices, faces=faces)


def raw_volume(path, edge):
    return np.fromfile(path, np.uint16).reshape(edge, edge, edge)


def vtk(path, edge, level, stl):
    import vtk as library
    from vtk.util import numpy_support

    library.vtkSMPTools.SetBackend("STDThread")
    library.vtkSMPTools.Initialize(os.cpu_count())
    voxels = raw_volume(path, int(edge)).ravel()
    image = library.vtkImageData()
    image.SetDimensions(*[int(edge)] * 3)
    image.GetPointData().SetScalars(numpy_support.numpy_to_vtk(voxels, deep=False, array_type=library.VTK_UNSIGNED_SHORT))
    edges = library.vtkFlyingEdges3D()
    edges.SetInputData(image)
    edges.SetValue(0, float(level))
    edges.ComputeNormalsOff()
    edges.ComputeGradientsOff()
    edges.ComputeScalarsOff()
    begun = time.perf_counter()
    edges.Update()
    seconds = time.perf_counter() - begun
    writer = library.vtkSTLWriter()
    writer.SetFileTypeToBinary()
    writer.SetFileName(stl)
    writer.SetInputData(edges.GetOutput())
    writer.Write()
    return seconds, edges.GetOutput().GetNumberOfPolys()


def skimage(path, edge, level, stl):
    from skimage.measure import marching_cubes

    voxels = raw_volume(path, int(edge))
    begun = time.perf_counter()
    vertices, faces, *_ = marching_cubes(voxels, float(level), allow_degenerate=False)
    seconds = time.perf_counter() - begun
    record = np.zeros(len(faces), [("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("rest", "<u2")])
    record["corners"] = vertices[faces]
    with open(stl, "wb") as out:
        out.write(b"\0" * 80 + np.uint32(len(faces)).tobytes())
        record.tofile(out)
    return seconds, len(faces)


def meshoptimizer(path, wanted, out):
    import meshoptimizer as library

    vertices, faces = read_ply(path)
    indices = np.ascontiguousarray(faces.ravel())
    result = np.zeros_like(indices)
    begun = time.perf_counter()
    count = library.simplify(result, indices, vertices, target_index_count=int(wanted) * 3, target_error=1e9)
    seconds = time.perf_counter() - begun
    count = count if isinstance(count, int) else int(np.asarray(count).ravel()[0])
    write_ply(out, vertices, result[:count].reshape(-1, 3))
    return seconds, count // 3


def fast_simplification(path, wanted, out):
    import fast_simplification as library

    vertices, faces = read_ply(path)
    begun = time.perf_counter()
    vertices, faces = library.simplify(vertices, faces.astype("i4"), target_reduction=1 - int(wanted) / len(faces))
    seconds = time.perf_counter() - begun
    write_ply(out, vertices, faces)
    return seconds, len(faces)


def deviation(whole, less):
    """Distances of every hundredth vertex of the whole surface to the simplified one."""
    import vtk as library
    from vtk.util import numpy_support

    kept = np.load(less + ".npz")
    points, cells, surface = library.vtkPoints(), library.vtkCellArray(), library.vtkPolyData()
    points.SetData(numpy_support.numpy_to_vtk(np.ascontiguousarray(kept["vertices"], "f4"), deep=True))
    cells.SetData(3, numpy_support.numpy_to_vtkIdTypeArray(kept["faces"].astype(np.int64).ravel(), deep=True))
    surface.SetPoints(points)
    surface.SetPolys(cells)
    locator = library.vtkStaticCellLocator()
    locator.SetDataSet(surface)
    locator.BuildLocator()
    closest, cell, sub, squared = [0.0] * 3, library.reference(0), library.reference(0), library.reference(0.0)
    found = []
    for place in read_ply(whole)[0][::100].tolist():
        locator.FindClosestPoint(place, closest, cell, sub, squared)
        found.append(float(squared))
    return {"rms": float(np.mean(found)) ** 0.5, "greatest": max(found) ** 0.5}


def main():
    name, *words = sys.argv[1:]
    if name == "deviation":
        print(json.dumps(deviation(*words)))
        return
    steps = {"vtk": vtk, "skimage": skimage, "meshoptimizer": meshoptimizer, "fast-simplification": fast_simplification}
    seconds, triangles = steps[name](*words)
    print(json.dumps({"kernel": seconds, "triangles": triangles, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


if __name__ == "__main__":
    main()
