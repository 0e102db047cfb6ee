# mypy: ignore-errors
"""Runs inside Blender's own Python, never imported: reads a description on stdin, writes picture.png and depth.npy.

`python draw.py FOLDER < description.json`; the description is `compositing.blender.describe.described`'s. The last line
of stdout is JSON: {"seconds", "blender"}. Cycles on the CPU with a fixed seed and no time limit: the same depth every
time, and the same picture but for single levels of some pixels, which Cycles leaves to chance whatever the threads.
"""

import json
import math
import sys
import time
from pathlib import Path

import bpy
import mathutils
import numpy as np

METER_WIDE = 54  # pixels of the small picture that the exposure is measured on


def material(thing, made={}):  # noqa: B006  (kept over calls on purpose)
    key = json.dumps([thing.get(name) for name in ("colour", "rough", "emit", "metal", "windows")])
    if key in made:
        return made[key]
    own = made[key] = bpy.data.materials.new(f"material {len(made):04}")
    own.use_nodes = True
    nodes, links = own.node_tree.nodes, own.node_tree.links
    shader = nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*thing["colour"], 1)
    shader.inputs["Roughness"].default_value = thing["rough"]
    shader.inputs["Metallic"].default_value = thing.get("metal", 0)
    if thing.get("emit"):
        shader.inputs["Emission Color"].default_value = (*thing["colour"], 1)
        shader.inputs["Emission Strength"].default_value = thing["emit"]
    if thing.get("windows"):
        _windows(thing["windows"], nodes, links, shader)
    return own


def _windows(told, nodes, links, shader):
    """Windows 2 m x 3.2 m over the whole box; noise says which are lit."""
    place = nodes.new("ShaderNodeAttribute")
    place.attribute_name = "own"
    scaled = nodes.new("ShaderNodeVectorMath")
    scaled.operation = "DIVIDE"
    scaled.inputs[1].default_value = (2.0, 2.0, 3.2)
    links.new(place.outputs["Vector"], scaled.inputs[0])
    floor = nodes.new("ShaderNodeVectorMath")
    floor.operation = "FLOOR"
    links.new(scaled.outputs[0], floor.inputs[0])
    moved = nodes.new("ShaderNodeVectorMath")
    moved.inputs[1].default_value = (told["seed"] * 17.0, 0.5, 0.5)
    links.new(floor.outputs[0], moved.inputs[0])
    noise = nodes.new("ShaderNodeTexWhiteNoise")
    links.new(moved.outputs[0], noise.inputs["Vector"])
    lit = nodes.new("ShaderNodeMath")
    lit.operation = "LESS_THAN"
    lit.inputs[1].default_value = told["share"]
    links.new(noise.outputs["Value"], lit.inputs[0])
    inside = nodes.new("ShaderNodeVectorMath")
    inside.operation = "FRACTION"
    links.new(scaled.outputs[0], inside.inputs[0])
    apart = nodes.new("ShaderNodeSeparateXYZ")
    links.new(inside.outputs[0], apart.inputs[0])
    strength = lit.outputs[0]
    for axis, edge in (("X", 0.22), ("Y", 0.22), ("Z", 0.3)):
        pane = nodes.new("ShaderNodeMath")
        pane.operation = "GREATER_THAN"
        pane.inputs[1].default_value = edge
        links.new(apart.outputs[axis], pane.inputs[0])
        both = nodes.new("ShaderNodeMath")
        both.operation = "MULTIPLY"
        links.new(strength, both.inputs[0])
        links.new(pane.outputs[0], both.inputs[1])
        strength = both.outputs[0]
    # No two windows are equally bright: the same noise, from what is lit spread over 0.1 to 2.
    own = nodes.new("ShaderNodeMapRange")
    own.inputs["From Max"].default_value = told["share"]
    own.inputs["To Min"].default_value, own.inputs["To Max"].default_value = 0.1, 2.0 * told["strength"]
    links.new(noise.outputs["Value"], own.inputs["Value"])
    full = nodes.new("ShaderNodeMath")
    full.operation = "MULTIPLY"
    links.new(own.outputs["Result"], full.inputs[1])
    links.new(strength, full.inputs[0])
    shader.inputs["Emission Color"].default_value = (*told["colour"], 1)
    links.new(full.outputs[0], shader.inputs["Emission Strength"])


def _mesh(shape, made={}):  # noqa: B006  (kept over calls on purpose)
    """A shape 1 m wide about the origin."""
    if shape in made:
        return made[shape]
    add = bpy.ops.mesh
    if shape == "box":
        add.primitive_cube_add(size=1)
    elif shape == "column":
        add.primitive_cylinder_add(vertices=32, radius=0.5, depth=1)
    else:
        add.primitive_uv_sphere_add(segments=32, ring_count=16, radius=0.5)
    thing = bpy.context.object
    mesh = thing.data
    if shape != "box":
        for face in mesh.polygons:
            face.use_smooth = shape == "ball" or abs(face.normal.z) < 0.5
    bpy.data.objects.remove(thing)
    made[shape] = mesh
    return mesh


