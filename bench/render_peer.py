"""Frames of a volume by VTK's fixed-point ray caster, off screen; prints one JSON object: the median seconds of a frame.

Usage: render_peer.py RAW EDGE PICTURE.png ASKED       ASKED is JSON: opacity, colour, camera, frames
"""
import json
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
    eye, middle, up, angle = asked["camera"]
    camera = renderer.GetActiveCamera()
    # The middle of our first voxel is at one half, of theirs at nought.
    camera.SetPosition(*(part - 0.5 for part in eye))
    camera.SetFocalPoint(*(part - 0.5 for part in middle))
    camera.SetViewUp(*up)
    camera.SetViewAngle(angle)
    taken = []
    for number in range(asked["frames"] + 1):
        renderer.ResetCameraClippingRange()
        begun = time.perf_counter()
        window.Render()
        grab = vtk.vtkWindowToImageFilter()
        grab.SetInput(window)
        grab.ReadFrontBufferOff()
        grab.Update()
        taken.append(time.perf_counter() - begun)
        if number == 0:
            writer = vtk.vtkPNGWriter()
            writer.SetFileName(picture)
            writer.SetInputData(grab.GetOutput())
            writer.Write()
        camera.Azimuth(360 / asked["frames"])
    # The first one also makes what is needed for all.
    print(json.dumps({"frame": statistics.median(taken[1:])}))


if __name__ == "__main__":
    main()
