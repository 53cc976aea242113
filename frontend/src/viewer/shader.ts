// The two faces of the volume in one program: grey slices, and a lit, ordered rendering.
//
// Neuroglancer's own volume rendering is unlit and blends without order, which shows dense
// things as fog. Its ray loop calls our `main` from front to back inside one chunk, and
// leaves `curChunkPosition`, `outputColor` and `revealage` in reach, so that we can look at
// the neighbours for a surface normal and blend in order; between chunks the weight falls so
// steeply with depth that the nearest one wins. `#define true 1` lets the preprocessor see
// which of the two programs is compiled: `VOLUME_RENDERING` is the word `true` or `false`.

/** `voxel` is the size of a voxel along x, y, z, relative to the smallest. */
export function volumeShader(voxel: [number, number, number]): string {
  const sizes = voxel.map((size) => size.toFixed(4)).join(", ");
  return `#uicontrol invlerp normalized(clamp=true)
#uicontrol float surface slider(min=0, max=1, default=0.3)
#define true 1
#define false 0
#if VOLUME_RENDERING
#undef true
#undef false
float valueAt(vec3 place) {
  curChunkPosition = place;
  return normalized(getInterpolatedDataValue());
}

vec3 ivory(float value) {
  vec3 shadow = vec3(0.62, 0.48, 0.38);
  vec3 body = vec3(0.90, 0.79, 0.66);
  vec3 light = vec3(1.00, 0.98, 0.94);
  return value < 0.5 ? mix(shadow, body, value * 2.0) : mix(body, light, value * 2.0 - 1.0);
}

void main() {
  if (revealage < 0.01) return;
  // One cheap look first: most of most volumes is empty.
  if (normalized() < surface * 0.25) return;
  vec3 here = curChunkPosition;
  float value = valueAt(here);
  float opacity = smoothstep(surface, surface + 0.4, value);
  if (opacity < 0.01) return;
  vec3 slope = vec3(valueAt(here + vec3(1, 0, 0)) - valueAt(here - vec3(1, 0, 0)),
                    valueAt(here + vec3(0, 1, 0)) - valueAt(here - vec3(0, 1, 0)),
                    valueAt(here + vec3(0, 0, 1)) - valueAt(here - vec3(0, 0, 1)));
  curChunkPosition = here;
  vec3 voxel = vec3(${sizes});
  vec2 screen = vNormalizedPosition.xy / vNormalizedPosition.w;
  vec4 near = uInvModelViewProjectionMatrix * vec4(screen, -1.0, 1.0);
  vec4 far = uInvModelViewProjectionMatrix * vec4(screen, 1.0, 1.0);
  vec4 above = uInvModelViewProjectionMatrix * vec4(screen + vec2(-0.5, 0.8), -1.0, 1.0);
  vec3 ray = normalize((far.xyz / far.w - near.xyz / near.w) * voxel);
  vec3 lamp = normalize((above.xyz / above.w - near.xyz / near.w) * voxel) * 0.55 - ray;
  vec3 normal = -slope / voxel;
  float steepness = length(normal);
  normal /= max(steepness, 1e-5);
  float diffuse = max(dot(normal, normalize(lamp)), 0.0);
  float gloss = pow(max(dot(reflect(ray, normal), normalize(lamp)), 0.0), 24.0);
  // Where nothing changes there is no surface to light: cut faces show their own grey value.
  float lit = mix(0.35 + 0.55 * value, 0.16 + 0.86 * diffuse, smoothstep(0.06, 0.40, steepness));
  vec3 colour = ivory(value) * lit + vec3(0.18 * gloss * smoothstep(0.2, 0.6, steepness));
  float alpha = clamp(opacity * uBrightnessFactor * uGain, 0.0, 1.0);
  vec3 middle = 0.5 * (uLowerClipBound + uUpperClipBound);
  float depth = 0.5 + dot((curChunkPosition + uTranslation - middle) * voxel, ray) / length((uUpperClipBound - uLowerClipBound) * voxel);
  float weight = alpha * revealage * exp2(-60.0 * depth);
  outputColor += vec4(clamp(colour, 0.0, 1.0) * weight, weight);
  revealage *= 1.0 - alpha;
}
#else
#undef true
#undef false
void main() {
  emitGrayscale(normalized());
}
#endif
`;
}

/** For a browser whose shader compiler takes no such liberties. */
export const plainShader = `#uicontrol invlerp normalized(clamp=true)
void main() {
  float value = normalized();
  if (VOLUME_RENDERING) emitRGBA(vec4(vec3(0.95, 0.88, 0.78) * value, value * value));
  else emitGrayscale(value);
}
`;