def whole(things):
    """One mesh of all things. One, so that nothing hangs on the order in which Blender meets objects, which is not the
    same every time. Its attribute `own` keeps each corner's place in its own thing, in metres, for windows."""
    corners, faces, slots, smooth, own, materials = [], [], [], [], [], []
    for thing in things:
        mesh, place = _mesh(thing["shape"]), mathutils.Matrix.Rotation(math.radians(thing.get("turn", 0)), 4, "Z")
        kind, first = material(thing), len(corners)
        if kind not in materials:
            materials.append(kind)
        for corner in mesh.vertices:
            local = mathutils.Vector([a * b for a, b in zip(corner.co, thing["size"], strict=True)])
            own.extend(local)
            corners.append(place @ local + mathutils.Vector(thing["at"]))
        for face in mesh.polygons:
            faces.append([first + number for number in face.vertices])
            slots.append(materials.index(kind))
            smooth.append(face.use_smooth)
    made = bpy.data.meshes.new("things")
    made.from_pydata(corners, [], faces)
    for kind in materials:
        made.materials.append(kind)
    made.polygons.foreach_set("material_index", slots)
    made.polygons.foreach_set("use_smooth", smooth)
    made.attributes.new("own", "FLOAT_VECTOR", "POINT").data.foreach_set("vector", own)
    made.update()
    return made


def build(told):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.collection.objects.link(bpy.data.objects.new("things", whole(told["things"])))
    for lamp in told["lamps"]:
        data = bpy.data.lights.new("lamp", "AREA")
        data.shape, data.size, data.energy, data.color = "DISK", lamp["wide"], lamp["watts"], lamp["colour"]
        _aimed(scene, data, lamp["at"], mathutils.Vector(lamp["to"]) - mathutils.Vector(lamp["at"]))
    sun = bpy.data.lights.new("sun", "SUN")
    sun.energy, sun.color, sun.angle = told["sun"]["strength"], told["sun"]["colour"], math.radians(1.0)
    _aimed(scene, sun, (0, 0, 50), -mathutils.Vector(told["sun"]["to"]))
    world = bpy.data.worlds.new("sky")
    world.use_nodes = True
    ground = world.node_tree.nodes["Background"]
    ground.inputs[0].default_value = (*told["sky"]["colour"], 1)
    ground.inputs[1].default_value = told["sky"]["strength"]
    scene.world = world
    own = told["camera"]
    camera = bpy.data.cameras.new("camera")
    camera.sensor_fit, camera.sensor_height, camera.lens = "VERTICAL", own["film"], own["lens"]
    camera.shift_y, camera.clip_end = own["shift"], 5000
    camera.dof.use_dof, camera.dof.focus_distance = bool(own["stop"]), own["focus"]
    camera.dof.aperture_fstop = own["stop"] or 22
    held = bpy.data.objects.new("camera", camera)
    held.location, held.rotation_euler = (0, 0, own["height"]), (math.radians(90), 0, -math.radians(own["turn"]))
    scene.collection.objects.link(held)
    scene.camera = held
    return scene, camera


def _aimed(scene, data, at, way):
    own = bpy.data.objects.new("light", data)
    own.location = at
    own.rotation_euler = way.to_track_quat("-Z", "Y").to_euler()
    scene.collection.objects.link(own)


def pixels(scene, path):
    """(H, W, C) float32 of a render, linear, top row first."""
    settings = scene.render.image_settings
    settings.file_format, settings.color_depth, settings.color_mode = "OPEN_EXR", "32", "RGB"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    wide, tall = image.size
    found = np.empty(wide * tall * 4, np.float32)
    image.pixels.foreach_get(found)
    bpy.data.images.remove(image)
    path.unlink()
    return found.reshape(tall, wide, 4)[::-1]


def main():
    folder, told = Path(sys.argv[1]), json.load(sys.stdin)
    began = time.process_time()
    scene, camera = build(told)
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device, cycles.seed, cycles.use_adaptive_sampling = "CPU", told["seed"], False
    cycles.use_light_tree = False  # its choices differ from time to time
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 6, 4, 3
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 4.0
    scene.render.resolution_percentage = 100
    scene.render.use_persistent_data = False
    # The exposure, by a small picture without focus: its geometric mean is brought to the level that was asked for.
    small = METER_WIDE, max(8, round(METER_WIDE * told["height"] / told["width"]))
    scene.render.resolution_x, scene.render.resolution_y = small
    cycles.samples, cycles.use_denoising = 32, False
    light = pixels(scene, folder / "meter.exr")[..., :3] @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    mean = float(np.exp(np.log(np.clip(light, 1e-3, 20)).mean()))
    scene.render.resolution_x, scene.render.resolution_y = told["width"], told["height"]
    # Depth first: one look through every pixel, nothing out of focus.
    focus = camera.dof.use_dof
    camera.dof.use_dof, cycles.samples, cycles.max_bounces = False, 1, 0
    scene.view_layers[0].use_pass_z = True
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()
    layers, out = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new("CompositorNodeComposite")
    tree.links.new(layers.outputs["Depth"], out.inputs["Image"])
    depth = pixels(scene, folder / "depth.exr")[..., 0]
    np.save(folder / "depth.npy", np.ascontiguousarray(np.where(depth > 4e3, np.float32(1e9), depth), np.float32))
    scene.use_nodes = False
    camera.dof.use_dof, cycles.max_bounces = focus, 6
    cycles.samples, cycles.use_denoising = told["samples"], told["denoise"]
    cycles.denoiser = "OPENIMAGEDENOISE"
    # In eighths of a stop: what little the small picture differs from time to time shall not shift this one.
    exposure = round(8 * math.log2(told["level"] / mean)) / 8
    view = scene.view_settings
    view.view_transform, view.look, view.exposure = "AgX", "AgX - Medium High Contrast", exposure
    settings = scene.render.image_settings
    settings.file_format, settings.color_depth, settings.color_mode = "PNG", "8", "RGB"
    scene.render.filepath = str(folder / "picture.png")
    bpy.ops.render.render(write_still=True)
    print(json.dumps({"seconds": round(time.process_time() - began, 2), "blender": bpy.app.version_string}), flush=True)


main()
