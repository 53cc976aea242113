"""Frames of a volume by VTK's fixed-point ray caster, off screen; prints one JSON object: the median seconds of a frame.

Usage: render_peer.py RAW EDGE PICTURE.png ASKED       ASKED is JSON: opacity, colour, still, turning, frames

`still` and `turning` are places to look from: eye, middle, upward direction, height of the picture in degrees. The picture is taken from
the first; the frames are timed on a turntable that begins at the other.
"""
import json
import math
import os
import statistics
import sys
import time

import numpy as np
import vtk
from vtk.util import numpy_support


def main():
    raw, edge, picture, asked = sys.argv[1], int(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])
    vtk.vtkMultiThreader.SetGlobalDefaultNumberOfThreads(os.cpu_count())
    voxels = np.fromfile(raw, np.uint16)
    image = vtk.vtkImageData()
    image.SetDimensions(edge, edge, edge)
    image.GetPointData().SetScalars(numpy_support.numpy_to_vtk(voxels, deep=False, array_type=vtk.VTK_UNSIGNED_SHORT))
    mapper = vtk.vtkFixedPointVolumeRayCastMapper()
    mapper.SetInputData(image)
    mapper.SetAutoAdjustSampleDistances(0)
    mapper.SetSampleDistance(1.0)
    mapper.SetImageSampleDistance(1.0)
    mapper.SetNumberOfThreads(os.cpu_count())
    opacity, colour = vtk.vtkPiecewiseFunction(), vtk.vtkColorTransferFunction()
    for value, part in asked["opacity"]:
        opacity.AddPoint(value, part)
    for value, channels in asked["colour"]:
        colour.AddRGBPoint(value, *channels)
    look = vtk.vtkVolumeProperty()
    look.SetScalarOpacity(opacity)
    look.SetColor(colour)
    look.SetInterpolationTypeToLinear()
    look.ShadeOn()
    body = vtk.vtkVolume()
    body.SetMapper(mapper)
    body.SetProperty(look)
    renderer = vtk.vtkRenderer()
    renderer.AddVolume(body)
    window = vtk.vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetSize(1280, 720)
    window.AddRenderer(renderer)
    grab(window, renderer, asked["still"], 0.0, picture)
    frames = asked["frames"]
    taken = [grab(window, renderer, asked["turning"], 360.0 * number / frames, None) for number in range(frames)]
    # What is needed for all of them was made with the picture.
    print(json.dumps({"frame": statistics.median(taken)}))


def turned(place, degrees):
    """Around the z axis."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [c * place[0] - s * place[1], s * place[0] + c * place[1], place[2]]


def grab(window, renderer, looked_from, degrees, path):
    """One frame from a place that has gone around its middle; gives the seconds until its pixels are in memory."""
    eye, middle, up, angle = looked_from
    way = turned([a - b for a, b in zip(eye, middle)], degrees)
    camera = renderer.GetActiveCamera()
    # The middle of our first voxel is at one half, of theirs at nought.
    camera.SetFocalPoint(*(part - 0.5 for part in middle))
    camera.SetPosition(*(part + far - 0.5 for part, far in zip(middle, way)))
    camera.SetViewUp(*turned(up, degrees))
    camera.SetViewAngle(angle)
    renderer.ResetCameraClippingRange()
    begun = time.perf_counter()
    window.Render()
    pixels = vtk.vtkWindowToImageFilter()
    pixels.SetInput(window)
    pixels.ReadFrontBufferOff()
    pixels.Update()
    seconds = time.perf_counter() - begun
    if path:
        writer = vtk.vtkPNGWriter()
        writer.SetFileName(path)
        writer.SetInputData(pixels.GetOutput())
        writer.Write()
    return seconds


if __name__ == "__main__":
    main()
